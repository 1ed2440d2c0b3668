using System.Globalization;
using System.Text.Json.Serialization;
using Florin.Money;
using Florin.Platform;
using Florin.Vouchers;

namespace Florin.Compat.VoucherApp;

/// <summary>
/// <c>GET /api/analytics/dashboard/</c> and <c>revenue/</c> (<c>?days=</c>), for staff. Revenue is what was paid for vouchers less what was paid back, where
/// the original summed unit prices; of one currency, <c>?currency=</c> or the installation's own.
/// </summary>
internal static class ShowAnalytics
{
    private const int MostDays = 399;

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
    private sealed record House(PeopleOf People, VouchersOf Vouchers);

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
    private sealed record PeopleOf(long Total, long New, long Active);

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
    private sealed record VouchersOf(long Total, long Active, long Used, long Expired, long Issued, long Redeemed);

    private sealed record Dashboard(
        Users Users,
        Vouchers Vouchers,
        Revenue Revenue,
        IReadOnlyList<OfType> VoucherTypes,
        Recent RecentActivity,
        string Currency
    );

    private sealed record Users(long Total, long NewThisWeek, long ActiveThisMonth);

    private sealed record Vouchers(long Total, long Active, long Used, long Expired, long IssuedThisWeek, long UsedThisWeek);

    private sealed record Revenue(decimal Total, decimal ThisWeek, decimal ThisMonth);

    private sealed record OfType(string Name, string TypeCode, long TotalPurchased, long TotalUsed, decimal Revenue, decimal Price);

    private sealed record Recent(long PaymentsThisWeek, long VouchersIssuedThisWeek, long VouchersUsedThisWeek);

    private sealed record Takings(
        Period Period,
        IReadOnlyList<OfDay> DailyRevenue,
        IReadOnlyList<SoldType> RevenueByType,
        IReadOnlyList<OfMethod> PaymentMethods,
        Summary Summary,
        string Currency
    );

    private sealed record Period(DateOnly StartDate, DateOnly EndDate, int Days);

    private sealed record OfDay(DateOnly Day, string Revenue, long PaymentCount);

    private sealed record SoldType(
        [property: JsonPropertyName("voucher_type__name")] string Name,
        [property: JsonPropertyName("voucher_type__type_code")] string TypeCode,
        string Revenue,
        long Quantity
    );

    private sealed record OfMethod(string PaymentMethod, long Count, string Revenue);

    private sealed record Summary(string TotalRevenue, long TotalPayments, string AverageDailyRevenue);

    internal static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/analytics/dashboard", DashboardAsync).RequireAuthorization(Policies.Staff).LimitRate(RateLimit.Costly);
        api.MapGet("/analytics/revenue", RevenueAsync).RequireAuthorization(Policies.Staff).LimitRate(RateLimit.Costly);
    }

    private static async Task<IResult> DashboardAsync(HttpRequest request, EdgeApi api, Settings settings)
    {
        var currency = OldSales.CurrencyOf(request, settings);
        var week = await api.GetAsync<House>("/v1/analytics/dashboard?period=7d");
        var month = await api.GetAsync<House>("/v1/analytics/dashboard?period=30d");
        var (all, sevenDays, thirtyDays) = (
            await OldSales.ReadAsync(api, "period=all"),
            await OldSales.ReadAsync(api, "period=7d"),
            await OldSales.ReadAsync(api, "period=30d")
        );
        var types = await api.NewestAsync<VoucherTypeView>("/v1/voucher-types/all");
        var vouchers = week.Vouchers;
        return Results.Json(
            new Dashboard(
                new Users(week.People.Total, week.People.New, month.People.Active),
                new Vouchers(vouchers.Total, vouchers.Active, vouchers.Used, vouchers.Expired, vouchers.Issued, vouchers.Redeemed),
                new Revenue(all.Kept(currency), sevenDays.Kept(currency), thirtyDays.Kept(currency)),
                [.. types.Select(type => Show(type, all, currency)).OrderByDescending(type => type.TotalPurchased)],
                new Recent(sevenDays.Takings.Sum(one => one.Now.Payments), vouchers.Issued, vouchers.Redeemed),
                currency.Code
            ),
            Wire.Json
        );
    }

    private static OfType Show(VoucherTypeView type, OldSales sales, Currency currency)
    {
        var sold = sales.VoucherTypes.Where(one => string.Equals(one.Type, type.Code, StringComparison.Ordinal)).ToList();
        var price = type.Prices.FirstOrDefault(one => one.Currency == currency, type.Prices[0]);
        return new OfType(
            type.Name,
            type.Code,
            sold.Sum(one => one.Issued),
            sold.Sum(one => one.Redeemed),
            sold.Where(one => one.Paid.Currency == currency).Sum(one => one.Kept),
            EdgeFormats.Number(price)
        );
    }

    private static async Task<IResult> RevenueAsync(HttpRequest request, EdgeApi api, Settings settings, TimeProvider clock)
    {
        var currency = OldSales.CurrencyOf(request, settings);
        var days = DaysOf(request);
        var end = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var start = end.AddDays(-days);
        var sales = await OldSales.ReadAsync(api, string.Create(CultureInfo.InvariantCulture, $"from={start:yyyy-MM-dd}&to={end:yyyy-MM-dd}"));
        var (total, payments) = (sales.Kept(currency), sales.Takings.Where(one => one.Now.Currency == currency).Sum(one => one.Now.Payments));
        return Results.Json(
            new Takings(
                new Period(start, end, days),
                [
                    .. sales
                        .Times.Where(one => one.Sum.Currency == currency)
                        .GroupBy(one => DateOnly.FromDateTime(one.Start.UtcDateTime))
                        .OrderBy(day => day.Key)
                        .Select(day => new OfDay(day.Key, Text(day.Sum(one => one.Sum.Kept)), day.Sum(one => one.Sum.Payments))),
                ],
                [
                    .. sales
                        .VoucherTypes.Where(one => one.Paid.Currency == currency)
                        .OrderByDescending(one => one.Kept)
                        .Select(one => new SoldType(one.Name, one.Type, Text(one.Kept), one.Issued)),
                ],
                [
                    .. sales
                        .Methods.Where(one => one.Now.Currency == currency)
                        .OrderByDescending(one => one.Now.Kept)
                        .Select(one => new OfMethod(one.Name ?? "", one.Now.Payments, Text(one.Now.Kept))),
                ],
                new Summary(Text(total), payments, Text(days == 0 ? 0 : Math.Round(total / days, currency.Digits, MidpointRounding.ToEven))),
                currency.Code
            ),
            Wire.Json
        );
    }

    private static int DaysOf(HttpRequest request)
    {
        var asked = request.Query["days"].ToString();
        return asked.Length == 0 ? 30
            : int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days <= MostDays ? days
            : throw PlatformRefusals.InvalidRequest.Field("days", $"A whole number from 0 to {MostDays} is required.");
    }

    private static string Text(decimal number) => number.ToString("0.00######", CultureInfo.InvariantCulture);
}
