using Florin.Platform;
using Npgsql;

namespace Florin.Webhooks;

/// <summary>
/// Sends on every server what is due: woken by this server's fan-out and by each try that ends, and looking each second for what other servers left.
/// </summary>
internal sealed class SendDeliveries(
    DeliveryQueue queue,
    WebhookClient client,
    EndpointFailures failures,
    RetrySchedule schedule,
    DeliverySignal signal,
    TimeProvider clock,
    ILogger<SendDeliveries> log
) : BackgroundService
{
    private const int Places = 256;
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RecordPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RecordLimit = TimeSpan.FromSeconds(30);
    private readonly Lock gate = new();
    private readonly Dictionary<Guid, int> running = [];
    private readonly List<Task> tries = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var cut = new CancellationTokenSource();
        await Rounds.RunAsync("webhooks", cancel => RoundAsync(cancel, cut.Token), clock, log, stoppingToken);
        cut.CancelAfter(Grace); // what is under way may end
        await Task.WhenAll(tries).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RoundAsync(CancellationToken stopping, CancellationToken cut)
    {
        var next = signal.Next;
        var began = clock.GetTimestamp();
        await EndTriesAsync();
        Dictionary<Guid, int> now;
        lock (gate)
        {
            now = new Dictionary<Guid, int>(running);
        }

        var free = Places - now.Values.Sum();
        var due = free == 0 ? [] : await queue.ClaimAsync(now, free, stopping);
        foreach (var delivery in due)
        {
            Count(delivery.Endpoint, 1);
            tries.Add(TryAsync(delivery, cut));
        }

        if (due.Count == 0)
        {
            await next.WaitAsync(Sweep, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // Tries end one by one; to claim for several of them at once costs less.
        var rest = Breath - clock.GetElapsedTime(began);
        if (rest > TimeSpan.Zero)
        {
            await Task.Delay(rest, clock, stopping);
        }
    }

    // A try ends with a record of what became of it; one that throws has a fault of ours, which the round tells.
    private async Task EndTriesAsync()
    {
        for (var i = tries.Count - 1; i >= 0; i--)
        {
            if (tries[i].IsCompleted)
            {
                var ended = tries[i];
                tries.RemoveAt(i);
                await ended;
            }
        }
    }

    private async Task TryAsync(DueDelivery due, CancellationToken cut)
    {
        WebhooksMetrics.Running.Add(1);
        try
        {
            await SettleAsync(due, await client.SendAsync(due, cut));
        }
        catch (OperationCanceledException) when (cut.IsCancellationRequested)
        {
            await queue.ReleaseAsync(due, CancellationToken.None);
        }
        finally
        {
            WebhooksMetrics.Running.Add(-1);
            Count(due.Endpoint, -1);
            signal.Wake();
        }
    }

    private async Task SettleAsync(DueDelivery due, TryOutcome outcome)
    {
        var gone = outcome.Status == StatusCodes.Status410Gone;
        var pause = outcome.Error is null || gone ? null : schedule.PauseAfter(due.Round + 1);
        var state =
            outcome.Error is null ? DeliveryStates.Delivered
            : pause is null ? DeliveryStates.Dead
            : DeliveryStates.Pending;
        if (gone)
        {
            // Before the lane is free again: the next event of it is not sent to who is gone.
            await failures.DisableAsync(due, DisabledReasons.Gone);
        }

        await RecordAsync(due, outcome, state, clock.GetUtcNow() + pause);
        WebhooksMetrics.Tries.Add(
            1,
            new KeyValuePair<string, object?>("outcome", string.Equals(state, DeliveryStates.Pending, StringComparison.Ordinal) ? "failed" : state)
        );
        WebhooksMetrics.Duration.Record(outcome.Took.TotalSeconds);
        if (outcome.Error is null && due.Round == 0)
        {
            WebhooksMetrics.Delay.Record(Math.Max(0, (clock.GetUtcNow() - due.HappenedAt).TotalSeconds));
        }

        if (!gone && outcome.Error is not null && due.FailingSince <= clock.GetUtcNow() - RetrySchedule.Patience)
        {
            await failures.DisableAsync(due, DisabledReasons.Failing);
        }
    }

    // While the database is away, what became of the try is not forgotten for as long as nobody else may make it.
    private async Task RecordAsync(DueDelivery due, TryOutcome outcome, string state, DateTimeOffset? next)
    {
        for (var began = clock.GetTimestamp(); ; )
        {
            try
            {
                await queue.RecordAsync(due, outcome, state, next, CancellationToken.None);
                return;
            }
            catch (NpgsqlException fault) when (fault.IsTransient && clock.GetElapsedTime(began) < RecordLimit)
            {
                await Task.Delay(RecordPause, clock);
            }
        }
    }

    private void Count(Guid endpoint, int by)
    {
        lock (gate)
        {
            var count = running.GetValueOrDefault(endpoint) + by;
            if (count == 0)
            {
                running.Remove(endpoint);
            }
            else
            {
                running[endpoint] = count;
            }
        }
    }
}
