using Florin.Platform;

namespace Florin.Shops;

/// <summary><c>GET /v1/shops/{id or code}/sign</c>: what anybody may know of a shop, as payers see it at the till. No sign-in.</summary>
public static class ShowShopSign
{
    /// <param name="Shop"><c>shp_…</c></param>
    /// <param name="Code">What stands in its QR code.</param>
    /// <param name="Name">As payers read it.</param>
    /// <param name="Open">Whether it still sells.</param>
    /// <param name="Currency">What it uses where nobody names a currency.</param>
    /// <param name="Picture">Where its picture is; null where there is none.</param>
    public sealed record Response(string Shop, string Code, string Name, bool Open, string Currency, string? Picture);

    internal static void Map(RouteGroupBuilder routes) => routes.MapGet("/{id}/sign", HandleAsync).AllowAnonymous().Produces<Response>();

    private static async Task<IResult> HandleAsync(string id, ShopDesk shops, CancellationToken cancel)
    {
        var shop = await shops.FindAsync(Shop.ReadIdOrCode(id), cancel) ?? throw PlatformRefusals.NotFound.With();
        var picture = shop.Picture is null ? null : $"/v1/shops/{shop.PublicId}/picture";
        return Results.Json(new Response(shop.PublicId, Shop.CodeOf(shop.Id), shop.Name, shop.ClosedAt is null, shop.DefaultCurrency, picture), Wire.Json);
    }
}
