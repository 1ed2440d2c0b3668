using Florin.Platform;
using Florin.Shops;

namespace Florin.Qr;

/// <summary><c>GET /v1/shops/{id}/qr</c>: a shop's standing QR code to print, for those who work there.</summary>
internal static class ShowShopQr
{
    private const int UsualSize = 1000;

    public static void Map(RouteGroupBuilder shops) =>
        shops.MapGet("/{id}/qr", HandleAsync).RequireAuthorization(Policies.Scope("payments:read")).Produces(200, contentType: "image/png");

    private static async Task<IResult> HandleAsync(
        string id,
        string? format,
        string? payload,
        int? size,
        int? margin,
        HttpContext http,
        Caller caller,
        ShopFront shops,
        QrPayloads payloads,
        CancellationToken cancel
    )
    {
        var shop = await shops.FindAsync(id, cancel);
        return await shops.WorksInAsync(caller.Person, shop.Id, cancel)
            ? QrImage.Answer(http, payloads.Of(shop, payload), format, size ?? UsualSize, margin)
            : throw PlatformRefusals.NotFound.With();
    }
}
