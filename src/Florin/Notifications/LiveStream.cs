using System.Text.Json;
using System.Threading.Channels;
using Florin.Platform;

namespace Florin.Notifications;

/// <summary>An event as it goes over the wire; made once and shared by all streams that it goes to.</summary>
/// <param name="Position">Its place in the outbox; its id on the wire.</param>
/// <param name="Json">One line of UTF-8 JSON: id, topic, payload, at.</param>
internal sealed record LiveEvent(OutboxPosition Position, ReadOnlyMemory<byte> Json)
{
    internal static LiveEvent Of(StoredEvent happened)
    {
        using var payload = JsonDocument.Parse(happened.Payload);
        return Of(happened.Position, happened.Topic, payload.RootElement, happened.CreatedAt);
    }

    internal static LiveEvent Of<T>(OutboxPosition position, string topic, T payload, DateTimeOffset at)
    {
        var wire = new
        {
            Id = position.ToString(),
            Topic = topic,
            Payload = payload,
            At = at,
        };
        return new LiveEvent(position, JsonSerializer.SerializeToUtf8Bytes(wire, Wire.Json));
    }
}

/// <summary>Why a stream was closed, as the client is told.</summary>
/// <param name="Code">The word for server-sent events.</param>
/// <param name="Status">The close code of a WebSocket (RFC 6455; 4000 and above are our own).</param>
internal sealed record StreamEnd(string Code, int Status)
{
    /// <summary>The session was ended or revoked.</summary>
    internal static readonly StreamEnd SignedOut = new("signed_out", 4001);

    /// <summary>The access token ended: connect again with a fresh one.</summary>
    internal static readonly StreamEnd TokenExpired = new("token_expired", 4002);

    /// <summary>The reader did not keep up: connect again from the last id.</summary>
    internal static readonly StreamEnd TooSlow = new("too_slow", 4003);

    /// <summary>The person opened more streams than one may have, and this is the oldest.</summary>
    internal static readonly StreamEnd TooMany = new("too_many_streams", 4004);

    /// <summary>The server goes away: connect again from the last id.</summary>
    internal static readonly StreamEnd Stopping = new("server_stopping", 1001);

    /// <summary>The client closed it.</summary>
    internal static readonly StreamEnd Closed = new("closed", 1000);

    /// <summary>The client said what it has no reason to say.</summary>
    internal static readonly StreamEnd Talkative = new("policy_violation", 1008);
}

/// <summary>One person's open connection: a bounded queue of events and the time of its end.</summary>
internal sealed class LiveStream(Guid person, Guid session, DateTimeOffset expiresAt) : IDisposable
{
    private const int QueueLimit = 256;

    // What is on its way when a stream is closed has this long to leave.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private readonly Channel<LiveEvent> queue = Channel.CreateBounded<LiveEvent>(new BoundedChannelOptions(QueueLimit) { SingleReader = true });
    private readonly CancellationTokenSource cut = new();
    private StreamEnd? end;

    internal Guid Person => person;

    internal Guid Session => session;

    internal DateTimeOffset ExpiresAt => expiresAt;

    /// <summary>Why it was closed; null while it is open.</summary>
    internal StreamEnd? End => Volatile.Read(ref end);

    /// <summary>Events to send; completes when the stream is closed.</summary>
    internal ChannelReader<LiveEvent> Queue => queue.Reader;

    /// <summary>Fires two seconds after the stream was closed: who does not read has no claim on our patience.</summary>
    internal CancellationToken Cut => cut.Token;

    internal void Offer(LiveEvent happened)
    {
        if (!queue.Writer.TryWrite(happened))
        {
            Close(StreamEnd.TooSlow);
        }
    }

    internal void Close(StreamEnd why)
    {
        if (Interlocked.CompareExchange(ref end, why, null) is null)
        {
            queue.Writer.TryComplete();
            cut.CancelAfter(Grace);
        }
    }

    public void Dispose() => cut.Dispose();
}
