using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;

namespace Florin.Platform;

/// <summary>One process's work for one consumer: new events under the cursor's lease, and tries of events that failed before.</summary>
internal sealed partial class OutboxWorker(
    OutboxConsumer consumer,
    OutboxTail tail,
    OutboxCursors cursors,
    OutboxParked parked,
    OutboxSignal signal,
    IServiceProvider services,
    TimeProvider clock,
    ILogger log
)
{
    private const int PageRows = 500;
    private static readonly TimeSpan EventLimit = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetrySweep = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan KeepEvery = TimeSpan.FromMilliseconds(100);
    private static readonly Meter Meter = new("Florin.Outbox");
    private static readonly Counter<long> Delivered = Meter.CreateCounter<long>("florin.outbox.delivered", description: "Events that a consumer has handled.");
    private static readonly Counter<long> Failed = Meter.CreateCounter<long>("florin.outbox.failed", description: "Tries of an event that failed.");
    private static readonly Counter<long> Dead = Meter.CreateCounter<long>("florin.outbox.dead", description: "Events given up after their last try.");
    private static readonly TimeSpan KeepSkipped = TimeSpan.FromSeconds(1);
    private readonly Guid worker = Guid.NewGuid();
    private (OutboxPosition Cursor, OutboxPosition To) skipped; // nothing of this consumer's stands between that cursor and there
    private bool holds; // the cursor's lease, kept for the next page
    private long lastKept = clock.GetTimestamp();
    private readonly KeyValuePair<string, object?> tag = new("consumer", consumer.Name);

    internal async Task RunAsync(CancellationToken stopping)
    {
        await Task.WhenAll(
            Rounds.RunAsync(consumer.Name, DeliverRoundAsync, clock, log, stopping),
            Rounds.RunAsync(consumer.Name + " retries", RetryRoundAsync, clock, log, stopping)
        );
    }

    /// <summary>Works until there is nothing left, then waits for a wake; at most five rounds a second, since one round takes all there is.</summary>
    private async Task DeliverRoundAsync(CancellationToken cancel)
    {
        var next = signal.Next;
        var began = clock.GetTimestamp();
        try
        {
            for (var more = true; more; )
            {
                var page = clock.GetTimestamp();
                more = await DeliverPageAsync(next, cancel);
                await RestAsync(clock.GetElapsedTime(page), cancel);
            }
        }
        finally
        {
            await ReleaseAsync();
        }

        await next.Following.WaitAsync(cancel);
        var rest = Breath - clock.GetElapsedTime(began);
        if (rest > TimeSpan.Zero)
        {
            await Task.Delay(rest, clock, cancel);
        }
    }

    private Task RestAsync(TimeSpan worked, CancellationToken cancel) =>
        consumer.Rest == 0 ? Task.CompletedTask : Task.Delay(worked * consumer.Rest < LongestRest ? worked * consumer.Rest : LongestRest, clock, cancel);

    // A try that is due some seconds after a failure may come a second later: no commit needs to wake this.
    private async Task RetryRoundAsync(CancellationToken cancel)
    {
        while (await RetryAsync(cancel)) { }

        await Task.Delay(RetrySweep, clock, cancel);
    }

    private async Task<bool> DeliverPageAsync(OutboxWake wake, CancellationToken cancel)
    {
        var position = await cursors.FindAsync(consumer.Name, cancel);
        var from = position == skipped.Cursor && position < skipped.To ? skipped.To : position;
        var page = await WantedAsync(await tail.ReadAsync(from, PageRows, wake, consumer.Topics, cancel: cancel), cancel);
        if (page.HeldBack && !page.Full)
        {
            signal.WakeSoon();
        }

        if (page.Events.Count == 0 && !holds && clock.GetElapsedTime(lastKept) < KeepSkipped)
        {
            // Others' events, often thousands a second: to write down each page of them would cost more than the money that they tell of.
            skipped = (position, page.Last);
            return page.Full;
        }

        lastKept = clock.GetTimestamp();
        if (page.Last == position || await cursors.ClaimAsync(consumer.Name, worker, cancel) is not { } claimed)
        {
            return false;
        }

        holds = true;
        if (claimed != position)
        {
            return true; // another worker was here between reading and claiming
        }

        if (page.Events.Count > 0)
        {
            await DeliverAsync(page, position, cancel);
        }

        holds = await cursors.AdvanceAsync(consumer.Name, worker, page.Last, release: !page.Full, CancellationToken.None) && page.Full;
        return holds;
    }

    private async Task ReleaseAsync()
    {
        if (holds)
        {
            holds = false;
            await cursors.ReleaseAsync(consumer.Name, worker);
        }
    }

    private async Task<OutboxPage> WantedAsync(OutboxPage page, CancellationToken cancel)
    {
        if (consumer.WantedAsync is null || page.Events.Count == 0)
        {
            return page;
        }

        await using var scope = services.CreateAsyncScope();
        return page with { Events = await consumer.WantedAsync(scope.ServiceProvider, page.Events, cancel) };
    }

    private async Task DeliverAsync(OutboxPage page, OutboxPosition position, CancellationToken cancel)
    {
        var progress = new PageProgress(page, position, clock);
        try
        {
            await DeliverAsync(page.Events, progress, cancel);
        }
        catch
        {
            // The server stops, or the database failed: another may go on at once, behind what was done.
            await cursors.AdvanceAsync(consumer.Name, worker, progress.Position, release: true, CancellationToken.None);
            throw;
        }
    }

    private async Task DeliverAsync(IReadOnlyList<StoredEvent> events, PageProgress progress, CancellationToken cancel)
    {
        var blocked = await parked.BlockedAsync(consumer.Name, [.. events.Select(e => e.Aggregate).Distinct()], cancel);
        if (blocked.Count == 0 && await TryPageAsync(events, cancel))
        {
            foreach (var happened in events)
            {
                progress.Done(happened.Position);
            }

            return;
        }

        var behind = new ConcurrentDictionary<Guid, bool>(blocked.Select(aggregate => KeyValuePair.Create(aggregate, true)));
        IEnumerable<IEnumerable<StoredEvent>> lanes = consumer.Parallel == 1 ? [events] : events.GroupBy(e => e.Aggregate);
        await Parallel.ForEachAsync(
            lanes,
            new ParallelOptions { MaxDegreeOfParallelism = consumer.Parallel, CancellationToken = cancel },
            async (lane, stop) =>
            {
                foreach (var happened in lane)
                {
                    await KeepLeaseAsync(progress, stop);
                    if (behind.ContainsKey(happened.Aggregate))
                    {
                        await parked.ParkAsync(consumer.Name, happened, 0, TimeSpan.Zero, null, stop);
                    }
                    else if (await TryAsync(happened, stop) is { } fault)
                    {
                        var pause = OutboxConsumer.Pause(1);
                        await parked.ParkAsync(consumer.Name, happened, 1, pause, fault, stop);
                        behind[happened.Aggregate] = true;
                        LogFailed(consumer.Name, happened.Position, 1, fault, pause);
                    }

                    progress.Done(happened.Position);
                }
            }
        );
    }

    // What was done is kept at most ten times a second, so that a crash repeats little; the lease is renewed with it.
    private async Task KeepLeaseAsync(PageProgress progress, CancellationToken cancel)
    {
        if (progress.TakeTurn(KeepEvery) && !await cursors.AdvanceAsync(consumer.Name, worker, progress.Position, release: false, cancel))
        {
            throw new InvalidOperationException("the lease of the cursor was lost: another server went on");
        }
    }

    private async Task<bool> RetryAsync(CancellationToken cancel)
    {
        var due = await parked.ClaimAsync(consumer.Name, worker, consumer.Parallel, cancel);
        await Task.WhenAll(due.Select(retried => RetryAsync(retried, cancel)));
        return due.Count > 0;
    }

    private async Task RetryAsync(ParkedEvent retried, CancellationToken cancel)
    {
        if (await TryAsync(retried.Event, cancel) is not { } fault)
        {
            await parked.DeliveredAsync(consumer.Name, worker, retried.Event.Position, CancellationToken.None);
            return;
        }

        var attempts = retried.Attempts + 1;
        var dead = attempts >= consumer.Attempts;
        var pause = OutboxConsumer.Pause(attempts);
        await parked.FailedAsync(consumer.Name, worker, retried, pause, dead, fault, CancellationToken.None);
        if (dead)
        {
            Dead.Add(1, tag);
            LogDead(consumer.Name, retried.Event.Position, attempts, fault);
        }
        else
        {
            LogFailed(consumer.Name, retried.Event.Position, attempts, fault, pause);
        }
    }

    /// <returns>Whether all of them are handled; else it is to be tried with each.</returns>
    private async Task<bool> TryPageAsync(IReadOnlyList<StoredEvent> events, CancellationToken cancel)
    {
        if (consumer.HandlePageAsync is not { } handleAsync)
        {
            return false;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(EventLimit);
        try
        {
            await using var scope = services.CreateAsyncScope();
            await handleAsync(scope.ServiceProvider, events, limit.Token);
            Delivered.Add(events.Count, tag);
            return true;
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            LogPageFailed(consumer.Name, events.Count, fault.GetType().Name);
            return false;
        }
    }

    /// <returns>What went wrong, for the table and the log; null where nothing did.</returns>
    private async Task<string?> TryAsync(StoredEvent happened, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(EventLimit);
        try
        {
            await using var scope = services.CreateAsyncScope();
            await consumer.HandleAsync(scope.ServiceProvider, happened, limit.Token);
            Delivered.Add(1, tag);
            return null;
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            Failed.Add(1, tag);
            var text = Addresses().Replace($"{fault.GetType().Name}: {fault.Message}", "…@…");
            return text.Length > 300 ? text[..300] : text;
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Consumer} failed at event {Position}, try {Attempt}: {Fault}; next try in {Pause}")]
    private partial void LogFailed(string consumer, OutboxPosition position, int attempt, string fault, TimeSpan pause);

    [LoggerMessage(LogLevel.Warning, "{Consumer} failed at a page of {Events} events ({Fault}); they are tried one by one")]
    private partial void LogPageFailed(string consumer, int events, string fault);

    [LoggerMessage(LogLevel.Error, "{Consumer} gives up event {Position} after {Attempts} tries: {Fault}")]
    private partial void LogDead(string consumer, OutboxPosition position, int attempts, string fault);

    // Mail servers quote addresses in what they answer, and logs hold none.
    [GeneratedRegex(@"[^\s<>""]+@[^\s<>""]+", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Addresses();

    /// <summary>Which events of a page are done: the cursor may stand before the first that is not.</summary>
    private sealed class PageProgress(OutboxPage page, OutboxPosition began, TimeProvider clock)
    {
        private readonly Lock gate = new();
        private readonly HashSet<OutboxPosition> done = [];
        private OutboxPosition position = began;
        private int low;
        private long lastTurn = clock.GetTimestamp();

        public OutboxPosition Position
        {
            get
            {
                lock (gate)
                {
                    return position;
                }
            }
        }

        public void Done(OutboxPosition finished)
        {
            lock (gate)
            {
                done.Add(finished);
                while (low < page.Events.Count && done.Remove(page.Events[low].Position))
                {
                    position = page.Events[low++].Position;
                }
            }
        }

        /// <summary>Whether it is this caller's turn to keep the progress.</summary>
        public bool TakeTurn(TimeSpan every)
        {
            lock (gate)
            {
                if (clock.GetElapsedTime(lastTurn) < every)
                {
                    return false;
                }

                lastTurn = clock.GetTimestamp();
                return true;
            }
        }
    }
}
