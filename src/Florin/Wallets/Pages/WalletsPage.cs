using Florin.Money;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Wallets.Pages;

/// <summary><c>/wallet</c>: what one has, in every currency, and what happened last.</summary>
public static class WalletsPage
{
    private const int LastOfEach = 6;
    private const int LastAtMost = 8;

    /// <summary>What the page shows.</summary>
    public sealed record Form(PageRefusal? Refused = null)
    {
        internal IReadOnlyList<WalletView> Wallets { get; init; } = [];

        internal IReadOnlyList<Currency> Offered { get; init; } = [];

        internal IReadOnlyList<EntryLine> Last { get; init; } = [];
    }

    /// <summary>An entry and the wallet that it is of.</summary>
    internal sealed record EntryLine(string Wallet, ListEntries.Response Entry);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("", ShowAsync);
        pages.MapPost("", OpenAsync);
    }

    /// <summary>The reader's open wallets, oldest first.</summary>
    internal static async Task<IReadOnlyList<WalletView>> ListAsync(PageApi api) => (await api.GetAsync<Page<WalletView>>("/v1/wallets")).Data;

    /// <summary>The named one, else the first that may spend, else the first.</summary>
    internal static WalletView? Choose(IReadOnlyList<WalletView> wallets, string? id) =>
        wallets.FirstOrDefault(wallet => string.Equals(wallet.Id, id, StringComparison.Ordinal))
        ?? wallets.FirstOrDefault(wallet => !wallet.Blocked && wallet.Available.Minor > 0)
        ?? (wallets.Count > 0 ? wallets[0] : null);

    private static async Task<IResult> ShowAsync(PageApi api, Settings settings) => PageAnswers.Page<WalletList>(await ReadAsync(api, settings));

    private static async Task<Form> ReadAsync(PageApi api, Settings settings)
    {
        var wallets = await ListAsync(api);
        var last = new List<EntryLine>();
        foreach (var wallet in wallets)
        {
            var page = await api.GetAsync<Page<ListEntries.Response>>($"/v1/wallets/{wallet.Id}/entries?limit={LastOfEach}");
            last.AddRange(page.Data.Select(entry => new EntryLine(wallet.Id, entry)));
        }

        return new Form
        {
            Wallets = wallets,
            Offered =
                wallets.Count < settings.WalletsPerPerson ? [.. settings.Currencies.Where(currency => wallets.All(wallet => wallet.Currency != currency))] : [],
            Last = [.. last.OrderByDescending(line => line.Entry.PostedAt).Take(LastAtMost)],
        };
    }

    private static async Task<IResult> OpenAsync(IFormCollection form, PageApi api, Settings settings)
    {
        try
        {
            var name = form["name"].ToString().Trim();
            var body = new { currency = form["currency"].ToString(), name = name.Length > 0 ? name : null };
            await api.SendAsync("POST", "/v1/wallets", body, form["idempotency_key"]);
            return PageAnswers.Go("/wallet");
        }
        catch (PageRefusal refused)
        {
            return PageAnswers.Page<WalletList>(await ReadAsync(api, settings) with { Refused = refused }, StatusCodes.Status422UnprocessableEntity);
        }
    }
}
