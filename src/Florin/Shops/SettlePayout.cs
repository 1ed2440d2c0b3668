using System.ComponentModel.DataAnnotations;
using Florin.Identity;
using Florin.Platform;

namespace Florin.Shops;

/// <summary>
/// Finance says how the bank's transfer of an approved payout ended: <c>POST /v1/payouts/{id}/paid</c>, or <c>…/failed</c>, after which the shop has the
/// money again; that is said by somebody who did not approve it. Nobody says so of their own, or with an old sign-in without the password.
/// </summary>
internal static class SettlePayout
{
    /// <param name="Reference">The bank's own number of the transfer, 1 to 100 characters.</param>
    /// <param name="Password">Needed where the sign-in is older than ten minutes.</param>
    public sealed record PaidRequest(
        [property: StringLength(100, MinimumLength = 1)] string Reference,
        [property: Secret] [property: StringLength(1024)] string? Password = null
    );

    /// <param name="Reason">Why the bank could not pay, as its owner is told: 1 to 200 characters.</param>
    /// <param name="Password">Needed where the sign-in is older than ten minutes.</param>
    public sealed record FailedRequest(
        [property: StringLength(200, MinimumLength = 1)] string Reason,
        [property: Secret] [property: StringLength(1024)] string? Password = null
    );

    public static void Map(RouteGroupBuilder payouts)
    {
        payouts.MapPost("/{id}/paid", PaidAsync).RequireAuthorization(Policies.Finance).LimitRate(RateLimit.Money).Produces<PayoutView>();
        payouts.MapPost("/{id}/failed", FailedAsync).RequireAuthorization(Policies.Finance).LimitRate(RateLimit.Money).Produces<PayoutView>();
    }

    private static Task<IResult> PaidAsync(
        string id,
        PaidRequest request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        PayoutDesk desk,
        Proofs proofs,
        TimeProvider clock,
        CancellationToken cancel
    ) =>
        EndAsync(
            id,
            request.Password,
            payout => payout with { State = PayoutStates.Paid, EndedBy = caller.Person, EndedAt = clock.GetUtcNow(), Reference = request.Reference.Trim() },
            "shops.payout_paid",
            caller,
            http,
            idempotency.Require(http, caller.Person, request),
            desk,
            proofs,
            cancel
        );

    private static Task<IResult> FailedAsync(
        string id,
        FailedRequest request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        PayoutDesk desk,
        Proofs proofs,
        TimeProvider clock,
        CancellationToken cancel
    ) =>
        EndAsync(
            id,
            request.Password,
            payout => payout with { State = PayoutStates.Failed, EndedBy = caller.Person, EndedAt = clock.GetUtcNow(), Reason = request.Reason.Trim() },
            "shops.payout_failed",
            caller,
            http,
            idempotency.Require(http, caller.Person, request),
            desk,
            proofs,
            cancel
        );

    private static async Task<IResult> EndAsync(
        string id,
        string? password,
        Func<Payout, Payout> end,
        string topic,
        Caller caller,
        HttpContext http,
        IdempotencyKey key,
        PayoutDesk desk,
        Proofs proofs,
        CancellationToken cancel
    )
    {
        await proofs.RequireFreshOrPasswordAsync(http, caller, password, cancel);
        var (payout, shop) = await desk.ForStaffAsync(caller, id, cancel);
        if (payout.State is not PayoutStates.Approved)
        {
            throw ShopsRefusals.PayoutState.With($"It is {payout.State}.");
        }

        var ended = end(payout);
        return ended.State is PayoutStates.Failed && (caller.Person == payout.FirstApprover || caller.Person == payout.SecondApprover)
            ? throw ShopsRefusals.OwnApproval.With()
            : await desk.ChangeAsync(payout, ended, shop, http, key, [topic], cancel);
    }
}
