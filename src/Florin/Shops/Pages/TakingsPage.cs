using System.Globalization;
using Florin.Platform;
using Florin.Platform.Pages;
using Microsoft.AspNetCore.WebUtilities;

namespace Florin.Shops.Pages;

/// <summary><c>/portal/takings</c>: what the shop took by day or hour, method, customer and reason of refunds, for its owner.</summary>
public static class TakingsPage
{
    private const string ZoneCookie = "florin_zone"; // a script writes the browser's own
    private const int UsualDays = 7;
    private const int MostDaysByHour = 3;

    /// <summary>The figures.</summary>
    public sealed record Shown
    {
        /// <summary>The first day, <c>2026-01-31</c>.</summary>
        public required string From { get; init; }

        /// <summary>The last day.</summary>
        public required string To { get; init; }

        /// <summary>Where the same is as CSV.</summary>
        public required string CsvPath { get; init; }

        internal ShowTakings.Response Times { get; init; } = null!;

        internal ShowTakings.Response Methods { get; init; } = null!;

        internal ShowTakings.Response Customers { get; init; } = null!;

        internal ShowTakings.Response Reasons { get; init; } = null!;
    }

    internal static void Map(RouteGroupBuilder portal)
    {
        portal.MapGet("/takings", ShowAsync);
        portal.MapGet("/takings.csv", CsvAsync);
    }

    private static async Task<IResult> ShowAsync(string? from, string? to, PageContext page, PortalShop portal, PageApi api)
    {
        var zone = ZoneOf(page);
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(page.Now, zone).DateTime);
        var last = DayOf(to) ?? today;
        var first = DayOf(from) ?? last.AddDays(1 - UsualDays);
        if (first > last)
        {
            (first, last) = (last, first);
        }

        var by = last.DayNumber - first.DayNumber < MostDaysByHour ? "hour" : "day";
        Task<ShowTakings.Response> AskAsync(string how) => api.GetAsync<ShowTakings.Response>(PathOf(portal, first, last, how, zone));
        return PageAnswers.Page<TakingsView>(
            new Shown
            {
                From = Show(first),
                To = Show(last),
                CsvPath = $"/portal/takings.csv?from={Show(first)}&to={Show(last)}&by={by}",
                Times = await AskAsync(by),
                Methods = await AskAsync("method"),
                Customers = await AskAsync("customer"),
                Reasons = await AskAsync("reason"),
            }
        );
    }

    private static async Task<IResult> CsvAsync(string? from, string? to, string? by, PageContext page, PortalShop portal, PageApi api)
    {
        var today = DateOnly.FromDateTime(page.Now.UtcDateTime);
        var path = PathOf(portal, DayOf(from) ?? today, DayOf(to) ?? today, by, ZoneOf(page)) + "&format=csv";
        var csv = await api.SendAsync("GET", path);
        return Results.File(csv.Body, csv.ContentType, $"florin-takings-{from}.csv");
    }

    private static string PathOf(PortalShop portal, DateOnly first, DateOnly last, string? by, TimeZoneInfo zone) =>
        QueryHelpers.AddQueryString(
            $"/v1/shops/{portal.Id}/takings",
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["from"] = Show(first),
                ["to"] = Show(last),
                ["by"] = by,
                ["tz"] = zone.Id,
            }
        );

    private static TimeZoneInfo ZoneOf(PageContext page) =>
        page.Http.Request.Cookies[ZoneCookie] is { Length: > 0 and < 60 } name
        && name.Contains('/', StringComparison.Ordinal)
        && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone)
            ? zone
            : TimeZoneInfo.Utc;

    private static DateOnly? DayOf(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private static string Show(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
