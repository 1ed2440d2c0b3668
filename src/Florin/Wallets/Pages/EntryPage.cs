using Florin.Platform.Pages;

namespace Florin.Wallets.Pages;

/// <summary><c>/wallet/{id}/entries/{entry}</c>: one entry; also what is shown after money was sent or paid in.</summary>
public static class EntryPage
{
    /// <summary>What the page shows.</summary>
    /// <param name="Done">Whether it has just been done by the reader.</param>
    public sealed record Form(bool Done)
    {
        internal WalletView Wallet { get; init; } = null!;

        internal ListEntries.Response Entry { get; init; } = null!;
    }

    internal static void Map(RouteGroupBuilder pages) => pages.MapGet("/{id}/entries/{entry}", ShowAsync);

    private static async Task<IResult> ShowAsync(string id, string entry, string? done, PageApi api)
    {
        var wallet = await api.GetAsync<WalletView>("/v1/wallets/" + Uri.EscapeDataString(id));
        var found = await api.GetAsync<ListEntries.Response>($"/v1/wallets/{wallet.Id}/entries/{Uri.EscapeDataString(entry)}");
        return PageAnswers.Page<EntryCard>(new Form(done is not null) { Wallet = wallet, Entry = found });
    }
}
