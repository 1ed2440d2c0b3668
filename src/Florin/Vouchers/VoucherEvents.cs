using System.Text.Json;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Vouchers;

/// <summary>What vouchers tell their owners. A code never stands in an event.</summary>
internal static class VoucherEvents
{
    public const string IssuedTopic = "vouchers.issued";
    public const string Redeemed = "vouchers.redeemed";
    public const string Undone = "vouchers.redemption_undone";
    public const string Given = "vouchers.given";
    public const string Cancelled = "vouchers.cancelled";
    public const string Restored = "vouchers.restored";
    public const string Expired = "vouchers.expired";
    public const string Expiring = "vouchers.expiring";

    /// <summary>Something became of a voucher.</summary>
    /// <param name="topic">What.</param>
    /// <param name="voucher">As it was before.</param>
    /// <param name="state">Its state now.</param>
    /// <param name="usesLeft">Its uses now.</param>
    /// <param name="owner">Who hears of it; its owner where null.</param>
    /// <param name="from">Of a gift: who gave it, as the receiver reads it.</param>
    public static RowInsert Row(string topic, Voucher voucher, string state, int usesLeft, Guid? owner = null, string? from = null)
    {
        var payload = new
        {
            id = Ids.Show("vev", Ids.New()), // the same however often it is delivered
            voucher = voucher.PublicId,
            voucher.Name,
            voucher.ServiceType,
            state,
            usesLeft,
            voucher.ExpiresAt,
            from,
        };
        Guid[] audience = (owner ?? voucher.Owner) is { } person ? [person] : [];
        return Outbox.Row(new OutboxEvent(topic, voucher.Id, JsonSerializer.Serialize(payload, Wire.Json), audience));
    }

    /// <summary>A payment's vouchers came into being.</summary>
    public static RowInsert Issued(PaymentFact payment, VoucherOrder order, Guid owner, Guid[] vouchers, DateTimeOffset now)
    {
        var payload = new
        {
            vouchers = vouchers.Select(one => Ids.Show(Voucher.Prefix, one)),
            order.Name,
            order.ServiceType,
            expiresAt = now.AddDays(order.ValidityDays),
            gift = owner != payment.CreatedBy,
        };
        return Outbox.Row(new OutboxEvent(IssuedTopic, payment.Id, JsonSerializer.Serialize(payload, Wire.Json), [owner]));
    }
}
