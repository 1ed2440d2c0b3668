using Florin.Analytics;
using Florin.Platform;
using Florin.Platform.Pages;
using Microsoft.AspNetCore.WebUtilities;

namespace Florin.Admin;

/// <summary><c>/admin</c> and, without the way to anything that changes something, <c>/dashboard</c>: how the house stands.</summary>
public static class OverviewPage
{
    /// <summary>What it shows.</summary>
    public sealed record Shown
    {
        /// <summary><c>/admin</c> or <c>/dashboard</c>.</summary>
        public required string Path { get; init; }

        /// <summary>The query of what is shown, for the links to CSV.</summary>
        public required string Query { get; init; }

        internal ShowHouse.Response House { get; init; } = null!;

        internal ShowDashboard.Response Figures { get; init; } = null!;

        /// <summary>Why the days that were asked for are not shown.</summary>
        public PageRefusal? Refused { get; init; }
    }

    internal static void Map(RouteGroupBuilder admin, RouteGroupBuilder dashboard)
    {
        admin.MapGet("", (string? period, string? from, string? to, PageApi api) => ShowAsync<OverviewView>("/admin", period, from, to, api));
        dashboard.MapGet("", (string? period, string? from, string? to, PageApi api) => ShowAsync<DashboardView>("/dashboard", period, from, to, api));
        foreach (var pages in new[] { admin, dashboard })
        {
            pages.MapGet(
                "/figures.csv",
                (string? period, string? from, string? to, PageApi api) => CsvAsync("/v1/analytics/dashboard" + QueryOf(period, from, to), "figures", api)
            );
            pages.MapGet("/house.csv", (PageApi api) => CsvAsync("/v1/house", "house", api));
        }
    }

    private static async Task<IResult> ShowAsync<TView>(string path, string? period, string? from, string? to, PageApi api, PageRefusal? refused = null)
        where TView : Microsoft.AspNetCore.Components.IComponent
    {
        var query = QueryOf(period, from, to);
        var figures = api.GetAsync<ShowDashboard.Response>("/v1/analytics/dashboard" + query);
        var house = api.GetAsync<ShowHouse.Response>("/v1/house");
        try
        {
            await Task.WhenAll(figures, house);
        }
        catch (PageRefusal wrong) when (wrong.Status is StatusCodes.Status400BadRequest && query.Length > 0)
        {
            return await ShowAsync<TView>(path, null, null, null, api, wrong); // the usual days, and what is wrong with these
        }

        return PageAnswers.Page<TView>(
            new Shown
            {
                Path = path,
                Query = query,
                Figures = await figures,
                House = await house,
                Refused = refused,
            },
            refused is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity
        );
    }

    private static async Task<IResult> CsvAsync(string path, string name, PageApi api)
    {
        var csv = await api.SendAsync("GET", QueryHelpers.AddQueryString(path, "format", "csv"));
        return Results.File(csv.Body, csv.ContentType, $"florin-{name}.csv");
    }

    // An empty field of the form is not asked for.
    private static string QueryOf(string? period, string? from, string? to) =>
        QueryHelpers.AddQueryString(
            "",
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["period"] = period,
                ["from"] = from is { Length: > 0 } ? from : null,
                ["to"] = to is { Length: > 0 } ? to : null,
            }.Where(one => one.Value is not null)
        );
}
