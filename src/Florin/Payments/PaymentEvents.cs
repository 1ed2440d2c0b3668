using System.Text.Json;
using Florin.Platform;

namespace Florin.Payments;

/// <summary>What payments tell the outside: payee, payer and, but for sales, whoever made them. Events of one payment are delivered in order.</summary>
internal sealed class PaymentEvents(PaymentViews views)
{
    public const string Created = "payments.created";
    public const string Processing = "payments.processing";
    public const string AttemptFailed = "payments.attempt_failed";
    public const string Completed = "payments.completed";
    public const string Cancelled = "payments.cancelled";
    public const string Expired = "payments.expired";
    public const string Failed = "payments.failed";
    public const string RefundRequested = "payments.refund_requested";
    public const string Refunded = "payments.refunded";
    public const string RefundFailed = "payments.refund_failed";
    public const string MoneyLate = "payments.money_late";

    /// <summary>Something happened to a payment.</summary>
    public RowInsert Row(string topic, PaymentFact payment, PaymentStatus status) =>
        Outbox.Row(new OutboxEvent(topic, payment.Id, JsonSerializer.Serialize(views.Of(payment, status), Wire.Json), Audience(payment, status)));

    /// <summary>The same, of a payment that is shown already.</summary>
    public static RowInsert Row(string topic, PaymentFact payment, PaymentStatus status, PaymentView view) =>
        Outbox.Row(new OutboxEvent(topic, payment.Id, JsonSerializer.Serialize(view, Wire.Json), Audience(payment, status)));

    /// <summary>Something happened to a refund of a payment.</summary>
    public RowInsert Row(string topic, PaymentFact payment, PaymentStatus status, PaymentRefund refund) =>
        Outbox.Row(
            new OutboxEvent(
                topic,
                payment.Id,
                JsonSerializer.Serialize(new { payment = views.Of(payment, status), refund = RefundView.Of(refund) }, Wire.Json),
                Audience(payment, status)
            )
        );

    /// <summary>An attempt ended without money.</summary>
    public RowInsert Row(string topic, PaymentFact payment, PaymentStatus status, Attempt attempt) =>
        Outbox.Row(
            new OutboxEvent(
                topic,
                payment.Id,
                JsonSerializer.Serialize(new { payment = views.Of(payment, status), attempt = AttemptView.Of(attempt) }, Wire.Json),
                Audience(payment, status)
            )
        );

    private static List<Guid> Audience(PaymentFact payment, PaymentStatus status)
    {
        var people = new List<Guid>(4);
        if (payment.Owner != PaymentFact.House)
        {
            people.Add(payment.Owner);
        }

        // Whoever asked for a sale works in the shop, and hears of it by the shop: as long as they work there.
        Guid? maker = payment.Purpose is "sale" ? null : payment.CreatedBy;
        foreach (var other in new[] { payment.Payee, status.PaidBy ?? payment.Payer ?? maker, maker })
        {
            if (other is { } person && !people.Contains(person))
            {
                people.Add(person);
            }
        }

        return people;
    }
}
