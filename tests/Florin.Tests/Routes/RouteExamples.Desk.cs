using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Florin.Tests.Identity;

namespace Florin.Tests.Routes;

internal static partial class RouteExamples
{
    private static object Why => new { reason = "asked for by phone" };

    private static string[] OfSupport => [Roles.Customer, Roles.Merchant, Roles.Support];

    private static string[] OfAdmin => [Roles.Customer, Roles.Merchant, Roles.Admin];

    private static string[] OfFinance => [Roles.Customer, Roles.Finance];

    private static IEnumerable<RouteExample> StaffDesk() =>
        [
            .. (
                (RouteBody[])
                    [
                        new("POST /v1/users/{id}/freeze", Why),
                        new("POST /v1/users/{id}/unlock", Why),
                        new("POST /v1/users/{id}/sign-out", Why),
                        new("POST /v1/users/{id}/pin-reset", Why),
                        new("POST /v1/users/{id}/verification", Why),
                        new("GET /v1/users/{id}/sessions", null),
                        new("GET /v1/users/{id}/wallets", null),
                        new("GET /v1/users/{id}/face", null),
                    ]
            ).Select(one => new RouteExample(one.Route, who => Somebodys(who, one.Route), one.Body) { Whose = Whose.Callers, Roles = OfSupport }),
            .. ((string[])["POST /v1/users/{id}/unfreeze", "POST /v1/users/{id}/export"]).Select(route => new RouteExample(
                route,
                who => Somebodys(who, route),
                Why
            )
            {
                Whose = Whose.Callers,
                Roles = OfAdmin,
            }),
            new("GET /v1/wallets/{id}/desk", Wallet("/desk")) { Whose = Whose.Callers, Roles = OfSupport },
            new("POST /v1/wallets/{id}/block", Wallet("/block"), Why) { Whose = Whose.Callers, Roles = OfSupport },
            new("POST /v1/wallets/{id}/unblock", Wallet("/unblock"), Why) { Whose = Whose.Callers, Roles = OfAdmin },
            new("GET /v1/shops/{id}/desk", Shop("/desk")) { Whose = Whose.Callers, Roles = OfSupport },
            new("GET /v1/shops/{id}/plan-preview", Shop("/plan-preview?plan=standard")) { Whose = Whose.Callers, Roles = OfSupport },
            new("POST /v1/payments/{id}/receipt-messages", TopUp("/receipt-messages"), Why) { Whose = Whose.Callers, Roles = OfSupport },
            new("GET /v1/ledger/accounts/{id}", who => AccountAsync(who, "")) { Whose = Whose.Callers, Roles = OfSupport },
            new("GET /v1/ledger/accounts/{id}/entries", who => AccountAsync(who, "/entries")) { Whose = Whose.Callers, Roles = OfSupport },
            new("GET /v1/ledger/postings/{id}", PostingAsync) { Whose = Whose.Callers, Roles = OfSupport },
            new("GET /v1/adjustments/{id}", who => AdjustmentAsync(who, "")) { Whose = Whose.Callers, Roles = OfFinance },
            new("POST /v1/adjustments/{id}/approve", who => AdjustmentAsync(who, "/approve"), new { }) { Whose = Whose.Callers, Roles = OfFinance },
            new("POST /v1/adjustments/{id}/reject", who => AdjustmentAsync(who, "/reject"), new { note = "not needed" })
            {
                Whose = Whose.Callers,
                Roles = OfFinance,
            },
        ];

    private static async Task<string> Somebodys(SignedIn who, string route) => await SomebodyAsync(who) + route[route.LastIndexOf('/')..];

    private static async Task<long> HouseAsync(SignedIn who, HouseAccount purpose) =>
        await who.App.Get<HouseAccounts>().IdAsync(purpose, Currency.Of("KZT"), TestContext.Current.CancellationToken);

    private static async Task<string> AccountAsync(SignedIn who, string rest) => $"/v1/ledger/accounts/{await HouseAsync(who, HouseAccount.Cash)}{rest}";

    private static async Task<string> PostingAsync(SignedIn who)
    {
        var entry = await EntryAsync(who);
        return "/v1/ledger/postings/pst_" + entry[(entry.LastIndexOf('_') + 1)..];
    }

    private static async Task<string> AdjustmentAsync(SignedIn who, string rest)
    {
        var (from, to) = (await HouseAsync(who, HouseAccount.Cash), await HouseAsync(who, HouseAccount.Rounding));
        var wish = new
        {
            from,
            to,
            amount = new { amount = "1.00", currency = "KZT" },
            reason = "a remainder that was counted twice",
        };
        return $"/v1/adjustments/{(await SignedIn.Json(await who.SendAsync("POST", "/v1/adjustments", wish))).GetProperty("id").GetString()}{rest}";
    }

    private sealed record RouteBody(string Route, object? Body);
}
