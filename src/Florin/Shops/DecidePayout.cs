using System.ComponentModel.DataAnnotations;
using Florin.Identity;
using Florin.Platform;

namespace Florin.Shops;

/// <summary>
/// Finance decides payouts, never those that they asked for: <c>POST /v1/payouts/{id}/approve</c> and <c>…/reject</c>. Above the limit of its currency a
/// payout takes two people. In a sandbox one that takes a single approval is paid with it.
/// </summary>
internal static class DecidePayout
{
    /// <param name="Password">Needed where the sign-in is older than ten minutes.</param>
    public sealed record ApproveRequest([property: Secret] [property: StringLength(1024)] string? Password = null);

    /// <param name="Reason">What its owner is told, 1 to 200 characters.</param>
    public sealed record RejectRequest([property: StringLength(200, MinimumLength = 1)] string Reason);

    public static void Map(RouteGroupBuilder payouts)
    {
        payouts.MapPost("/{id}/approve", ApproveAsync).RequireAuthorization(Policies.Finance).LimitRate(RateLimit.Money).Produces<PayoutView>();
        payouts.MapPost("/{id}/reject", RejectAsync).RequireAuthorization(Policies.Finance).LimitRate(RateLimit.Money).Produces<PayoutView>();
    }

    private static async Task<IResult> ApproveAsync(
        string id,
        ApproveRequest? request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        PayoutDesk desk,
        Proofs proofs,
        Settings settings,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, id);
        await proofs.RequireFreshOrPasswordAsync(http, caller, request?.Password, cancel);
        var (payout, shop) = await desk.ForStaffAsync(caller, id, cancel);
        if (payout.State is not PayoutStates.AwaitingApproval)
        {
            throw ShopsRefusals.PayoutState.With($"It is {payout.State}.");
        }

        await desk.DemandNotFrozenAsync(shop, cancel);
        if (payout.FirstApprover == caller.Person)
        {
            throw ShopsRefusals.SameApprover.With();
        }

        var now = clock.GetUtcNow();
        if (payout.FirstApprover is null && payout.Approvals > 1)
        {
            return await desk.ChangeAsync(payout, payout with { FirstApprover = caller.Person }, shop, http, key, ["shops.payout_first_approved"], cancel);
        }

        var approved = payout with
        {
            State = PayoutStates.Approved,
            FirstApprover = payout.FirstApprover ?? caller.Person,
            SecondApprover = payout.FirstApprover is null ? null : caller.Person,
            ApprovedAt = now,
        };
        return settings.Sandbox && payout.Approvals == 1
            ? await desk.ChangeAsync(
                payout,
                approved with
                {
                    State = PayoutStates.Paid,
                    EndedAt = now,
                    Reference = "sandbox",
                },
                shop,
                http,
                key,
                ["shops.payout_approved", "shops.payout_paid"],
                cancel
            )
            : await desk.ChangeAsync(payout, approved, shop, http, key, ["shops.payout_approved"], cancel);
    }

    private static async Task<IResult> RejectAsync(
        string id,
        RejectRequest request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        PayoutDesk desk,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        var (payout, shop) = await desk.ForStaffAsync(caller, id, cancel);
        var rejected = payout with { State = PayoutStates.Rejected, EndedBy = caller.Person, EndedAt = clock.GetUtcNow(), Reason = request.Reason.Trim() };
        return payout.State is PayoutStates.AwaitingApproval
            ? await desk.ChangeAsync(payout, rejected, shop, http, key, ["shops.payout_rejected"], cancel)
            : throw ShopsRefusals.PayoutState.With($"It is {payout.State}.");
    }
}
