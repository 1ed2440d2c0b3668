using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Florin.Vouchers;

namespace Florin.Analytics;

/// <summary>
/// <c>GET /v1/analytics/dashboard</c>: the whole house in figures, for staff, of the last <c>24h</c>, <c>7d</c>, <c>30d</c> or <c>from</c> and <c>to</c>,
/// beside those of the stretch before; as JSON or CSV. <c>docs/metrics.md</c> says what each figure is.
/// </summary>
public static class ShowDashboard
{
    /// <param name="Period">The stretch of time.</param>
    /// <param name="Takings">Of each currency.</param>
    /// <param name="Methods">By method and currency.</param>
    /// <param name="Purposes">By purpose and currency.</param>
    /// <param name="Times">By hour or day, and currency.</param>
    /// <param name="States">Payments made in the stretch, by what they are now.</param>
    /// <param name="Pace">How payments fared.</param>
    /// <param name="PaceBefore">How those of the stretch before fared.</param>
    /// <param name="Income">What the house earned, by the ledger.</param>
    /// <param name="Shops">Those that took most.</param>
    /// <param name="People">People.</param>
    /// <param name="Vouchers">Vouchers.</param>
    /// <param name="VoucherTypes">What was sold of each type.</param>
    /// <param name="Files">Files.</param>
    public sealed record Response(
        StretchView Period,
        IReadOnlyList<TakingsPair> Takings,
        IReadOnlyList<TakingsPair> Methods,
        IReadOnlyList<TakingsPair> Purposes,
        IReadOnlyList<TakingsAt> Times,
        IReadOnlyList<CountPair> States,
        PaymentPace Pace,
        PaymentPace PaceBefore,
        IReadOnlyList<HouseIncome> Income,
        IReadOnlyList<ShopView> Shops,
        Identity.PeopleCounts People,
        VoucherCounts Vouchers,
        IReadOnlyList<VoucherTypeSales> VoucherTypes,
        Files.FileCounts Files
    );

    /// <param name="Name"><c>24h</c>, <c>7d</c>, <c>30d</c>, <c>all</c> or <c>custom</c>.</param>
    /// <param name="From">The beginning.</param>
    /// <param name="To">The end, which is not included.</param>
    /// <param name="BeforeFrom">The beginning of what it is compared with.</param>
    /// <param name="BeforeTo">Its end.</param>
    /// <param name="ByHour">Whether times are hours, and not days.</param>
    public sealed record StretchView(string Name, DateTimeOffset From, DateTimeOffset To, DateTimeOffset BeforeFrom, DateTimeOffset BeforeTo, bool ByHour)
    {
        internal static StretchView Of(Stretch stretch) =>
            new(stretch.Period, stretch.From, stretch.To, stretch.Before.From, stretch.Before.To, stretch.ByHour);
    }

    /// <param name="Shop"><c>shp_…</c></param>
    /// <param name="Name">Its name.</param>
    /// <param name="Sum">What it took, over the days of UTC that the stretch touches.</param>
    public sealed record ShopView(string Shop, string Name, TakingsSum Sum);

    internal static void Map(RouteGroupBuilder analytics) =>
        analytics.MapGet("/dashboard", HandleAsync).RequireAuthorization(Policies.Staff).LimitRate(RateLimit.Costly).Produces<Response>();

    private static async Task<IResult> HandleAsync(
        string? period,
        string? from,
        string? to,
        string? format,
        HttpContext http,
        HouseFigures figures,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var csv = Csv.Wanted(http, format);
        var stretch = Stretch.Read(period, from, to, clock.GetUtcNow());
        var found = await figures.DashboardAsync(stretch, cancel);
        return csv ? FigureRows.Table("dashboard", stretch, FigureRows.Of(found), cancel) : Results.Json(Show(found), Wire.Json);
    }

    private static Response Show(Dashboard found) =>
        new(
            StretchView.Of(found.Revenue.Stretch),
            found.Revenue.Totals,
            found.Revenue.Methods,
            found.Revenue.Purposes,
            found.Revenue.Times,
            found.States,
            found.Pace,
            found.PaceBefore,
            found.Revenue.Income,
            [.. found.Shops.Select(shop => new ShopView(Ids.Show("shp", shop.Shop), shop.Name, shop.Sum))],
            found.People,
            found.Vouchers,
            found.Revenue.VoucherTypes,
            found.Files
        );
}
