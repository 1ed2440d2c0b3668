using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Wallets.Pages;

/// <summary><c>/wallet/top-up</c>: money in: by card or bank through a payment, and in sandbox mode at once.</summary>
public static class TopUpPage
{
    private const string AtOnce = "sandbox";

    /// <summary>The form.</summary>
    public sealed record Form(string? Wallet = null, string? Amount = null, string? Method = null, string? Key = null, PageRefusal? Refused = null)
    {
        internal IReadOnlyList<WalletView> Wallets { get; init; } = [];
    }

    private sealed record ToPay(string PayUrl);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/top-up", ShowAsync);
        pages.MapPost("/top-up", PayInAsync).LimitRate(RateLimit.Money);
    }

    private static async Task<IResult> ShowAsync(string? wallet, string? amount, PageApi api) =>
        PageAnswers.Page<TopUpForm>(new Form(wallet, amount) { Wallets = await WalletsPage.ListAsync(api) });

    private static async Task<IResult> PayInAsync(IFormCollection form, PageContext page, PageApi api)
    {
        var wallets = await WalletsPage.ListAsync(api);
        var shown = new Form(form["wallet"], form["amount"], form["method"]) { Wallets = wallets };
        var key = form["idempotency_key"].ToString();
        if (WalletsPage.Choose(wallets, shown.Wallet) is not { } wallet)
        {
            return PageAnswers.Go("/wallet");
        }

        var typed = TypedAmount.Read(shown.Amount, wallet.Currency);
        var amount = new { amount = typed.Amount, currency = typed.Currency };
        try
        {
            if (shown.Method is AtOnce && page.Sandbox)
            {
                var paid = await api.SendAsync<DepositMoney.Response>("POST", $"/v1/wallets/{wallet.Id}/deposits", new { amount }, key);
                return PageAnswers.Go($"/wallet/{wallet.Id}/entries/{paid.Id}?done=1");
            }

            var order = new
            {
                purpose = TopUp.Name,
                amount,
                subject = new { wallet = wallet.Id },
            };
            var payment = await api.SendAsync<ToPay>("POST", "/v1/payments", order, key);
            return PageAnswers.Go(new Uri(payment.PayUrl).PathAndQuery);
        }
        catch (PageRefusal refused)
        {
            shown = shown with { Refused = refused, Key = refused.Status == StatusCodes.Status503ServiceUnavailable ? key : null };
            return PageAnswers.Page<TopUpForm>(shown, StatusCodes.Status422UnprocessableEntity);
        }
    }
}
