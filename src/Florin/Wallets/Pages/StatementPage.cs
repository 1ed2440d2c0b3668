using Florin.Money;
using Florin.Platform.Pages;
using Microsoft.AspNetCore.WebUtilities;

namespace Florin.Wallets.Pages;

/// <summary><c>/wallet/{id}/statement</c>: a statement to print, or as a file.</summary>
public static class StatementPage
{
    /// <summary>What the page shows.</summary>
    public sealed record Form
    {
        internal Sheet Shown { get; init; } = null!;
    }

    /// <summary>A statement as its route answers it.</summary>
    internal sealed record Sheet(
        string Wallet,
        string Number,
        string Owner,
        Currency Currency,
        DateTimeOffset From,
        DateTimeOffset To,
        DateTimeOffset CreatedAt,
        Amount OpeningBalance,
        Amount ClosingBalance,
        IReadOnlyList<ListEntries.Response> Entries
    );

    internal static void Map(RouteGroupBuilder pages) => pages.MapGet("/{id}/statement", ShowAsync);

    private static async Task<IResult> ShowAsync(string id, string? from, string? to, string? format, PageContext page, PageApi api)
    {
        var query = new Dictionary<string, string?>(StringComparer.Ordinal) { ["from"] = Given(from), ["to"] = Given(to) };
        query["format"] = format is null or "page" ? "json" : format;
        var path = QueryHelpers.AddQueryString($"/v1/wallets/{Uri.EscapeDataString(id)}/statement", query);
        if (format is null or "page")
        {
            return PageAnswers.Page<StatementSheet>(new Form { Shown = await api.GetAsync<Sheet>(path) });
        }

        if (format is "json")
        {
            page.Http.Response.Headers.ContentDisposition = "attachment; filename=florin-statement.json"; // the route answers it, the page saves it
        }

        return await api.PassAsync(path);
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
