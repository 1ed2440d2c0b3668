using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Identity;
using Florin.Tests.Vouchers;

namespace Florin.Tests.Routes;

internal static partial class RouteExamples
{
    private static IEnumerable<RouteExample> WalletApi() =>
        from prefix in (string[])["/users", "/api/v1/users"]
        from example in new RouteExample[]
        {
            new($"GET {prefix}/wallets/{{id}}", OldWalletOf(prefix, "")),
            new($"PATCH {prefix}/wallets/{{id}}/update", OldWalletOf(prefix, "/update"), new { name = "Other" }),
            new($"POST {prefix}/wallets/{{id}}/deposit", OldWalletOf(prefix, "/deposit"), new { amount = "1.00" }),
            new($"POST {prefix}/wallets/{{id}}/withdraw", OldWalletOf(prefix, "/withdraw"), new { amount = "1.00" }),
            new($"POST {prefix}/wallets/{{id}}/transfer", OldWalletOf(prefix, "/transfer"), new { amount = "1.00", wallet_number = "0000000000" }),
            new($"GET {prefix}/wallets/{{id}}/transactions", OldWalletOf(prefix, "/transactions")),
        }
        select example;

    private static IEnumerable<RouteExample> VoucherApp() =>
        [
            new("GET /api/vouchers/detail/{code}", async who => "/api/vouchers/detail/" + (await OldVoucherAsync(who)).GetProperty("code").GetString()),
            new("GET /api/payments/transaction/{id}", OldTransactionAsync),
        ];

    private static Func<SignedIn, Task<string>> OldWalletOf(string prefix, string rest) =>
        async who =>
        {
            var made = await SignedIn.Json(await who.SendAsync("POST", prefix + "/wallets/create/", new { amount_currency = "KZT" }));
            var path = $"{prefix}/wallets/{made.GetProperty("id").GetInt64()}";
            (await who.SendAsync("POST", path + "/deposit", new { amount = "5.00" })).Dispose();
            return path + rest;
        };

    private static async Task<JsonElement> OldVoucherAsync(SignedIn who)
    {
        var currency = who.App.Get<Settings>().DefaultCurrency.Code;
        var stand = await VoucherStand.OpenAsync(who.App, "1.00", currency);
        (await who.SendAsync("POST", "/api/wallet/add/", new { amount = "5.00" })).Dispose();
        var types = (await SignedIn.Json(await who.GetAsync("/api/vouchers/types/"))).GetProperty("results").EnumerateArray();
        var type = types.First(one => string.Equals(one.GetProperty("type_code").GetString(), stand.Code, StringComparison.Ordinal));
        var order = new { voucher_type_id = type.GetProperty("id").GetInt64() };
        return (await SignedIn.Json(await who.SendAsync("POST", "/api/vouchers/purchase/", order))).GetProperty("vouchers")[0];
    }

    private static async Task<string> OldTransactionAsync(SignedIn who)
    {
        await OldVoucherAsync(who);
        var history = await SignedIn.Json(await who.GetAsync("/api/payments/history/"));
        return "/api/payments/transaction/" + history.GetProperty("results")[0].GetProperty("id").GetString();
    }
}
