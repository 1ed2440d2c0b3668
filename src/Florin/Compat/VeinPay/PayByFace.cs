using Florin.Identity;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Compat.VeinPay;

/// <summary>
/// <c>POST /api/pay/</c>: the shop's cashier shows one picture of the customer whom the bill names, and of nobody else. One picture has no challenge, so it
/// works where the shop takes single pictures, up to a low limit (docs/faces.md).
/// </summary>
internal static class PayByFace
{
    private const long MostBytes = 6 * 1024 * 1024; // 8 MB in base64 is what the route inside takes

    private sealed record Response(string Success);

    internal static void Map(RouteGroupBuilder api) =>
        api.MapPost("/pay", HandleAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Money).LimitBody(MostBytes);

    private static async Task<IResult> HandleAsync(HttpContext http, EdgeApi api, CompatIds ids, People people, CancellationToken cancel)
    {
        var shop = await EdgeShops.DemandAsync(api);
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var number = body.Integer("bill_id", most: long.MaxValue);
        var picture = body.File("live_image");
        var pin = body.TextOrNull("pin", 6); // new: above what a face alone pays
        body.Check();
        var bill = await ShopBills.FindAsync(number, shop, api, ids, cancel);
        if (bill.State is not PaymentStates.Pending && http.Request.Headers[Idempotency.Header].Count == 0)
        {
            throw PlatformRefusals.NotFound.With(); // as the original: there is no such bill to pay
        }

        var customer = (await people.FindAsync(VeinPayIds.Of(bill.Customer), cancel))!;
        var order = new
        {
            method = "wallet",
            payer = customer.Username ?? customer.Email ?? customer.Phone,
            pin,
            face = new { frames = new[] { picture!.Content } },
        };
        await api.SendAsync("POST", $"/v1/payments/{bill.Payment}/pay", order);
        return Results.Json(new Response($"Payment of {EdgeFormats.Decimal(bill.Amount)} for bill {number} was successful."), Wire.Json);
    }
}
