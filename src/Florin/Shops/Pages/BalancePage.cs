using Florin.Platform;
using Florin.Platform.Pages;
using Microsoft.AspNetCore.WebUtilities;

namespace Florin.Shops.Pages;

/// <summary><c>/portal/balance</c>: what the shop holds, its bank accounts and payouts, for its owner.</summary>
public static class BalancePage
{
    /// <summary>What is shown.</summary>
    public sealed record Shown
    {
        /// <summary>What was typed.</summary>
        public IFormCollection? Typed { get; init; }

        /// <summary>Which form is shown again: <c>payout</c>, <c>bank</c> or another.</summary>
        public string? Form { get; init; }

        /// <summary>The key of the form that is shown again.</summary>
        public string? Key { get; init; }

        /// <summary>Why it is shown again.</summary>
        public PageRefusal? Refused { get; init; }

        internal IReadOnlyList<ShowShopBalance.Response> Balances { get; init; } = [];

        internal IReadOnlyList<BankAccountView> Banks { get; init; } = [];

        internal Page<PayoutView> Payouts { get; init; } = null!;
    }

    internal static void Map(RouteGroupBuilder portal)
    {
        portal.MapGet("/balance", static (string? cursor, PortalShop portal, PageApi api) => ShowAsync(portal, api, cursor, new Shown()));
        portal.MapPost("/payouts", AskAsync);
        portal.MapPost("/payouts/{id}/cancel", CancelAsync);
        portal.MapPost("/bank-accounts", AddAsync);
        portal.MapPost("/bank-accounts/{id}/close", CloseAsync);
    }

    private static async Task<IResult> ShowAsync(PortalShop portal, PageApi api, string? cursor, Shown shown)
    {
        var query = new Dictionary<string, string?>(StringComparer.Ordinal) { ["shop"] = portal.Id, ["cursor"] = cursor };
        var all = shown with
        {
            Balances = (await api.GetAsync<Page<ShowShopBalance.Response>>($"/v1/shops/{portal.Id}/balance")).Data,
            Banks = [.. (await api.GetAsync<Page<BankAccountView>>($"/v1/shops/{portal.Id}/bank-accounts?limit=100")).Data.Where(one => one.ClosedAt is null)],
            Payouts = await api.GetAsync<Page<PayoutView>>(QueryHelpers.AddQueryString("/v1/payouts", query)),
        };
        return PageAnswers.Page<BalanceView>(all, shown.Refused is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    private static Task<IResult> AskAsync(IFormCollection form, PortalShop portal, PageApi api) =>
        DoAsync(
            "payout",
            form,
            portal,
            api,
            "POST",
            "/v1/payouts",
            new
            {
                shop = portal.Id,
                bank_account = form["bank_account"].ToString(),
                amount = form.DemandedMoneyOf(),
            }
        );

    private static Task<IResult> CancelAsync(string id, IFormCollection form, PortalShop portal, PageApi api) =>
        DoAsync("cancel", form, portal, api, "POST", $"/v1/payouts/{Uri.EscapeDataString(id)}/cancel", body: null);

    private static Task<IResult> AddAsync(IFormCollection form, PortalShop portal, PageApi api) =>
        DoAsync(
            "bank",
            form,
            portal,
            api,
            "POST",
            $"/v1/shops/{portal.Id}/bank-accounts",
            new
            {
                holder = form["holder"].ToString(),
                iban = form.Text("iban"),
                account = form.Text("account"),
                bank_code = form.Text("bank_code"),
            }
        );

    private static Task<IResult> CloseAsync(string id, IFormCollection form, PortalShop portal, PageApi api) =>
        DoAsync("close", form, portal, api, "DELETE", $"/v1/shops/{portal.Id}/bank-accounts/{Uri.EscapeDataString(id)}", body: null);

    private static async Task<IResult> DoAsync(string what, IFormCollection form, PortalShop portal, PageApi api, string method, string path, object? body)
    {
        try
        {
            await api.SendAsync(method, path, body, form.Key());
            return PageAnswers.Go("/portal/balance");
        }
        catch (PageRefusal refused)
        {
            return await ShowAsync(
                portal,
                api,
                cursor: null,
                new Shown
                {
                    Typed = form,
                    Form = what,
                    Key = form.KeyAgain(refused),
                    Refused = refused,
                }
            );
        }
    }
}
