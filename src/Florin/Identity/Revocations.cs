using System.Collections.Concurrent;
using Florin.Platform;
using Npgsql;

namespace Florin.Identity;

/// <summary>
/// The sessions that were revoked while access tokens of theirs may still live, known to every server within half a second (T1), so that no
/// request has to ask the database.
/// </summary>
public sealed partial class Revocations(Database database, TimeProvider clock, ILogger<Revocations> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(400);

    // Longer than any access token lives, and clocks of servers differ.
    private static readonly TimeSpan Remembered = AccessTokens.Lifetime + TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> revoked = new();
    private string? oldestRunning;
    private DateTimeOffset tidiedAt;

    /// <summary>Whether the session was revoked.</summary>
    public bool Contains(Guid session) => revoked.ContainsKey(session);

    /// <summary>Makes a revocation known here at once, before the next reading. Call it after the revoking transaction.</summary>
    internal void Add(IEnumerable<Guid> sessions)
    {
        foreach (var session in sessions)
        {
            revoked[session] = clock.GetUtcNow();
        }
    }

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken); // no request is served before the set is whole
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await ReadAsync(stoppingToken);
                Tidy();
            }
            catch (NpgsqlException e) when (!stoppingToken.IsCancellationRequested)
            {
                LogMissed(e); // nothing can be revoked either while the database is away
            }
        }
    }

    // Each reading begins at the oldest transaction that was running at the last one, so that none is missed whatever clocks say.
    private async Task ReadAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            oldestRunning is null
                ? """
                select pg_snapshot_xmin(pg_current_snapshot())::text, s.id, s.revoked_at
                from (values (1)) one left join identity.sessions s on s.revoked_in is not null and s.revoked_at > $1
                """
                : """
                select pg_snapshot_xmin(pg_current_snapshot())::text, s.id, s.revoked_at
                from (values (1)) one left join identity.sessions s on s.revoked_in >= $2::text::xid8 and s.revoked_at > $1
                """
        );
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (clock.GetUtcNow() - Remembered).UtcDateTime });
        if (oldestRunning is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = oldestRunning });
        }

        await using var reader = await command.ExecuteReaderAsync(cancel);
        string? next = null;
        while (await reader.ReadAsync(cancel))
        {
            next = reader.GetString(0);
            if (!await reader.IsDBNullAsync(1, cancel))
            {
                revoked[reader.GetGuid(1)] = reader.GetFieldValue<DateTimeOffset>(2);
            }
        }

        oldestRunning = next;
    }

    private void Tidy()
    {
        var now = clock.GetUtcNow();
        if (now - tidiedAt < TimeSpan.FromMinutes(1))
        {
            return;
        }

        tidiedAt = now;
        foreach (var (session, at) in revoked)
        {
            if (at < now - Remembered)
            {
                revoked.TryRemove(session, out _);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "revoked sessions could not be read; trying again")]
    private partial void LogMissed(Exception exception);
}
