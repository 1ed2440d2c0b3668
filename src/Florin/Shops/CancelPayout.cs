using Florin.Platform;

namespace Florin.Shops;

/// <summary><c>POST /v1/payouts/{id}/cancel</c>: the shop's owner calls a payout off that is not approved yet; the shop has the money again.</summary>
internal static class CancelPayout
{
    public static void Map(RouteGroupBuilder payouts) =>
        payouts.MapPost("/{id}/cancel", HandleAsync).RequireAuthorization(Policies.Merchant).LimitRate(RateLimit.Money).Produces<PayoutView>();

    private static async Task<IResult> HandleAsync(
        string id,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        PayoutDesk desk,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, id);
        var (payout, shop) = await desk.OwnAsync(caller, id, cancel);
        var cancelled = payout with { State = PayoutStates.Cancelled, EndedBy = caller.Person, EndedAt = clock.GetUtcNow() };
        return payout.State is PayoutStates.AwaitingApproval
            ? await desk.ChangeAsync(payout, cancelled, shop, http, key, ["shops.payout_cancelled"], cancel)
            : throw ShopsRefusals.PayoutState.With($"It is {payout.State}.");
    }
}
