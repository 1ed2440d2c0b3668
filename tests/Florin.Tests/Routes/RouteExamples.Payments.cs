using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Identity;

namespace Florin.Tests.Routes;

internal static partial class RouteExamples
{
    private static string[] AMerchant => [Roles.Merchant];

    private static string[] ACustomerOfStaff => [Roles.Customer, Roles.Support, Roles.Finance];

    private static IEnumerable<RouteExample> Payments() =>
        [
            new("GET /v1/payments/{id}", TopUp("")),
            new("GET /v1/payments/{id}/attempts", TopUp("/attempts")),
            new("GET /v1/payments/{id}/receipt", TopUp("/receipt")),
            new("GET /v1/payments/{id}/refunds", TopUp("/refunds")),
            new("POST /v1/payments/{id}/pay", TopUp("/pay"), new { method = "sandbox" }),
            new("POST /v1/payments/{id}/cancel", TopUp("/cancel"), new { }),
            new("POST /v1/payments/{id}/refunds", SaleAsync, new { }) { Roles = AMerchant },
            new("POST /v1/payments/{id}/inquiries", TopUp("/inquiries")) { Whose = Whose.Callers, Roles = ACustomerOfStaff },
            new("POST /v1/refunds/{id}/settle", RefundAsync, new { outcome = "completed", reference = "x" })
            {
                Whose = Whose.Callers,
                Roles = ACustomerOfStaff,
            },
            new("GET /v1/payments/{id}/qr", TopUp("/qr")),
            new("POST /v1/payments/{id}/challenges", TopUp("/challenges"), new { }),
            new("POST /v1/payments/{id}/passkey-options", TopUp("/passkey-options")),
            new("GET /v1/payments/watch/{code}", WatchAsync) { Whose = Whose.Callers },
            new("GET /sandbox/pay/{token}/", SandboxPageAsync) { Whose = Whose.Callers },
            new("POST /sandbox/pay/{token}/", SandboxPageAsync, new { }) { Whose = Whose.Callers },
            new("GET /v1/gateways/aamarpay/{attempt}/cancel", who => ReturnAsync(who, "cancel")) { Whose = Whose.Callers },
            new("POST /v1/gateways/aamarpay/{attempt}/fail", who => ReturnAsync(who, "fail")) { Whose = Whose.Callers },
            new("POST /v1/gateways/aamarpay/{attempt}/success", who => ReturnAsync(who, "success")) { Whose = Whose.Callers },
            new("GET /v1/gateways/callbacks/{id}", who => CallbackAsync(who, "")) { Whose = Whose.Callers, Roles = ACustomerOfStaff },
            new("POST /v1/gateways/callbacks/{id}/replay", who => CallbackAsync(who, "/replay")) { Whose = Whose.Callers, Roles = ACustomerOfStaff },
        ];

    private static Func<SignedIn, Task<string>> TopUp(string rest) =>
        async who => $"/v1/payments/{(await TopUpAsync(who)).GetProperty("id").GetString()}{rest}";

    private static async Task<string> WatchAsync(SignedIn who) => "/v1/payments/watch/" + (await TopUpAsync(who)).GetProperty("watch_code").GetString();

    private static async Task<JsonElement> TopUpAsync(SignedIn who)
    {
        var wallets = await SignedIn.Json(await who.GetAsync("/v1/wallets"));
        var wallet =
            wallets.GetProperty("data").GetArrayLength() > 0
                ? wallets.GetProperty("data")[0]
                : await SignedIn.Json(await who.SendAsync("POST", "/v1/wallets", new { currency = "KZT" }));
        var order = new
        {
            purpose = "top_up",
            amount = new { amount = "10.00", currency = "KZT" },
            subject = new { wallet = wallet.GetProperty("id").GetString() },
        };
        return await SignedIn.Json(await who.SendAsync("POST", "/v1/payments", order));
    }

    private static async Task<string> SaleAsync(SignedIn who)
    {
        var shop = await SignedIn.Json(await who.SendAsync("POST", "/v1/shops", new { name = "Corner Shop" }));
        var order = new
        {
            purpose = "sale",
            amount = new { amount = "10.00", currency = "KZT" },
            subject = new { shop = shop.GetProperty("id").GetString() },
        };
        return $"/v1/payments/{(await SignedIn.Json(await who.SendAsync("POST", "/v1/payments", order))).GetProperty("id").GetString()}/refunds";
    }

    private static async Task<JsonElement> AttemptAsync(SignedIn who)
    {
        var payment = (await TopUpAsync(who)).GetProperty("id").GetString();
        return (await SignedIn.Json(await who.SendAsync("POST", $"/v1/payments/{payment}/pay", new { method = "sandbox" }))).GetProperty("attempt");
    }

    private static async Task<string> SandboxPageAsync(SignedIn who) =>
        new Uri((await AttemptAsync(who)).GetProperty("next_action").GetProperty("url").GetString()!).AbsolutePath + "/";

    private static async Task<string> ReturnAsync(SignedIn who, string way) =>
        $"/v1/gateways/aamarpay/{(await AttemptAsync(who)).GetProperty("id").GetString()!["att_".Length..]}/{way}";

    private static async Task<string> CallbackAsync(SignedIn who, string rest)
    {
        await who.GetAsync(await ReturnAsync(who, "cancel"));
        var kept = await SignedIn.Json(await who.GetAsync("/v1/gateways/callbacks"));
        return $"/v1/gateways/callbacks/{kept.GetProperty("data")[0].GetProperty("id").GetString()}{rest}";
    }

    private static async Task<string> RefundAsync(SignedIn who)
    {
        var payer = await SignedIn.AsAsync(who.App);
        var wallet = await SignedIn.Json(await payer.SendAsync("POST", "/v1/wallets", new { currency = "KZT" }));
        var deposit = await SignedIn.Json(await payer.SendAsync("POST", $"/v1/wallets/{wallet.GetProperty("id").GetString()}/deposits", TenTenge));
        var refund = await SignedIn.Json(await who.SendAsync("POST", $"/v1/payments/{deposit.GetProperty("payment").GetString()}/refunds", new { }));
        return $"/v1/refunds/{refund.GetProperty("id").GetString()}/settle";
    }
}
