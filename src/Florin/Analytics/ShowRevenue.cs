using Florin.Ledger;
using Florin.Platform;
using Florin.Vouchers;

namespace Florin.Analytics;

/// <summary>
/// <c>GET /v1/analytics/revenue</c>: takings and income, for staff, of thirty days, a <c>period</c> or <c>from</c> and <c>to</c>, beside those of the stretch
/// before; with <c>purpose</c> the takings of that purpose only; as JSON or CSV. <c>docs/metrics.md</c> says what each figure is.
/// </summary>
internal static class ShowRevenue
{
    /// <param name="Period">The stretch of time.</param>
    /// <param name="Takings">Of each currency.</param>
    /// <param name="Methods">By method and currency.</param>
    /// <param name="Purposes">By purpose and currency.</param>
    /// <param name="Times">By hour or day, and currency.</param>
    /// <param name="VoucherTypes">What was sold of each type.</param>
    /// <param name="Income">What the house earned, by the ledger.</param>
    public sealed record Response(
        ShowDashboard.StretchView Period,
        IReadOnlyList<TakingsPair> Takings,
        IReadOnlyList<TakingsPair> Methods,
        IReadOnlyList<TakingsPair> Purposes,
        IReadOnlyList<TakingsAt> Times,
        IReadOnlyList<VoucherTypeSales> VoucherTypes,
        IReadOnlyList<HouseIncome> Income
    );

    internal static void Map(RouteGroupBuilder analytics) =>
        analytics.MapGet("/revenue", HandleAsync).RequireAuthorization(Policies.Staff).LimitRate(RateLimit.Costly).Produces<Response>();

    private static async Task<IResult> HandleAsync(
        string? period,
        string? from,
        string? to,
        string? purpose,
        string? format,
        HttpContext http,
        HouseFigures figures,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var csv = Csv.Wanted(http, format);
        var stretch = Stretch.Read(period, from, to, clock.GetUtcNow(), usual: "30d");
        var found = await figures.RevenueAsync(stretch, cancel, purpose);
        return csv
            ? FigureRows.Table("revenue", stretch, FigureRows.Of(found), cancel)
            : Results.Json(
                new Response(ShowDashboard.StretchView.Of(stretch), found.Totals, found.Methods, found.Purposes, found.Times, found.VoucherTypes, found.Income),
                Wire.Json
            );
    }
}
