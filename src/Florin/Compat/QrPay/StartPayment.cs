using Florin.Payments;
using Florin.Platform;

namespace Florin.Compat.QrPay;

/// <summary><c>POST /api/start_payment</c>: a merchant asks for an amount. The answer has the code for the payer and the one for a display.</summary>
internal static class StartPayment
{
    private const int MostDigits = 12;

    private sealed record Response(string Code, string Message, string WatchCode);

    internal static void Map(RouteGroupBuilder api) =>
        api.MapPost("/start_payment", HandleAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Money);

    private static async Task<IResult> HandleAsync(HttpContext http, EdgeApi api, Settings settings, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
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
