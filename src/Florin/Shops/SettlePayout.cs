using System.ComponentModel.DataAnnotations;
using Florin.Platform;

namespace Florin.Shops;

/// <summary>
/// Finance says how the bank's transfer of an approved payout ended: <c>POST /v1/payouts/{id}/paid</c>, or <c>…/failed</c>, after which the shop has the
/// money again. Nobody says so of their own.
/// </summary>
internal static class SettlePayout
{
    /// <param name="Reference">The bank's own number of the transfer, 1 to 100 characters.</param>
    public sealed record PaidRequest([property: StringLength(100, MinimumLength = 1)] string Reference);

    /// <param name="Reason">Why the bank could not pay, as its owner is told: 1 to 200 characters.</param>
    public sealed record FailedRequest([property: StringLength(200, MinimumLength = 1)] string Reason);

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
        TimeProvider clock,
        CancellationToken cancel
    ) =>
        EndAsync(
            id,
            payout => payout with { State = PayoutStates.Paid, EndedBy = caller.Person, EndedAt = clock.GetUtcNow(), Reference = request.Reference.Trim() },
            "shops.payout_paid",
            caller,
            http,
            idempotency.Require(http, caller.Person, request),
            desk,
            cancel
        );

    private static Task<IResult> FailedAsync(
        string id,
        FailedRequest request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        PayoutDesk desk,
        TimeProvider clock,
        CancellationToken cancel
    ) =>
        EndAsync(
            id,
            payout => payout with { State = PayoutStates.Failed, EndedBy = caller.Person, EndedAt = clock.GetUtcNow(), Reason = request.Reason.Trim() },
            "shops.payout_failed",
            caller,
            http,
            idempotency.Require(http, caller.Person, request),
            desk,
            cancel
        );

    private static async Task<IResult> EndAsync(
        string id,
        Func<Payout, Payout> end,
        string topic,
        Caller caller,
        HttpContext http,
        IdempotencyKey key,
        PayoutDesk desk,
        CancellationToken cancel
    )
    {
        var (payout, shop) = await desk.ForStaffAsync(caller, id, cancel);
        return payout.State is PayoutStates.Approved
            ? await desk.ChangeAsync(payout, end(payout), shop, http, key, [topic], cancel)
            : throw ShopsRefusals.PayoutState.With($"It is {payout.State}.");
    }
}
