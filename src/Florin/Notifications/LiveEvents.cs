using System.Collections.Concurrent;
using System.Collections.Immutable;
using Florin.Identity;
using Florin.Platform;
using Florin.Shops;

namespace Florin.Notifications;

/// <summary>
/// Hands new events to the streams open on this server. The outbox is read once per process and not at all while nobody listens; each server
/// does the same, so that it does not matter which one a person is connected to. A shop's events go to whoever works there at the moment when they are
/// handed out.
/// </summary>
internal sealed class LiveEvents(
    OutboxReader outbox,
    OutboxTail tail,
    OutboxSignal signal,
    ShopFront shops,
    Revocations revocations,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<LiveEvents> log
) : BackgroundService
{
    private const int StreamsPerPerson = 10;
    private const int PageRows = 1000;
    private const int PeopleNamed = 1000;
    private static readonly TimeSpan WorkplacesLife = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(20);
    private readonly ConcurrentDictionary<Guid, ImmutableArray<LiveStream>> streams = new();
    private readonly SemaphoreSlim turn = new(1, 1); // held from reading a page until all of it is handed out
    private readonly Lock gate = new();
    private OutboxPosition position;
    private HashSet<Guid> workplaces = []; // shops whose events are read for the people here; who gets them is asked when they are there
    private DateTimeOffset workplacesAt;

    /// <summary>How far this server has read. Every event up to here was offered to the streams that were open.</summary>
    internal OutboxPosition Position
    {
        get
        {
            lock (gate)
            {
                return position;
            }
        }
        private set
        {
            lock (gate)
            {
                position = value;
            }
        }
    }

    /// <summary>Whether nobody listens on this server, so that it reads nothing.</summary>
    internal bool Idle => streams.IsEmpty;

    /// <summary>Opens a stream; the oldest of the person's ten is closed for an eleventh.</summary>
    /// <returns>The position after which events are offered to it: whatever it wants from before that, it must read for itself.</returns>
    internal async Task<OutboxPosition> JoinAsync(LiveStream stream, CancellationToken cancel)
    {
        var workedIn = await shops.OfMembersAsync([stream.Person], cancel);
        await turn.WaitAsync(cancel);
        try
        {
            workplaces.UnionWith(workedIn);
            if (Idle)
            {
                Position = await outbox.EndAsync(cancel);
            }

            // The oldest makes room, not the newest: it may be what is left of a connection that was lost.
            var open = streams.GetValueOrDefault(stream.Person, []);
            if (open.Length == StreamsPerPerson)
            {
                open[0].Close(StreamEnd.TooMany);
                open = open.RemoveAt(0);
            }

            streams[stream.Person] = open.Add(stream);
            return Position;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Forgets a stream.</summary>
    internal async Task LeaveAsync(LiveStream stream)
    {
        await turn.WaitAsync(CancellationToken.None);
        try
        {
            var rest = streams.GetValueOrDefault(stream.Person, []).Remove(stream);
            if (rest.IsEmpty)
            {
                streams.TryRemove(stream.Person, out _);
            }
            else
            {
                streams[stream.Person] = rest;
            }
        }
        finally
        {
            turn.Release();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Before the web server waits for its connections to end.
        await using var stopping = lifetime.ApplicationStopping.Register(() => CloseWhere(_ => StreamEnd.Stopping));
        await Rounds.RunAsync("live events", RoundAsync, clock, log, stoppingToken);
    }

    private async Task RoundAsync(CancellationToken cancel)
    {
        var next = signal.Next;
        var begun = clock.GetTimestamp();
        CloseWhere(stream =>
            revocations.Contains(stream.Session) ? StreamEnd.SignedOut
            : clock.GetUtcNow() >= stream.ExpiresAt ? StreamEnd.TokenExpired
            : null
        );
        while (!Idle && await HandOutAsync(next, cancel)) { }

        await next.Following.WaitAsync(cancel); // at least once a second
        if (Breath - clock.GetElapsedTime(begun) is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(left, clock, cancel); // what comes after silence goes out at once, and what comes thick is gathered
        }
    }

    private async Task<bool> HandOutAsync(OutboxWake wake, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            var page = await tail.ReadAsync(Position, PageRows, wake, audience: await AudienceAsync(cancel), cancel: cancel);
            var members = await MembersAsync(page.Events, cancel);
            foreach (var happened in page.Events)
            {
                var people = happened.Audience.Concat(happened.Audience.SelectMany(shop => members[shop])).Distinct();
                LiveEvent? live = null;
                foreach (var stream in people.SelectMany(person => streams.GetValueOrDefault(person, [])))
                {
                    stream.Offer(live ??= LiveEvent.Of(happened));
                }
            }

            Position = page.Last;
            if (page.HeldBack && !page.Full)
            {
                signal.WakeSoon();
            }

            return page.Full;
        }
        finally
        {
            turn.Release();
        }
    }

    // Whose events are read: the people who are here and where they work. Of very many, the database need not hear.
    private async Task<IReadOnlySet<Guid>?> AudienceAsync(CancellationToken cancel)
    {
        if (streams.Count > PeopleNamed)
        {
            return null;
        }

        var now = clock.GetUtcNow();
        if (now - workplacesAt >= WorkplacesLife)
        {
            workplaces = [.. await shops.OfMembersAsync([.. streams.Keys], cancel)];
            workplacesAt = now;
        }

        return new HashSet<Guid>(streams.Keys.Concat(workplaces));
    }

    // Asked after the events were read, so that whoever was taken out of a shop before them gets none.
    private async Task<ILookup<Guid, Guid>> MembersAsync(IReadOnlyList<StoredEvent> events, CancellationToken cancel)
    {
        var all = streams.Count > PeopleNamed;
        var named = events.SelectMany(happened => happened.Audience).Where(one => all || workplaces.Contains(one)).ToHashSet();
        return named.Count == 0 ? NoMembers : await shops.MembersAsync(named, cancel);
    }

    private static readonly ILookup<Guid, Guid> NoMembers = Array.Empty<Guid>().ToLookup(one => one);

    private void CloseWhere(Func<LiveStream, StreamEnd?> why)
    {
        foreach (var stream in streams.Values.SelectMany(open => open))
        {
            if (why(stream) is { } end)
            {
                stream.Close(end);
            }
        }
    }

    public override void Dispose()
    {
        turn.Dispose();
        base.Dispose();
    }
}
