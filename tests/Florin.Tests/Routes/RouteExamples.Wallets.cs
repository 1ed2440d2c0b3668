namespace Florin.Tests.Routes;

internal static partial class RouteExamples
{
    private static object TenTenge => new { amount = new { amount = "10.00", currency = "KZT" } };

    private static IEnumerable<RouteExample> Wallets() =>
        [
            new("DELETE /v1/wallets/{id}", Wallet("")),
            new("GET /v1/wallets/{id}", Wallet("")),
            new("GET /v1/wallets/{id}/balance", Wallet("/balance")),
            new("GET /v1/wallets/{id}/entries", Wallet("/entries")),
            new("GET /v1/wallets/{id}/entries/{entry}", EntryAsync),
            new("GET /v1/wallets/{id}/qr", Wallet("/qr")),
            new("GET /v1/wallets/{id}/statement", Wallet("/statement?from=2026-01-01&to=2026-01-31")),
            new("GET /v1/wallets/{id}/withdrawals", Wallet("/withdrawals")),
            new("PATCH /v1/wallets/{id}", Wallet(""), new { name = "holiday" }),
            new("POST /v1/wallets/{id}/deposits", Wallet("/deposits"), TenTenge),
            new("POST /v1/wallets/{id}/transfers", Wallet("/transfers"), new { to = "1234567890", amount = new { amount = "10.00", currency = "KZT" } }),
            new("POST /v1/wallets/{id}/withdrawals", Wallet("/withdrawals"), TenTenge),
        ];

    private static IEnumerable<RouteExample> Fx() =>
        [
            new(
                "GET /v1/quotes/{id}",
                After(
                    "/v1/quotes",
                    new
                    {
                        from = "USD",
                        to = "KZT",
                        source_amount = new { amount = "10.00", currency = "USD" },
                    },
                    "/v1/quotes/{0}"
                )
            ),
        ];

    private static Func<Florin.Tests.Identity.SignedIn, Task<string>> Wallet(string rest) =>
        After("/v1/wallets", new { currency = "KZT" }, "/v1/wallets/{0}" + rest);

    private static async Task<string> EntryAsync(Florin.Tests.Identity.SignedIn who)
    {
        var wallet = await Wallet("")(who);
        var deposit = await Florin.Tests.Identity.SignedIn.Json(await who.SendAsync("POST", wallet + "/deposits", TenTenge));
        return $"{wallet}/entries/{deposit.GetProperty("id").GetString()}";
    }
}
