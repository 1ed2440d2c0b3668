using Florin.Platform;

namespace Florin.Notifications;

/// <summary>What is told of vouchers: gifts that came, vouchers that end soon, and those that a refund ended or could not end.</summary>
internal static class VoucherNotices
{
    private const string Issued = "vouchers.issued";
    private const string Given = "vouchers.given";
    private const string Expiring = "vouchers.expiring";
    private const string Cancelled = "vouchers.cancelled";
    private const string Restored = "vouchers.restored";

    /// <summary>The events that are told of.</summary>
    public static readonly IReadOnlyList<string> Topics = [Issued, Given, Expiring, Cancelled, Restored];

    /// <summary>Who is told what of this event; null where it cannot be read.</summary>
    public static IReadOnlyList<Notice>? Of(StoredEvent happened)
    {
        var payload = EventPayloads.Open(happened);
        if (payload.Text("name") is not { } name)
        {
            return null;
        }

        if (happened.Topic is Issued && !(payload.TryGetProperty("gift", out var gift) && gift.ValueKind == System.Text.Json.JsonValueKind.True))
        {
            return []; // who bought them has the receipt
        }

        var template = happened.Topic switch
        {
            Issued or Given => "voucher_received",
            Expiring => "voucher_expiring",
            Cancelled => "voucher_cancelled",
            _ => "voucher_restored",
        };
        var values = EventPayloads.Values(
            ("name", name),
            ("from", payload.Text("from")),
            ("until", payload.Time("expires_at")),
            ("voucher", payload.Text("voucher"))
        );
        // A voucher may be given on, or cancelled again after its refund had failed: each is told of. A payment's are issued once.
        var cause = $"{happened.Topic}:{payload.Text("id") ?? happened.Aggregate.ToString("N")}";
        return [.. happened.Audience.Select(person => new Notice(cause, person, template, () => values))];
    }
}
