namespace Florin.Platform;

/// <summary>
/// Work that is done once over all servers for each event of some topics: sending mail, webhooks. A module registers its own as a singleton.
/// Delivery is at least once and in order per aggregate; an event that fails is retried for about three days, and later events of its
/// aggregate wait behind it.
/// </summary>
/// <param name="Name"><c>module.noun</c>, unique; its place in the outbox is kept under it.</param>
/// <param name="Topics">What it is told of.</param>
/// <param name="FromBeginning">Where it starts when it is new: at the oldest event kept, or at those that come from now on.</param>
/// <param name="HandleAsync">Does it, within 45 seconds and safe to repeat. What it throws makes the event fail.</param>
public sealed record OutboxConsumer(
    string Name,
    IReadOnlyList<string> Topics,
    bool FromBeginning,
    Func<IServiceProvider, StoredEvent, CancellationToken, Task> HandleAsync
)
{
    /// <summary>How many aggregates are worked for at once, so that a slow one delays few others. 1 keeps the order over all aggregates too.</summary>
    public int Parallel { get; init; } = 1;

    /// <summary>
    /// Asked once for each page of events: for which of them there is anything to do. For topics that come by the thousand and mostly concern nobody;
    /// all where null. It decides by what holds now, and an event that it leaves out does not come back.
    /// </summary>
    public Func<IServiceProvider, IReadOnlyList<StoredEvent>, CancellationToken, Task<IReadOnlyList<StoredEvent>>>? WantedAsync { get; init; }

    /// <summary>
    /// Does what <see cref="HandleAsync"/> does for all events of a page at once, within 45 seconds and all or nothing. When it throws, or something of an
    /// earlier event waits, they are handled one by one. For consumers to which a commit for each event would cost too much; null for none.
    /// </summary>
    public Func<IServiceProvider, IReadOnlyList<StoredEvent>, CancellationToken, Task>? HandlePageAsync { get; init; }

    /// <summary>
    /// After each page it rests so many times as long as the page took, at most a second: it may lag behind when there is much to do, and must not take the
    /// database from paying. 0 where others wait for what it does.
    /// </summary>
    public int Rest { get; init; }

    /// <summary>Tries before an event is given up as dead. With the pauses between them, 24 are about three days.</summary>
    public int Attempts { get; init; } = 24;

    /// <summary>The pause before the next try: 5 s, doubled each time up to 6 h, a quarter more or less by chance.</summary>
    /// <param name="attempts">Failed tries so far, at least 1.</param>
    internal static TimeSpan Pause(int attempts)
    {
        var seconds = Math.Min(5L << Math.Min(attempts - 1, 30), 6 * 3600);
        var chance = System.Security.Cryptography.RandomNumberGenerator.GetInt32(750, 1251);
        return TimeSpan.FromMilliseconds(seconds * chance);
    }
}
