using System.Text.Json;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Notifications;

/// <summary>What is told of payments: the payer of receipts and refunds, the payee of sales and of refunds that could not be made.</summary>
internal static class PaymentNotices
{
    private const string Completed = "payments.completed";
    private const string Refunded = "payments.refunded";
    private const string RefundFailed = "payments.refund_failed";
    private const string MoneyLate = "payments.money_late";
    private const string TopUp = "top_up";

    /// <summary>The events that are told of.</summary>
    public static readonly IReadOnlyList<string> Topics = [Completed, Refunded, RefundFailed, MoneyLate];

    /// <summary>Who is told what of this event; null where it cannot be read.</summary>
    public static IReadOnlyList<Notice>? Of(StoredEvent happened)
    {
        var payload = EventPayloads.Open(happened);
        var payment = payload.Part("payment") ?? payload;
        if (payment.Text("id") is not { } id || payment.Money("amount") is null)
        {
            return null;
        }

        var refund = payload.Part("refund");
        var (payer, owner) = (payment.Person("payer"), payment.Person("owner"));
        var topUp = payment.Text("purpose") is TopUp;
        if (refund?.Text("reason") is RefundReasons.Late && happened.Topic is not MoneyLate)
        {
            return []; // they were told that it goes back by itself; where it cannot, that is for staff
        }

        return happened.Topic switch
        {
            Completed => [.. To(payer, topUp ? "top_up" : "receipt", id), .. To(topUp || owner == payer ? null : owner, "sale", id)],
            Refunded when refund?.Text("id") is { } refundId && refund?.Money("amount") is not null => [.. To(payer, "refund", refundId)],
            RefundFailed when refund?.Text("id") is { } refundId && refund?.Money("amount") is not null => [.. To(owner, "refund_failed", refundId)],
            MoneyLate => [.. To(payer, "money_late", refund?.Text("id") ?? id)],
            _ => null,
        };

        IEnumerable<Notice> To(Guid? whom, string template, string what) =>
            whom is { } who ? [new Notice($"{happened.Topic}:{what}", who, template, () => ValuesOf(payment, refund))] : [];
    }

    private static Dictionary<string, string> ValuesOf(JsonElement payment, JsonElement? refund)
    {
        var back = refund?.Money("amount");
        var given = refund?.Money("given");
        return EventPayloads.Values(
            ("payment", payment.Text("id")),
            ("payee", payment.Text("payee_name") is { Length: > 0 } name ? name : "the payee"),
            ("amount", payment.Money("amount")),
            ("description", payment.Text("description")),
            ("reference", payment.Text("reference")),
            ("method", MethodOf(payment)),
            ("at", payment.Time("completed_at")),
            ("url", payment.Text("receipt_url")),
            ("refund", refund?.Text("id")),
            ("refunded", back),
            ("late", back ?? payment.Money("amount")),
            ("given", string.Equals(given, back, StringComparison.Ordinal) ? null : given), // of a conversion
            ("reason", refund?.Text("reason")?.Replace('_', ' '))
        );
    }

    private static string? MethodOf(JsonElement payment) =>
        payment.Text("method") switch
        {
            null => null,
            "wallet" => "Wallet",
            "cash" => "Cash",
            _ => "Card or bank",
        };
}
