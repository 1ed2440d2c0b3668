namespace Florin.Platform;

/// <summary>
/// The end of the outbox in memory, read from the database once for all readers of this process. What stands below the horizon changes no more, so that an
/// unbroken stretch of it holds everything between its ends. Who is further behind asks the database.
/// </summary>
public sealed class OutboxTail(OutboxReader reader, OutboxSignal signal) : IDisposable
{
    private const int PageRows = 500;
    private const int Kept = 1_500;
    private readonly SemaphoreSlim turn = new(1, 1); // held while the database is asked
    private readonly Lock gate = new();
    private readonly List<StoredEvent> stretch = []; // all events after begin and up to end
    private OutboxPosition begin;
    private OutboxPosition end;
    private long asked = -1; // the newest wake at which the database was asked what stands behind the end
    private bool more; // it had more than it was asked for
    private bool heldBack;

    /// <summary>The next events after a position.</summary>
    /// <param name="after">The last position seen.</param>
    /// <param name="limit">How many events to look at, those of other topics and people included.</param>
    /// <param name="wake">What was committed before this wake is there.</param>
    /// <param name="topics">Only these; null for all.</param>
    /// <param name="audience">Only what one of these people may see; null for all.</param>
    /// <param name="cancel">Stops waiting for the database.</param>
    public async Task<OutboxPage> ReadAsync(
        OutboxPosition after,
        int limit,
        OutboxWake wake,
        IReadOnlyList<string>? topics = null,
        IReadOnlySet<Guid>? audience = null,
        CancellationToken cancel = default
    )
    {
        if (Taken() is { } kept)
        {
            return kept;
        }

        if (IsBehind(after))
        {
            return await reader.ReadAsync(after, limit, topics, audience, cancel: cancel);
        }

        await turn.WaitAsync(cancel);
        try
        {
            if (Taken() is { } read)
            {
                return read; // by another meanwhile
            }

            await ExtendAsync(after, cancel);
        }
        finally
        {
            turn.Release();
        }

        return Taken() ?? await reader.ReadAsync(after, limit, topics, audience, cancel: cancel); // another began anew, or left this one behind

        OutboxPage? Taken()
        {
            if (Take(after, limit, wake) is not { } page)
            {
                return null;
            }

            return page with
            {
                Events =
                [
                    .. page.Events.Where(happened =>
                        (topics is null || topics.Contains(happened.Topic, StringComparer.Ordinal))
                        && (audience is null || happened.Audience.Any(audience.Contains))
                    ),
                ],
            };
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    // Null where the database has to be asked.
    private OutboxPage? Take(OutboxPosition after, int limit, OutboxWake wake)
    {
        lock (gate)
        {
            var isNew = asked >= wake.Number;
            if (after < begin || after > end || after == end && (more || !isNew))
            {
                return null;
            }

            var first = FirstAfter(after);
            var events = stretch.GetRange(first, Math.Min(limit, stretch.Count - first));
            var isLast = first + events.Count == stretch.Count;
            return new OutboxPage(
                events,
                isLast ? end : events[^1].Position,
                Full: !isLast || more || !isNew, // behind what is old there may be what the reader was woken for
                HeldBack: isLast && heldBack
            );
        }
    }

    private bool IsBehind(OutboxPosition after)
    {
        lock (gate)
        {
            return after < begin;
        }
    }

    private async Task ExtendAsync(OutboxPosition after, CancellationToken cancel)
    {
        OutboxPosition from;
        lock (gate)
        {
            if (after > end)
            {
                stretch.Clear();
                (begin, end, asked) = (after, after, -1);
            }

            from = end;
        }

        var wake = signal.Next; // before reading
        var page = await reader.ReadAsync(from, PageRows, cancel: cancel);
        lock (gate)
        {
            stretch.AddRange(page.Events);
            (end, asked, more, heldBack) = (page.Last, wake.Number, page.Full, page.HeldBack);
            if (stretch.Count > Kept)
            {
                begin = stretch[^(Kept + 1)].Position;
                stretch.RemoveRange(0, stretch.Count - Kept);
            }
        }
    }

    private int FirstAfter(OutboxPosition after)
    {
        var (low, high) = (0, stretch.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = stretch[middle].Position > after ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}
