using System.Text.Json;
using Florin.Tests.Identity;

namespace Florin.Tests.Routes;

internal static partial class RouteExamples
{
    private static IEnumerable<RouteExample> Compat() =>
        [
            new("GET /watch/{watchCode}", async who => "/watch/" + (await SaleAsync(who, 1)).GetProperty("watch_code").GetString())
            {
                Whose = Whose.Callers,
                Roles = AMerchant,
            },
            new("GET /generate_qr/{value}", async who => "/generate_qr/" + (await SaleAsync(who, 1)).GetProperty("code").GetString())
            {
                Whose = Whose.Callers,
                Roles = AMerchant,
            },
            // Whoever has the code may pay, and its owner is not the one who does.
            new("GET /api/pay/{code}", OthersSaleAsync) { Whose = Whose.Callers },
            new("POST /api/pay/{code}", OthersSaleAsync, new { transaction_secret = "x" }) { Whose = Whose.Callers },
            new("PUT /api/shop/bills/{id}/pay-cash", CashBillAsync) { Roles = AMerchant },
            new("PATCH /api/shop/bills/{id}/pay-cash", CashBillAsync) { Roles = AMerchant },
            new("GET /api/user/{id}", UserAsync),
            new("PUT /api/user/{id}", UserAsync, new { mobile_number = "1" }),
            new("PATCH /api/user/{id}", UserAsync, new { mobile_number = "1" }),
            new("DELETE /api/user/{id}", UserAsync),
            new("GET /media/uploads/{id}/{filename}", MediaAsync),
        ];

    private static async Task<string> UserAsync(SignedIn who) =>
        "/api/user/" + await who.App.Database.ScalarAsync<string>("select lpad(number::text, 12, '0') from identity.people where id = $1", who.Id);

    private static async Task<string> MediaAsync(SignedIn who)
    {
        var file = (await FileAsync(who, "")).Split('_')[^1];
        return $"/media/uploads/{Guid.ParseExact(file, "N"):D}/words.txt";
    }

    private static async Task<JsonElement> SaleAsync(SignedIn who, decimal amount)
    {
        await SignedIn.Json(await who.SendAsync("POST", "/v1/shops", new { name = "Old Corner" }));
        return await SignedIn.Json(await who.SendAsync("POST", "/api/start_payment", new { amount }));
    }

    private static async Task<string> OthersSaleAsync(SignedIn who)
    {
        (await who.SendAsync("POST", "/api/wallet/add/", new { amount = "5.00" })).Dispose();
        var merchant = await SignedIn.AsAsync(who.App, AMerchant);
        return "/api/pay/" + (await SaleAsync(merchant, 1)).GetProperty("code").GetString();
    }

    private static async Task<string> CashBillAsync(SignedIn who)
    {
        var shop = (await SignedIn.Json(await who.SendAsync("POST", "/v1/shops", new { name = "Old Corner" }))).GetProperty("id").GetString();
        var customer = new { username = "k" + Guid.NewGuid().ToString("N")[..12], password = "a long enough pass phrase" };
        await SignedIn.Json(await who.SendAsync("POST", $"/v1/shops/{shop}/customers", customer));
        var listed = await SignedIn.Json(await who.GetAsync("/api/shop/customers/"));
        var bill = new { customer = listed[0].GetProperty("id").GetInt64(), amount = "1.00" };
        var made = await SignedIn.Json(await who.SendAsync("POST", "/api/shop/bills/", bill));
        return $"/api/shop/bills/{made.GetProperty("id").GetInt64():D12}/pay-cash"; // so that another number is nobody's
    }
}
