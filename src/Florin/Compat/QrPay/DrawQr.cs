using Florin.Identity;
using Florin.Payments;
using Florin.Platform;
using Florin.Qr;
using Florin.Shops;

namespace Florin.Compat.QrPay;

/// <summary>
/// <c>GET /generate_qr/{value}</c>: a PNG. The original's README says that the value is a shop's login, its program took a payment's code: either is
/// taken, a code first. What is neither is not drawn.
/// </summary>
internal static class DrawQr
{
    private const int CodeLength = 22;

    internal static void Map(RouteGroupBuilder root) => root.MapGet("/generate_qr/{value}", HandleAsync).AllowAnonymous().LimitRate(RateLimit.Costly);

    private static async Task<IResult> HandleAsync(
        string value,
        HttpContext http,
        PaymentFacts payments,
        People people,
        ShopFront shops,
        QrCodes codes,
        CancellationToken cancel
    )
    {
        var image = await PaymentAsync(value, payments, cancel) is { } payment
            ? codes.Of(http, payment)
            : codes.Of(http, await ShopAsync(value, people, shops, cancel) ?? throw PlatformRefusals.NotFound.With());
        http.Response.Headers.ContentDisposition = "inline; filename=\"qr.png\"";
        return image;
    }

    /// <summary>Whether it may be a payment's code: 128 bits in base64url. Not its id, which is no secret.</summary>
    public static bool IsCode(string value) => value.Length == CodeLength && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static async Task<PaymentFact?> PaymentAsync(string value, PaymentFacts payments, CancellationToken cancel)
    {
        if (!IsCode(value))
        {
            return null;
        }

        try
        {
            return await payments.NamedAsync(value, cancel);
        }
        catch (Refusal refusal) when (refusal.Reason == PlatformRefusals.NotFound)
        {
            return null; // then it may be a login
        }
    }

    private static async Task<ShopSign?> ShopAsync(string login, People people, ShopFront shops, CancellationToken cancel) =>
        await people.FindByLoginAsync(login, LoginKinds.Username, cancel) is { Active: true } person ? await shops.OfOwnerAsync(person.Id, cancel) : null;
}
