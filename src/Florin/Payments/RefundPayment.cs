using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Payments;

/// <summary>
/// <c>POST /v1/payments/{id}/refunds</c>: pays back all or part, to where it came from: a wallet and cash at once, a gateway in its own time. What the
/// payee was given is taken back in the same commit.
/// </summary>
internal static class RefundPayment
{
    private const int MostTurns = 20;

    /// <param name="Amount">In the payment's currency; what is left where not given.</param>
    /// <param name="Reason"><c>customer_request</c>, <c>duplicate</c>, <c>fraudulent</c>, <c>system_error</c> or <c>other</c>.</param>
    /// <param name="Note">Up to 200 characters for both sides.</param>
    public sealed record Request(
        Amount? Amount = null,
        [property: AllowedValues("customer_request", "duplicate", "fraudulent", "system_error", "other")] string Reason = RefundReasons.CustomerRequest,
        [property: StringLength(200)] string? Note = null
    );

    public static void Map(RouteGroupBuilder routes) =>
        routes.MapPost("/{id}/refunds", HandleAsync).RequireAuthorization(PaymentsModule.Refund).LimitRate(RateLimit.Money).Produces<RefundView>(201);

    private static async Task<IResult> HandleAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        PaymentFacts facts,
        PaymentAccess access,
        RefundDrawing drawing,
        RefundSending sending,
        GeneralLedger ledger,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        var payment = await facts.NowAsync(Ids.Read(PaymentFact.Prefix, id), cancel);
        var limit = await access.DemandRefundAsync(payment, caller, cancel);
        for (var turn = 1; ; turn++)
        {
            var refund = await drawing.DrawAsync(payment, request, caller.Person, key, cancel);
            if (payment.RefundReserved + refund.Row.Amount > limit)
            {
                throw PaymentsRefusals.RefundAboveLimit.With();
            }

            var details = new
            {
                refund = Ids.Show(PaymentRefund.Prefix, refund.Row.Id),
                payment = payment.Fact.PublicId,
                amount = refund.Row.Money,
            };
            refund.Commit.Inserts.Add(ActivityLog.Row(activity.Entry(http, "payments.refund_requested", payment.PaidBy ?? payment.Owner, details)));
            try
            {
                var answer = (await ledger.CommitAsync(refund.Commit)).Required;
                if (refund.Row.TryAt is not null && !answer.Replayed)
                {
                    // Begun at once; whatever the gateway says, the answer is the one that is kept: it is on its way.
                    await sending.SendAsync(refund.Row.Id, CancellationToken.None);
                }

                return answer;
            }
            catch (Refusal refusal) when (refusal.Reason.Status < StatusCodes.Status500InternalServerError && turn < MostTurns)
            {
                // Another refund came between: what is left is another amount now.
                var before = payment.RefundReserved;
                payment = await facts.NowAsync(payment.Id, cancel);
                if (payment.RefundReserved == before)
                {
                    throw;
                }
            }
        }
    }
}
