using Florin.Payments;
using Florin.Shops;

namespace Florin.Qr;

/// <summary>QR codes for routes of other modules: the same images as <c>/v1</c> gives.</summary>
public sealed class QrCodes
{
    private const int UsualSize = 400;
    private readonly QrPayloads payloads;

    internal QrCodes(QrPayloads payloads) => this.payloads = payloads;

    /// <summary>A payment as a PNG. The caller knows its code, and so may see it.</summary>
    public IResult Of(HttpContext http, PaymentFact payment) =>
        QrImage.Answer(http, payloads.Of(payment, QrPayloads.UrlFormat), "png", UsualSize, margin: null);

    /// <summary>A shop's standing code as a PNG. It is meant to hang on a wall.</summary>
    public IResult Of(HttpContext http, ShopSign shop) => QrImage.Answer(http, payloads.Of(shop, QrPayloads.UrlFormat), "png", UsualSize, margin: null);
}
