namespace Florin.Platform;

/// <summary>How a part of the installation is.</summary>
/// <param name="State"><c>ok</c>, <c>warning</c> (somebody should look) or <c>failing</c>.</param>
/// <param name="Detail">One sentence; nothing secret.</param>
public sealed record HealthState(string State, string Detail)
{
    /// <summary>In order.</summary>
    public static HealthState Ok(string detail) => new("ok", detail);

    /// <summary>Somebody should look.</summary>
    public static HealthState Warning(string detail) => new("warning", detail);

    /// <summary>It does not work.</summary>
    public static HealthState Failing(string detail) => new("failing", detail);
}

/// <summary>A part whose health staff see. A module registers its own; one that throws or takes over two seconds is failing.</summary>
/// <param name="Name">A word or two.</param>
/// <param name="AskAsync">How it is.</param>
public sealed record HealthPart(string Name, Func<IServiceProvider, CancellationToken, Task<HealthState>> AskAsync);

/// <summary>A part's health, as staff see it.</summary>
/// <param name="Name">Which.</param>
/// <param name="State"><c>ok</c>, <c>warning</c> or <c>failing</c>.</param>
/// <param name="Detail">One sentence.</param>
public sealed record HealthView(string Name, string State, string Detail);

/// <summary>Asks every part, all at once.</summary>
public sealed class HealthDesk(IEnumerable<HealthPart> parts, IServiceScopeFactory scopes)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>How all parts are, by name.</summary>
    public async Task<IReadOnlyList<HealthView>> AskAsync(CancellationToken cancel) =>
        [.. (await Task.WhenAll(parts.Select(part => AskAsync(part, cancel)))).OrderBy(view => view.Name, StringComparer.Ordinal)];

    private async Task<HealthView> AskAsync(HealthPart part, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            var state = await part.AskAsync(scope.ServiceProvider, patience.Token);
            return new HealthView(part.Name, state.State, state.Detail);
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            return new HealthView(
                part.Name,
                "failing",
                fault is OperationCanceledException ? "It does not answer." : $"It cannot be asked: {fault.GetType().Name}."
            );
        }
    }
}

/// <summary>The parts that Platform knows of itself.</summary>
internal static class PlatformHealth
{
    private const long LittleDisk = 1L << 30;
    private static readonly TimeSpan LongWait = TimeSpan.FromMinutes(5);

    public static readonly IReadOnlyList<HealthPart> Parts =
    [
        new("Database", DatabaseAsync),
        new("Outbox", OutboxAsync),
        new("Jobs", JobsAsync),
        new("Disk", static (services, _) => Task.FromResult(Disk(services.GetRequiredService<Settings>()))),
    ];

    private static async Task<HealthState> DatabaseAsync(IServiceProvider services, CancellationToken cancel)
    {
        await using var command = services
            .GetRequiredService<Database>()
            .Source.CreateCommand(
                """
                select current_setting('server_version'), (select string_agg(name, ', ') from pg_settings
                    where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off')
                """
            );
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        var version = reader.GetString(0);
        return reader.IsDBNull(1)
            ? HealthState.Ok($"PostgreSQL {version}")
            : HealthState.Warning($"PostgreSQL {version} with {reader.GetString(1)} off: a power cut loses money.");
    }

    private static async Task<HealthState> OutboxAsync(IServiceProvider services, CancellationToken cancel)
    {
        var all = await services.GetRequiredService<OutboxDesk>().ConsumersAsync(cancel);
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var slow = all.FirstOrDefault(one => one.OldestAt < now - LongWait);
        return slow is not null ? HealthState.Failing($"{slow.Consumer} has not read events for minutes.")
            : all.Sum(one => one.Dead) is > 0 and var dead ? HealthState.Warning($"{dead} events were given up.")
            : all.Sum(one => one.Parked) is > 0 and var parked ? HealthState.Warning($"{parked} events wait for another try.")
            : HealthState.Ok("Everything is delivered.");
    }

    private static async Task<HealthState> JobsAsync(IServiceProvider services, CancellationToken cancel)
    {
        var jobs = await services.GetRequiredService<JobRuns>().CountAsync(cancel);
        return jobs.Failed.Count > 0 ? HealthState.Warning("failed: " + string.Join(", ", jobs.Failed.Select(job => job.Name)))
            : jobs.Overdue > 0 ? HealthState.Warning($"{jobs.Overdue} are due and nobody begins them.")
            : HealthState.Ok("None failed at its last run.");
    }

    private static HealthState Disk(Settings settings)
    {
        var free = new DriveInfo(settings.Data).AvailableFreeSpace;
        var detail = $"{free / (1 << 20)} MB are free for {settings.Data}";
        return free < LittleDisk ? HealthState.Warning(detail) : HealthState.Ok(detail);
    }
}
