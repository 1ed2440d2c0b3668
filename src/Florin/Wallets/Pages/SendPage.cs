using Florin.Money;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Wallets.Pages;

/// <summary><c>/wallet/send</c>: to whom and how much; then who that is, at what rate and whether the PIN is needed; then it is sent.</summary>
public static class SendPage
{
    /// <summary>The first step.</summary>
    public sealed record Form(string? To = null, string? Amount = null, string? Note = null, string? From = null, PageRefusal? Refused = null)
    {
        internal IReadOnlyList<WalletView> Wallets { get; init; } = [];
    }

    /// <summary>The second step.</summary>
    /// <param name="Amount">What leaves the sender's wallet.</param>
    /// <param name="Note">For both.</param>
    /// <param name="PinNeeded">Whether the PIN is asked.</param>
    /// <param name="Key">The form's idempotency key; null for a new one.</param>
    /// <param name="Refused">Why it is shown again.</param>
    public sealed record Review(Amount Amount, string? Note, bool PinNeeded, string? Key = null, PageRefusal? Refused = null)
    {
        internal WalletView From { get; init; } = null!;

        internal FindRecipient.Response To { get; init; } = null!;

        internal Promise? Quote { get; init; }
    }

    /// <summary>A quote, as its route answers it.</summary>
    internal sealed record Promise(string Id, Amount SourceAmount, Amount TargetAmount, string Rate, string State, DateTimeOffset ExpiresAt);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/send", ShowAsync);
        pages.MapPost("/send", ReviewAsync).LimitRate(RateLimit.Money);
        pages.MapPost("/send/confirm", ConfirmAsync).LimitRate(RateLimit.Money);
        pages.MapGet("/scan", static () => PageAnswers.Page<ScanPage>());
    }

    private static async Task<IResult> ShowAsync(string? to, string? amount, string? note, string? from, PageApi api) =>
        PageAnswers.Page<SendForm>(new Form(to, amount, note, from) { Wallets = await WalletsPage.ListAsync(api) });

    private static async Task<IResult> ReviewAsync(IFormCollection form, PageApi api)
    {
        var wallets = await WalletsPage.ListAsync(api);
        var shown = new Form(form["to"].ToString().Trim(), form["amount"], Given(form["note"]), form["from"]) { Wallets = wallets };
        if (WalletsPage.Choose(wallets, shown.From) is not { } from)
        {
            return PageAnswers.Go("/wallet");
        }

        try
        {
            var recipient = await FindAsync(api, shown.To!, from);
            return PageAnswers.Page<SendReview>(await DrawAsync(api, from, recipient, TypedAmount.Read(shown.Amount, from.Currency), shown.Note));
        }
        catch (PageRefusal refused)
        {
            return PageAnswers.Page<SendForm>(shown with { Refused = refused }, StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<IResult> ConfirmAsync(IFormCollection form, PageApi api)
    {
        var from = await api.GetAsync<WalletView>("/v1/wallets/" + Uri.EscapeDataString(form["from"].ToString()));
        var amount = TypedAmount.Read(form["amount"], from.Currency);
        var key = form["idempotency_key"].ToString();
        var order = new
        {
            to = form["to"].ToString(),
            amount = new { amount = amount.Amount, currency = amount.Currency },
            quote_id = Given(form["quote_id"]),
            note = Given(form["note"]),
            pin = Given(form["pin"]),
        };
        try
        {
            var sent = await api.SendAsync<TransferMoney.Response>("POST", $"/v1/wallets/{from.Id}/transfers", order, key);
            return PageAnswers.Go($"/wallet/{from.Id}/entries/{sent.Id}?done=1");
        }
        catch (PageRefusal refused)
        {
            return await AgainAsync(api, from, order.to, amount, order.note, order.quote_id, key, refused);
        }
    }

    private static async Task<IResult> AgainAsync(
        PageApi api,
        WalletView from,
        string to,
        TypedAmount amount,
        string? note,
        string? quote,
        string key,
        PageRefusal refused
    )
    {
        try
        {
            var review = await DrawAsync(api, from, await FindAsync(api, to, from), amount, note, quote);
            review = review with
            {
                Refused = refused,
                PinNeeded = review.PinNeeded || refused.Code is "pin_required" or "wrong_pin" or "pin_not_set" or "pin_locked",
                // The outcome of a retryable refusal may not be known: the same key finds it out, a new one would send twice.
                Key = refused.Status == StatusCodes.Status503ServiceUnavailable ? key : null,
            };
            return PageAnswers.Page<SendReview>(review, StatusCodes.Status422UnprocessableEntity);
        }
        catch (PageRefusal instead)
        {
            var shown = new Form(to, amount.Amount, note, from.Id, instead) { Wallets = await WalletsPage.ListAsync(api) };
            return PageAnswers.Page<SendForm>(shown, StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<FindRecipient.Response> FindAsync(PageApi api, string to, WalletView from)
    {
        var found = await api.SendAsync<FindRecipient.Response>("POST", "/v1/recipients", new { to, currency = from.Currency.Code });
        return string.Equals(found.Number, from.Number, StringComparison.Ordinal)
            ? throw PageRefusal.Of("to", "This is the wallet that you send from; choose another.")
            : found;
    }

    private static async Task<Review> DrawAsync(PageApi api, WalletView from, FindRecipient.Response to, TypedAmount typed, string? note, string? quote = null)
    {
        var amount = typed.Parse() is { Minor: > 0 } parsed ? parsed : throw PageRefusal.Of("amount", "Give an amount above zero, such as 10.50.");
        return new Review(amount, note, from.PinLimit is { } limit && amount.Minor > limit.Minor)
        {
            From = from,
            To = to,
            Quote = to.Currency == from.Currency ? null : await PromiseAsync(api, typed, to.Currency, quote),
        };
    }

    // The one that was shown while it holds, else a new one.
    private static async Task<Promise> PromiseAsync(PageApi api, TypedAmount amount, Currency target, string? shown)
    {
        if (shown is not null && await api.GetAsync<Promise>("/v1/quotes/" + Uri.EscapeDataString(shown)) is { State: "open" } open)
        {
            return open;
        }

        var body = new
        {
            from = amount.Currency,
            to = target.Code,
            source_amount = new { amount = amount.Amount, currency = amount.Currency },
        };
        return await api.SendAsync<Promise>("POST", "/v1/quotes", body);
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
