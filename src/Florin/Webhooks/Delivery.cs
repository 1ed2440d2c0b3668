namespace Florin.Webhooks;

/// <summary>Where a delivery stands.</summary>
internal static class DeliveryStates
{
    /// <summary>It is to be sent, now or after a pause, or waits behind another of the same thing.</summary>
    public const string Pending = "pending";

    /// <summary>The endpoint answered 2xx.</summary>
    public const string Delivered = "delivered";

    /// <summary>Given up after the last try, or because the endpoint answered 410.</summary>
    public const string Dead = "dead";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All = [Pending, Delivered, Dead];
}

/// <summary>One event for one endpoint.</summary>
internal sealed class Delivery
{
    /// <summary>The prefix of public ids.</summary>
    public const string Prefix = "msg";

    /// <summary>To which endpoint.</summary>
    public Guid EndpointId { get; private set; }

    /// <summary>UUIDv7, the same for all endpoints that are told of one event.</summary>
    public Guid Id { get; private set; }

    /// <summary>The order within an aggregate.</summary>
    public long Seq { get; private set; }

    /// <summary>The outbox row.</summary>
    public long EventId { get; private set; }

    /// <summary>The event's position, as live events show it.</summary>
    public string Event { get; private set; } = "";

    /// <summary>What happened.</summary>
    public string Topic { get; private set; } = "";

    /// <summary>To which thing.</summary>
    public Guid Aggregate { get; private set; }

    /// <summary>As it is signed and sent.</summary>
    public string Body { get; private set; } = "";

    /// <summary>When it happened.</summary>
    public DateTimeOffset HappenedAt { get; private set; }

    /// <summary>One of <see cref="DeliveryStates"/>.</summary>
    public string State { get; private set; } = "";

    /// <summary>Tries so far.</summary>
    public int Attempts { get; private set; }

    /// <summary>Tries since it was made, or was to be sent again.</summary>
    public int Round { get; private set; }

    /// <summary>Of a pending one: not sent before.</summary>
    public DateTimeOffset? NextAttemptAt { get; private set; }

    /// <summary>The status that the last try was answered with; null where there was no answer.</summary>
    public int? LastStatus { get; private set; }

    /// <summary>What went wrong at the last try.</summary>
    public string? LastError { get; private set; }

    /// <summary>Made at.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When it was delivered or given up.</summary>
    public DateTimeOffset? EndedAt { get; private set; }
}

/// <summary>One try of a delivery.</summary>
internal sealed class DeliveryAttempt
{
    /// <summary>To which endpoint.</summary>
    public Guid EndpointId { get; private set; }

    /// <summary>Which delivery.</summary>
    public Guid DeliveryId { get; private set; }

    /// <summary>1, 2, 3 …</summary>
    public int Number { get; private set; }

    /// <summary>When it began.</summary>
    public DateTimeOffset At { get; private set; }

    /// <summary>How long it took.</summary>
    public int Milliseconds { get; private set; }

    /// <summary>The answer's status; null where there was none.</summary>
    public int? Status { get; private set; }

    /// <summary>What went wrong.</summary>
    public string? Error { get; private set; }

    /// <summary>The beginning of the answer.</summary>
    public string? Answer { get; private set; }
}
