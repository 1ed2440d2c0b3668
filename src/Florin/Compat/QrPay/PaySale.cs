using Florin.Payments;
using Florin.Platform;

namespace Florin.Compat.QrPay;

/// <summary>
/// <c>POST /api/pay/{code}</c>: the signed-in payer pays from their wallet and gets the page that says so. The original printed its
/// <c>transaction_secret</c> for everybody; here it is the payer's own, good once and for a minute, and <c>GET /api/pay/{code}</c> gives it.
/// </summary>
internal static class PaySale
{
    private sealed record Offer(string Code, decimal Amount, string Merchant, string TransactionSecret, bool PinRequired, string ExpiresAt);

    internal static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/pay/{code}", OfferAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Money);
        api.MapPost("/pay/{code}", PayAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Money);
    }

    private static async Task<IResult> OfferAsync(string code, EdgeApi api)
    {
        var shown = await api.SendAsync<CreateChallenge.Response>("POST", $"{PathOf(code)}/challenges", new { method = "wallet" });
        return Results.Json(
            new Offer(code, EdgeFormats.Number(shown.Amount), shown.PayeeName, shown.Challenge, shown.PinRequired, EdgeFormats.PlainTime(shown.ExpiresAt)),
            Wire.Json
        );
    }

    private static async Task<IResult> PayAsync(string code, HttpContext http, EdgeApi api, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var secret = body.Text("transaction_secret", 256);
        var pin = body.TextOrNull(body.Has("pincode") ? "pincode" : "pin", 6); // new: asked above the wallet's PIN limit
        body.Check();
        await api.GetAsync<PaymentView>(PathOf(code)); // what does not exist is 404, whatever the secret
        var order = new
        {
            method = "wallet",
            challenge = secret,
            pin,
        };
        await api.SendAsync<PayPayment.Response>("POST", $"{PathOf(code)}/pay", order);
        return await api.PassAsync($"/pay/{code}");
    }

    // By its code only: an id is no secret, and names a payment to its parties only.
    private static string PathOf(string code) => DrawQr.IsCode(code) ? $"/v1/payments/{code}" : throw PlatformRefusals.NotFound.With();
}
