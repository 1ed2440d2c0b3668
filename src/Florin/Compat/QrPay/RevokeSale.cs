using Florin.Payments;
using Florin.Platform;

namespace Florin.Compat.QrPay;

/// <summary><c>POST /api/transaction/revoke</c>, of the original's later version: a merchant calls a payment off that nobody has paid.</summary>
internal static class RevokeSale
{
    private sealed record Response(string Message);

    internal static void Map(RouteGroupBuilder api) =>
        api.MapPost("/transaction/revoke", HandleAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Money);

    private static async Task<IResult> HandleAsync(HttpContext http, EdgeApi api, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var code = body.Text("code", 64);
        body.Check();
        var payment = await api.GetAsync<PaymentView>("/v1/payments/" + Uri.EscapeDataString(code));
        await api.SendAsync("POST", $"/v1/payments/{payment.Id}/cancel");
        return Results.Json(new Response("Payment revoked"), Wire.Json);
    }
}
