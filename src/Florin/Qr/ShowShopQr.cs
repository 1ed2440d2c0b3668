using Florin.Payments;
using Florin.Platform;
using Florin.Shops;

namespace Florin.Qr;

/// <summary>
/// <c>GET /v1/shops/{id}/qr</c>: a shop's standing QR code to print, for those who work there; and <c>/pay-anyone/{code}</c>, the page that it leads to.
/// </summary>
internal static class ShowShopQr
{
    private const int UsualSize = 1000;

    public static void Map(RouteGroupBuilder shops, IEndpointRouteBuilder app)
    {
        shops.MapGet("/{id}/qr", HandleAsync).RequireAuthorization(Policies.Scope("payments:read")).Produces(200, contentType: "image/png");
        app.MapGet("/pay-anyone/{code}", PageAsync).AllowAnonymous().ExcludeFromDescription();
    }

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

    private static async Task<IResult> PageAsync(string code, string? s, ShopFront shops, PaySignatures signatures, Settings settings, CancellationToken cancel)
    {
        var shop = await shops.FindAsync(code, cancel);
        return ReceiptPage.OfPayee(shop.Name, shop.Open, s is null ? null : signatures.IsRightStanding(shop.Code, s), settings.Sandbox);
    }
}
