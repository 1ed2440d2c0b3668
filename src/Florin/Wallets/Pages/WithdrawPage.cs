using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Wallets.Pages;

/// <summary><c>/wallet/withdraw</c>: money out, and what became of what was taken out before.</summary>
public static class WithdrawPage
{
    private const int LastOfEach = 5;

    /// <summary>The form.</summary>
    public sealed record Form(string? Wallet = null, string? Amount = null, string? Note = null, string? Key = null, PageRefusal? Refused = null)
    {
        internal IReadOnlyList<WalletView> Wallets { get; init; } = [];

        internal IReadOnlyList<WithdrawalView> Before { get; init; } = [];

        /// <summary>What has just been asked for.</summary>
        internal string? Done { get; init; }

        internal bool PinNeeded { get; init; }
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/withdraw", ShowAsync);
        pages.MapPost("/withdraw", WithdrawAsync).LimitRate(RateLimit.Money);
    }

    private static async Task<IResult> ShowAsync(string? wallet, string? done, PageApi api) =>
        PageAnswers.Page<WithdrawForm>(await FillAsync(api, new Form(wallet) { Done = done }));

    private static async Task<IResult> WithdrawAsync(IFormCollection form, PageApi api)
    {
        var shown = await FillAsync(api, new Form(form["wallet"], form["amount"], Given(form["note"])));
        var key = form["idempotency_key"].ToString();
        if (WalletsPage.Choose(shown.Wallets, shown.Wallet) is not { } wallet)
        {
            return PageAnswers.Go("/wallet");
        }

        var typed = TypedAmount.Read(shown.Amount, wallet.Currency);
        var order = new
        {
            amount = new { amount = typed.Amount, currency = typed.Currency },
            note = shown.Note,
            pin = Given(form["pin"]),
        };
        try
        {
            var asked = await api.SendAsync<WithdrawalView>("POST", $"/v1/wallets/{wallet.Id}/withdrawals", order, key);
            return PageAnswers.Go($"/wallet/withdraw?wallet={wallet.Id}&done={asked.Id}");
        }
        catch (PageRefusal refused)
        {
            shown = shown with
            {
                Refused = refused,
                Key = refused.Status == StatusCodes.Status503ServiceUnavailable ? key : null,
                PinNeeded = refused.Code is "pin_required" or "wrong_pin" or "pin_not_set" or "pin_locked",
            };
            return PageAnswers.Page<WithdrawForm>(shown, StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<Form> FillAsync(PageApi api, Form form)
    {
        var wallets = await WalletsPage.ListAsync(api);
        var before = new List<WithdrawalView>();
        foreach (var wallet in wallets)
        {
            before.AddRange((await api.GetAsync<Page<WithdrawalView>>($"/v1/wallets/{wallet.Id}/withdrawals?limit={LastOfEach}")).Data);
        }

        return form with
        {
            Wallets = wallets,
            Before = [.. before.OrderByDescending(one => one.RequestedAt).Take(LastOfEach)],
        };
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
