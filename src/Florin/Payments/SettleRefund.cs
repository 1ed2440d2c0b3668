using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Ledger;
using Florin.Platform;

namespace Florin.Payments;

/// <summary><c>POST /v1/refunds/{id}/settle</c>: staff say how a refund that no gateway can make went back, or that it will not.</summary>
internal static class SettleRefund
{
    /// <param name="Outcome"><c>completed</c>: it was paid back outside. <c>failed</c>: it was not, and the payee has the money again (not for late money).</param>
    /// <param name="Reference">How: the bank's own number of the transfer. 1 to 100 characters.</param>
    public sealed record Request(
        [property: AllowedValues("completed", "failed")] string Outcome,
        [property: StringLength(100, MinimumLength = 1)] string Reference
    );

    public static void Map(RouteGroupBuilder refunds) =>
        refunds.MapPost("/{id}/settle", HandleAsync).RequireAuthorization(Policies.Finance).LimitRate(RateLimit.Money).Produces<RefundView>();

    private static async Task<IResult> HandleAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        RefundSending sending,
        AttemptRows attempts,
        GeneralLedger ledger,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        var refund = await sending.FindAsync(Ids.Read(PaymentRefund.Prefix, id), cancel) ?? throw PlatformRefusals.NotFound.With();
        var done = request.Outcome is "completed";
        if (refund is not { State: PaymentRefund.Pending, Destination: PaymentRefund.Manual } || (refund.IsLate && !done))
        {
            throw PaymentsRefusals.RefundNotManual.With();
        }

        var attempt = (await attempts.FindAsync(refund.AttemptId, cancel))!;
        var drawn = done
            ? await sending.DrawCompletedAsync(refund, attempt, request.Reference, cancel)
            : await sending.DrawFailedAsync(refund, request.Reference, "settled by staff", cancel);
        var commit = new LedgerCommit
        {
            Key = key,
            Complete = _ => Answer.Json(200, RefundView.Of(refund) with { State = request.Outcome, Reference = request.Reference }),
        };
        commit.Postings.AddRange(drawn.Postings);
        commit.Rows.AddRange(drawn.Rows);
        commit.Inserts.AddRange(drawn.Inserts);
        commit.Inserts.Add(
            ActivityLog.Row(
                activity.Entry(
                    http,
                    "payments.refund_settled",
                    refund.RequestedBy,
                    new
                    {
                        refund = id,
                        request.Outcome,
                        request.Reference,
                    }
                )
            )
        );
        return (await ledger.CommitAsync(commit)).Required;
    }
}
