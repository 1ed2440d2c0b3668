using Florin.Money;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Payments;

/// <summary><c>GET /v1/payments/{id or code}/receipt</c>: the receipt of a payment that was paid.</summary>
public static class ShowReceipt
{
    /// <param name="Number">The payment's id.</param>
    /// <param name="Payee">Who was paid.</param>
    /// <param name="Purpose">What for.</param>
    /// <param name="Amount">What was paid.</param>
    /// <param name="Taken">What left the payer, in their own currency.</param>
    /// <param name="Method">By which method.</param>
    /// <param name="State">As the payment stands now.</param>
    /// <param name="Refunded">What went back since.</param>
    /// <param name="Refunds">Each refund, oldest first.</param>
    /// <param name="Description">What the payee wrote.</param>
    /// <param name="Reference">The payee's own number.</param>
    /// <param name="PaidAt">When.</param>
    /// <param name="Url">The page, to be shared.</param>
    public sealed record Response(
        string Number,
        string Payee,
        string Purpose,
        Amount Amount,
        Amount? Taken,
        string? Method,
        string State,
        Amount Refunded,
        IReadOnlyList<RefundView> Refunds,
        string? Description,
        string? Reference,
        DateTimeOffset PaidAt,
        string Url
    );

    internal static void Map(RouteGroupBuilder payments) => payments.MapGet("/{id}/receipt", HandleAsync).AllowAnonymous().Produces<Response>();

    private static async Task<IResult> HandleAsync(
        string id,
        HttpContext http,
        PaymentFacts facts,
        PaymentAccess access,
        PaymentViews views,
        AttemptRows attempts,
        FlorinDb db,
        CancellationToken cancel
    )
    {
        var fact = await facts.NamedAsync(id, cancel);
        var payment = await facts.NowAsync(fact.Id, cancel);
        if (!PaymentFacts.IsCode(id))
        {
            await access.DemandPartyAsync(payment, Caller.Of(http), cancel);
        }

        return Results.Json(await OfAsync(payment, views, attempts, db, cancel), Wire.Json);
    }

    private static async Task<Response> OfAsync(Payment payment, PaymentViews views, AttemptRows attempts, FlorinDb db, CancellationToken cancel)
    {
        if (payment.CompletedAt is not { } paidAt)
        {
            throw PaymentsRefusals.NotPaid.With($"It is {payment.State}.");
        }

        var refunds = await db
            .PaymentRefunds.AsNoTracking()
            .Where(one => one.PaymentId == payment.Id && one.Reason != RefundReasons.Late)
            .OrderBy(one => one.Id)
            .ToListAsync(cancel);
        var attempt = await attempts.SucceededAsync(payment.Id, cancel);
        var view = views.Of(payment.Fact, payment.Status);
        return new Response(
            view.Id,
            view.PayeeName,
            view.Purpose,
            view.Amount,
            attempt?.TakenAmount,
            view.Method,
            view.State,
            view.Refunded,
            [.. refunds.Select(RefundView.Of)],
            view.Description,
            view.Reference,
            paidAt,
            view.ReceiptUrl!
        );
    }
}
