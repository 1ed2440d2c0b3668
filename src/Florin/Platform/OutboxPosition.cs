using System.Globalization;

namespace Florin.Platform;

/// <summary>Where an event stands in the outbox: its transaction's id, then its own. Readers go in this order; shown as <c>xid-id</c>.</summary>
/// <param name="Xid">The transaction that wrote it.</param>
/// <param name="Id">The row, unique; orders the rows of one transaction.</param>
public readonly record struct OutboxPosition(ulong Xid, long Id) : IComparable<OutboxPosition>
{
    /// <summary>Before every event.</summary>
    public static readonly OutboxPosition Start;

    /// <inheritdoc/>
    public int CompareTo(OutboxPosition other) => Xid == other.Xid ? Id.CompareTo(other.Id) : Xid.CompareTo(other.Xid);

    /// <summary>Whether it stands before the other.</summary>
    public static bool operator <(OutboxPosition left, OutboxPosition right) => left.CompareTo(right) < 0;

    /// <summary>Whether it stands after the other.</summary>
    public static bool operator >(OutboxPosition left, OutboxPosition right) => left.CompareTo(right) > 0;

    /// <summary>Whether it is the other or stands before it.</summary>
    public static bool operator <=(OutboxPosition left, OutboxPosition right) => left.CompareTo(right) <= 0;

    /// <summary>Whether it is the other or stands after it.</summary>
    public static bool operator >=(OutboxPosition left, OutboxPosition right) => left.CompareTo(right) >= 0;

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string? text, out OutboxPosition position)
    {
        position = Start;
        var dash = text?.IndexOf('-', StringComparison.Ordinal) ?? -1;
        if (
            dash <= 0
            || !ulong.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var xid)
            || !long.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        )
        {
            return false;
        }

        position = new OutboxPosition(xid, id);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Xid}-{Id}");
}

/// <summary>An event as it stands in the outbox.</summary>
/// <param name="Position">Where.</param>
/// <param name="Topic">What happened.</param>
/// <param name="Aggregate">To which thing.</param>
/// <param name="Payload">JSON for the receivers.</param>
/// <param name="Audience">People (or shops) that may see it live.</param>
/// <param name="CreatedAt">When its transaction began.</param>
public sealed record StoredEvent(OutboxPosition Position, string Topic, Guid Aggregate, string Payload, IReadOnlyList<Guid> Audience, DateTimeOffset CreatedAt);
