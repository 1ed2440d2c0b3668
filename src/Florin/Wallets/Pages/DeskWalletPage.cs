using Florin.Ledger;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Wallets.Pages;

/// <summary><c>/admin/wallets/{id}</c>: anybody's wallet for staff: what it holds, the entries that make it, and its block.</summary>
public static class DeskWalletPage
{
    /// <summary>What is shown.</summary>
    public sealed record Shown(DeskWallet Found, Page<BookEntry> Entries)
    {
        /// <summary>Why something was not done.</summary>
        public PageRefusal? Refused { get; init; }

        /// <summary>Whether the last action was done.</summary>
        public bool Done { get; init; }
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet(
            "/wallets/{id}",
            static (string id, string? cursor, string? done, PageApi api) => ShowAsync(id, cursor, done is not null, api, refused: null)
        );
        pages.MapPost("/wallets/{id}/block", static (string id, IFormCollection form, PageApi api) => DoAsync(id, "/block", form, api));
        pages.MapPost("/wallets/{id}/unblock", static (string id, IFormCollection form, PageApi api) => DoAsync(id, "/unblock", form, api));
    }

    private static async Task<IResult> ShowAsync(string id, string? cursor, bool done, PageApi api, PageRefusal? refused)
    {
        var found = await api.GetAsync<DeskWallet>($"/v1/wallets/{StaffForms.Part(id)}/desk");
        var account = found.Account.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var entries = await api.GetAsync<Page<BookEntry>>(StaffForms.Query($"/v1/ledger/accounts/{account}/entries", ("limit", "30"), ("cursor", cursor)));
        return PageAnswers.Page<DeskWalletDetail>(
            new Shown(found, entries) { Refused = refused, Done = done },
            refused is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity
        );
    }

    private static async Task<IResult> DoAsync(string id, string what, IFormCollection form, PageApi api)
    {
        try
        {
            await api.SendAsync("POST", $"/v1/wallets/{StaffForms.Part(id)}{what}", form.Reason());
            return PageAnswers.Go($"/admin/wallets/{id}?done=1");
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status404NotFound)
        {
            return await ShowAsync(id, null, done: false, api, refused);
        }
    }
}
