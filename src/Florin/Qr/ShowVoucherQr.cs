using Florin.Platform;
using Florin.Vouchers;

namespace Florin.Qr;

/// <summary>
/// <c>GET /v1/vouchers/{code or id}/qr</c>: a voucher of one's own as a QR code: the address of the page that redeems it, for whoever may. The code in it is
/// a secret, like money.
/// </summary>
internal static class ShowVoucherQr
{
    private const int UsualSize = 600;

    public static void Map(RouteGroupBuilder vouchers) =>
        vouchers.MapGet("/{code}/qr", HandleAsync).RequireAuthorization(Policies.Scope("vouchers:read")).Produces(200, contentType: "image/png");

    private static async Task<IResult> HandleAsync(
        string code,
        string? format,
        int? size,
        int? margin,
        HttpContext http,
        Caller caller,
        VoucherDesk desk,
        CancellationToken cancel
    ) => QrImage.Answer(http, await desk.PayloadAsync(caller.Person, code, cancel), format, size ?? UsualSize, margin);
}
