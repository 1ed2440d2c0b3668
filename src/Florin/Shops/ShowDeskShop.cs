using Florin.Ledger;
using Florin.Platform;

namespace Florin.Shops;

/// <summary>A shop as staff see it.</summary>
/// <param name="Shop">As its owner sees it.</param>
/// <param name="Owner">The merchant, <c>usr_…</c>.</param>
internal sealed record DeskShop(ShopView Shop, string Owner);

/// <summary><c>GET /v1/shops/{id}/desk</c>: anybody's shop with its owner and its money, for staff.</summary>
internal static class ShowDeskShop
{
    public static void Map(RouteGroupBuilder shops) => shops.MapGet("/{id}/desk", HandleAsync).RequireAuthorization(Policies.Staff).Produces<DeskShop>();

    private static async Task<IResult> HandleAsync(string id, ShopDesk shops, LedgerReads ledger, FlorinDb db, CancellationToken cancel)
    {
        var shop = await shops.FindAsync(Ids.Read(Shop.Prefix, id), cancel) ?? throw PlatformRefusals.NotFound.With();
        var view = ShopView.Of(shop, await ShowShops.BalancesAsync(shop, ledger, db, cancel));
        return Results.Json(new DeskShop(view, Ids.Show("usr", shop.Owner)), Wire.Json);
    }
}
