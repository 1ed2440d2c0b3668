using Florin.Payments;
using Florin.Platform;

namespace Florin.Qr;

/// <summary>
/// <c>GET /v1/payments/{id or code}/qr</c>: the payment as a QR code, for whoever may see the payment: by code whoever has that, by id its parties.
/// </summary>
internal static class ShowPaymentQr
{
    private const int UsualSize = 400;

    public static void Map(RouteGroupBuilder payments) =>
        payments.MapGet("/{id}/qr", HandleAsync).AllowAnonymous().LimitRate(RateLimit.Costly).Produces(200, contentType: "image/png");

    private static async Task<IResult> HandleAsync(
        string id,
        string? format,
        string? payload,
        int? size,
        int? margin,
        HttpContext http,
        PaymentAccess access,
        QrPayloads payloads,
        CancellationToken cancel
    ) => QrImage.Answer(http, payloads.Of(await access.SeenAsync(id, http, cancel), payload), format, size ?? UsualSize, margin);
}
