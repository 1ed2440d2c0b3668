using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Identity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Admin;

/// <summary><c>POST /v1/adjustments</c>: one of finance proposes to move money by hand between two accounts of one currency. Nothing moves yet.</summary>
internal static class ProposeAdjustment
{
    /// <param name="From">The number of the account that pays.</param>
    /// <param name="To">The number of the account that receives.</param>
    /// <param name="Amount">Above zero, in the currency of both, at most the limit of its currency.</param>
    /// <param name="Reason">10 to 500 characters.</param>
    public sealed record Request(long From, long To, Amount Amount, [property: Required, StringLength(500, MinimumLength = 10)] string Reason);

    public static void Map(RouteGroupBuilder adjustments) =>
        adjustments.MapPost("", HandleAsync).RequireAuthorization(Policies.Finance).LimitRate(RateLimit.Money).Produces<AdjustmentView>(201);

    private static async Task<IResult> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        AdjustmentRules rules,
        GeneralLedger ledger,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        await rules.DemandAsync(caller, request.From, request.To, request.Amount, cancel);
        var now = clock.GetUtcNow();
        var proposal = new Adjustment
        {
            FromAccount = request.From,
            ToAccount = request.To,
            Amount = request.Amount.Minor,
            Currency = request.Amount.Currency.Code,
            Reason = ReadReason(request.Reason),
            ProposedBy = caller.Person,
            ProposedAt = now,
            ExpiresAt = now + AdjustmentRules.Waits,
        };
        var view = AdjustmentView.Of(proposal);
        var details = new
        {
            adjustment = view.Id,
            view.From,
            view.To,
            view.Amount,
            view.Reason,
        };
        var commit = new LedgerCommit
        {
            Key = key,
            Inserts = { Adjustment.Shape.Row(proposal), ActivityLog.Row(activity.Entry(http, "admin.adjustment_proposed", details: details)) },
            Complete = _ => Answer.Json(201, view),
        };
        return (await ledger.CommitAsync(commit)).Required;
    }

    private static string ReadReason(string reason) =>
        Names.Clean(reason, "reason", 500, lines: false) is { Length: >= 10 } clean
            ? clean
            : throw PlatformRefusals.InvalidRequest.Field("reason", "must have 10 to 500 characters");
}
