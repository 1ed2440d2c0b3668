using Florin.Payments;
using Florin.Platform;

namespace Florin.Shops;

/// <summary><c>GET /v1/shops/{id}/payments</c>: what the shop was paid and is to be paid, newest first, for all who work in it.</summary>
internal static class ListShopPayments
{
    public static void Map(RouteGroupBuilder routes) => routes.MapGet("/{id}/payments", HandleAsync).RequireAuthorization(Policies.Scope("payments:read"));

    private static async Task<Page<PaymentView>> HandleAsync(
        string id,
        int? limit,
        string? cursor,
        string? state,
        Caller caller,
        ShopDesk shops,
        PaymentLists payments,
        CancellationToken cancel
    )
    {
        var shop = Ids.Read(Shop.Prefix, id);
        return await shops.RoleOfAsync(caller.Person, shop, cancel) == PayeeRole.None
            ? throw PlatformRefusals.NotFound.With()
            : await payments.OfPayeeAsync(shop, state, PageRequest.Read(limit, cursor), cancel);
    }
}
