using Florin.Payments;
using Florin.Platform;
using Florin.Platform.Pages;
using Microsoft.AspNetCore.Authorization;

namespace Florin.Compat.QrPay;

/// <summary>
/// <c>POST /api/start_payment</c>: a merchant asks for an amount. The answer has the code for the payer and the one for a display. Programs without the
/// cookie may send the session's token in the body, as <c>merchant_secret</c>; whose it is and what they may do is for <c>/v1</c> to say.
/// </summary>
internal static class StartPayment
{
    private const int MostDigits = 12;
    private const int LongestToken = 4_096;

    private sealed record Response(string Code, string Message, string WatchCode);

    internal static void Map(RouteGroupBuilder api) => api.MapPost("/start_payment", HandleAsync).AllowAnonymous().LimitRate(RateLimit.Money);

    private static async Task<IResult> HandleAsync(HttpContext http, EdgeApi api, IAuthorizationService rights, Settings settings, CancellationToken cancel)
    {
        var known = http.User.Identity is { IsAuthenticated: true };
        if (known && !(await rights.AuthorizeAsync(http.User, Policies.Person)).Succeeded)
        {
            throw PlatformRefusals.Forbidden.With();
        }

        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        if (!known)
        {
            var secret = body.TextOrNull("merchant_secret", LongestToken);
            http.Features.Set(secret is null ? throw PlatformRefusals.NotSignedIn.With() : new PageBearer(secret));
        }

        var amount = body.Amount("amount", MostDigits);
        body.Check();
        var shop = await EdgeShops.DemandAsync(api);
        var sale = new
        {
            purpose = "sale",
            amount = EdgeFormats.Money(amount, settings.DefaultCurrency),
            subject = new { shop = shop.Id },
        };
        var payment = await api.SendAsync<PaymentView>("POST", "/v1/payments", sale);
        return Results.Json(new Response(payment.Code, "Payment started", payment.WatchCode!), Wire.Json);
    }
}
