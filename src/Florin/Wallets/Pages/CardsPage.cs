using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Wallets.Pages;

/// <summary><c>/account/cards</c>: what one holds to a reader at a till: made, shown once, revoked.</summary>
public static class CardsPage
{
    /// <summary>What the page shows.</summary>
    /// <param name="Name">Of the form.</param>
    /// <param name="Token">The new card's secret, this once.</param>
    /// <param name="Refused">Why the form is shown again.</param>
    public sealed record Form(string? Name = null, string? Token = null, PageRefusal? Refused = null)
    {
        internal IReadOnlyList<WalletView> Wallets { get; init; } = [];

        internal IReadOnlyList<CardView> Cards { get; init; } = [];

        internal string? Cursor { get; init; }
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("", async (string? cursor, PageApi api) => PageAnswers.Page<Cards>(await FillAsync(api, new Form(), cursor)));
        pages.MapPost("", CreateAsync).LimitRate(RateLimit.Guessing);
        pages.MapPost("/{id}/revoke", RevokeAsync);
    }

    private static async Task<Form> FillAsync(PageApi api, Form form, string? cursor = null)
    {
        var cards = await api.GetAsync<Page<CardView>>("/v1/me/cards" + (cursor is null ? "" : "?cursor=" + Uri.EscapeDataString(cursor)));
        return form with { Wallets = await WalletsPage.ListAsync(api), Cards = cards.Data, Cursor = cards.NextCursor };
    }

    private static async Task<IResult> CreateAsync(IFormCollection form, PageApi api)
    {
        var shown = new Form(form["name"]);
        var wallets = await WalletsPage.ListAsync(api);
        if (WalletsPage.Choose(wallets, form["wallet"]) is not { } wallet)
        {
            return PageAnswers.Go("/wallet");
        }

        var order = new
        {
            wallet = wallet.Id,
            name = shown.Name,
            pin = form["pin"].ToString(),
            pin_limit = Limit(form["pin_limit"], wallet),
            day_limit = Limit(form["day_limit"], wallet),
        };
        try
        {
            var made = await api.SendAsync<CreateCard.Response>("POST", "/v1/me/cards", order, form["idempotency_key"]);
            return PageAnswers.Page<Cards>(await FillAsync(api, new Form(Token: made.Token)));
        }
        catch (PageRefusal refused)
        {
            return PageAnswers.Page<Cards>(await FillAsync(api, shown with { Refused = refused }), StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static object? Limit(string? text, WalletView wallet)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var typed = TypedAmount.Read(text, wallet.Currency);
        return new { amount = typed.Amount, currency = typed.Currency };
    }

    private static async Task<IResult> RevokeAsync(string id, PageApi api)
    {
        await api.SendAsync("DELETE", "/v1/me/cards/" + Uri.EscapeDataString(id));
        return PageAnswers.Go("/account/cards");
    }
}
