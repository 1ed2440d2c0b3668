using Florin.Platform.Pages;

namespace Florin.Wallets.Pages;

/// <summary><c>/wallet/{id}/settings</c>: name, the amount above which the PIN is asked, and the end.</summary>
public static class WalletSettingsPage
{
    /// <summary>What the page shows.</summary>
    /// <param name="Part">Which of its forms was refused.</param>
    /// <param name="Refused">Why.</param>
    public sealed record Form(string? Part = null, PageRefusal? Refused = null)
    {
        internal WalletView Wallet { get; init; } = null!;

        internal bool Saved { get; init; }

        /// <summary>The refusal of one form.</summary>
        public PageRefusal? RefusedOf(string part) => string.Equals(part, Part, StringComparison.Ordinal) ? Refused : null;
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/{id}/settings", ShowAsync);
        pages.MapPost(
            "/{id}/settings/name",
            (string id, IFormCollection form, PageApi api) => ChangeAsync(id, "name", new { name = form["name"].ToString() }, api)
        );
        pages.MapPost("/{id}/settings/pin-limit", LimitAsync);
        pages.MapPost("/{id}/settings/close", CloseAsync);
    }

    private static async Task<IResult> ShowAsync(string id, string? saved, PageApi api) =>
        PageAnswers.Page<WalletSettings>(new Form { Wallet = await FindAsync(id, api), Saved = saved is not null });

    private static Task<WalletView> FindAsync(string id, PageApi api) => api.GetAsync<WalletView>(PathOf(id));

    private static string PathOf(string id) => "/v1/wallets/" + Uri.EscapeDataString(id);

    private static async Task<IResult> LimitAsync(string id, IFormCollection form, PageApi api)
    {
        var wallet = await FindAsync(id, api);
        var typed = string.IsNullOrWhiteSpace(form["pin_limit"]) ? null : TypedAmount.Read(form["pin_limit"], wallet.Currency);
        var limit = typed is null ? null : new { amount = typed.Amount, currency = typed.Currency };
        return await ChangeAsync(id, "pin_limit", new { pin_limit = limit, pin = form["pin"].ToString() }, api);
    }

    private static async Task<IResult> ChangeAsync(string id, string part, object change, PageApi api)
    {
        try
        {
            var wallet = await api.SendAsync<WalletView>("PATCH", PathOf(id), change);
            return PageAnswers.Go($"/wallet/{wallet.Id}/settings?saved=1");
        }
        catch (PageRefusal refused)
        {
            return await AgainAsync(id, part, refused, api);
        }
    }

    private static async Task<IResult> CloseAsync(string id, IFormCollection form, PageApi api)
    {
        try
        {
            await api.SendAsync("DELETE", PathOf(id), body: null, form["idempotency_key"]);
            return PageAnswers.Go("/wallet");
        }
        catch (PageRefusal refused)
        {
            return await AgainAsync(id, "close", refused, api);
        }
    }

    private static async Task<IResult> AgainAsync(string id, string part, PageRefusal refused, PageApi api) =>
        PageAnswers.Page<WalletSettings>(new Form(part, refused) { Wallet = await FindAsync(id, api) }, StatusCodes.Status422UnprocessableEntity);
}
