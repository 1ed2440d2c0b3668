using Florin.Platform;
using Florin.Tests.Identity;

namespace Florin.Tests.Routes;

internal static partial class RouteExamples
{
    private static string[] AMerchantOfFinance => [Roles.Merchant, Roles.Finance];

    private static object ABankAccount => new { holder = "Ada Lovelace", iban = "DE89370400440532013000" };

    private static IEnumerable<RouteExample> Payouts() =>
        [
            new("GET /v1/shops/{id}/balance", Shop("/balance")) { Roles = AMerchant },
            new("GET /v1/shops/{id}/takings", Shop("/takings")) { Roles = AMerchant },
            new("GET /v1/shops/{id}/bank-accounts", Shop("/bank-accounts")) { Roles = AMerchant },
            new("POST /v1/shops/{id}/bank-accounts", Shop("/bank-accounts"), ABankAccount) { Roles = AMerchant },
            new("DELETE /v1/shops/{id}/bank-accounts/{account}", BankAccountAsync) { Roles = AMerchant },
            new("GET /v1/payouts/{id}", who => PayoutAsync(who, "")) { Roles = AMerchant },
            new("POST /v1/payouts/{id}/cancel", who => PayoutAsync(who, "/cancel")) { Roles = AMerchant },
            new("POST /v1/payouts/{id}/approve", who => PayoutAsync(who, "/approve")) { Whose = Whose.Callers, Roles = AMerchantOfFinance },
            new("POST /v1/payouts/{id}/reject", who => PayoutAsync(who, "/reject"), new { reason = "x" }) { Whose = Whose.Callers, Roles = AMerchantOfFinance },
            new("POST /v1/payouts/{id}/paid", who => PayoutAsync(who, "/paid"), new { reference = "x" }) { Whose = Whose.Callers, Roles = AMerchantOfFinance },
            new("POST /v1/payouts/{id}/failed", who => PayoutAsync(who, "/failed"), new { reason = "x" }) { Whose = Whose.Callers, Roles = AMerchantOfFinance },
        ];

    private static IEnumerable<RouteExample> Cards() => [new("DELETE /v1/me/cards/{id}", CardAsync)];

    private static async Task<string> CardAsync(SignedIn who)
    {
        (await who.SendAsync("PUT", "/v1/me/pin", new { pin = "4071", password = SignedIn.Password })).EnsureSuccessStatusCode();
        var wallet = (await SignedIn.Json(await who.SendAsync("POST", "/v1/wallets", new { currency = "KZT" }))).GetProperty("id").GetString();
        var order = new
        {
            wallet,
            name = "Tag",
            pin = "4071",
        };
        var made = await SignedIn.Json(await who.SendAsync("POST", "/v1/me/cards", order));
        return "/v1/me/cards/" + made.GetProperty("card").GetProperty("id").GetString();
    }

    private static async Task<string> BankAccountAsync(SignedIn who)
    {
        var shop = await Shop("")(who);
        var account = await SignedIn.Json(await who.SendAsync("POST", shop + "/bank-accounts", ABankAccount));
        return $"{shop}/bank-accounts/{account.GetProperty("id").GetString()}";
    }

    private static async Task<string> PayoutAsync(SignedIn who, string rest)
    {
        var address = await BankAccountAsync(who);
        var shop = address.Split('/')[3];
        var money = new { amount = "10.00", currency = "KZT" };
        var order = new
        {
            purpose = "sale",
            amount = money,
            subject = new { shop },
        };
        var sale = (await SignedIn.Json(await who.SendAsync("POST", "/v1/payments", order))).GetProperty("code").GetString();
        var payer = await SignedIn.AsAsync(who.App);
        var wallet = (await SignedIn.Json(await payer.SendAsync("POST", "/v1/wallets", new { currency = "KZT" }))).GetProperty("id").GetString();
        (await payer.SendAsync("POST", $"/v1/wallets/{wallet}/deposits", new { amount = money })).EnsureSuccessStatusCode();
        (await payer.SendAsync("POST", $"/v1/payments/{sale}/pay", new { method = "wallet" })).EnsureSuccessStatusCode();
        var wish = new
        {
            shop,
            bank_account = address.Split('/')[^1],
            amount = money,
        };
        return $"/v1/payouts/{(await SignedIn.Json(await who.SendAsync("POST", "/v1/payouts", wish))).GetProperty("id").GetString()}{rest}";
    }
}
