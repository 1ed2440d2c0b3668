using System.Globalization;
using Florin.Platform;
using Florin.Platform.Pages;
using Microsoft.AspNetCore.WebUtilities;

namespace Florin.Wallets.Pages;

/// <summary><c>/wallet/{id}</c>: everything that went in and out, searched and filtered.</summary>
public static class HistoryPage
{
    /// <summary>What is looked for, as it stands in the address.</summary>
    public sealed record Form(string? Q, string? Direction, string? Kind, string? From, string? To, PageRefusal? Refused = null)
    {
        internal WalletView Wallet { get; init; } = null!;

        internal IReadOnlyList<WalletsPage.EntryLine> Entries { get; init; } = [];

        internal string? Cursor { get; init; }

        internal bool Filtered => Q is not null || Direction is not null || Kind is not null || From is not null || To is not null;

        internal string FirstDay { get; init; } = "";

        internal string Today { get; init; } = "";
    }

    internal static void Map(RouteGroupBuilder pages) => pages.MapGet("/{id}", ShowAsync);

    private static async Task<IResult> ShowAsync(
        string id,
        string? q,
        string? direction,
        string? kind,
        string? from,
        string? to,
        string? cursor,
        PageContext page,
        PageApi api
    )
    {
        var asked = new Form(Given(q), Given(direction), Given(kind), Given(from), Given(to));
        var today = DateOnly.FromDateTime(page.Now.UtcDateTime);
        asked = asked with
        {
            Wallet = await api.GetAsync<WalletView>("/v1/wallets/" + Uri.EscapeDataString(id)),
            Today = Day(today),
            FirstDay = Day(new DateOnly(today.Year, today.Month, 1)),
        };
        var query = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["q"] = asked.Q,
            ["direction"] = asked.Direction,
            ["kind"] = asked.Kind,
            ["from"] = asked.From,
            ["to"] = asked.To,
            ["cursor"] = Given(cursor),
        };
        try
        {
            var entries = await api.GetAsync<Page<ListEntries.Response>>(QueryHelpers.AddQueryString($"/v1/wallets/{asked.Wallet.Id}/entries", query));
            var lines = entries.Data.Select(entry => new WalletsPage.EntryLine(asked.Wallet.Id, entry));
            return PageAnswers.Page<History>(asked with { Entries = [.. lines], Cursor = entries.NextCursor });
        }
        catch (PageRefusal refused) when (refused.Code is "invalid_request")
        {
            return PageAnswers.Page<History>(asked with { Refused = refused }, StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
