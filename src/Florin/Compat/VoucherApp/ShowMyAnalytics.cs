using System.Text.Json.Serialization;
using Florin.Money;
using Florin.Platform;
using Florin.Vouchers;

namespace Florin.Compat.VoucherApp;

/// <summary>
/// <c>GET /api/analytics/user/</c>: the caller's vouchers, what they paid for them less what was paid back (the original summed unit prices), and the newest
/// five of each; of one currency, <c>?currency=</c> or the installation's own.
/// </summary>
internal static class ShowMyAnalytics
{
    private const int Newest = 5;

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
    private sealed record Mine(OwnVoucherCounts Vouchers, IReadOnlyList<UseCount> Services);

    private sealed record Response(
        Counts VoucherSummary,
        Spent Spending,
        IReadOnlyList<UsesOf> UsageByType,
        IReadOnlyList<RecentVoucher> RecentVouchers,
        IReadOnlyList<RecentUse> RecentUsage
    );

    private sealed record Counts(long Total, long Active, long Used, long Expired);

    // The average is over all that were bought, and so is none where they were paid for in several currencies.
    private sealed record Spent(decimal Total, decimal? AveragePerVoucher, string Currency);

    private sealed record UsesOf(
        [property: JsonPropertyName("voucher__voucher_type__name")] string Name,
        [property: JsonPropertyName("voucher__voucher_type__type_code")] string TypeCode,
        long UsageCount
    );

    private sealed record RecentVoucher(string Code, string Type, string Status, string IssuedAt, string ExpiresAt);

    private sealed record RecentUse(string? VoucherCode, string ServiceType, string UsedAt);

    internal static void Map(RouteGroupBuilder api) =>
        api.MapGet("/analytics/user", HandleAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Costly);

    private static async Task<IResult> HandleAsync(HttpRequest request, Caller caller, EdgeApi api, Settings settings, CancellationToken cancel)
    {
        var currency = OldSales.CurrencyOf(request, settings);
        var mine = await api.GetAsync<Mine>("/v1/analytics/me");
        var counts = mine.Vouchers;
        var vouchers = (await api.GetAsync<Page<VoucherView>>($"/v1/vouchers?limit={Newest}")).Data;
        var uses = await RedeemByCode.OwnUsesAsync(caller, api);
        var names = uses.DistinctBy(use => use.ServiceType, StringComparer.Ordinal)
            .ToDictionary(use => use.ServiceType, use => use.Name, StringComparer.Ordinal);
        var recent = uses.Take(Newest).ToList();
        var codes = recent.Count == 0 ? [] : await RedeemByCode.CodesAsync(api);
        return Results.Json(
            new Response(
                new Counts(counts.Total, counts.Active, counts.Used, counts.Expired),
                Of(counts, currency),
                [.. mine.Services.Select(one => new UsesOf(names.GetValueOrDefault(one.ServiceType, one.ServiceType), one.ServiceType, one.Uses))],
                [.. vouchers.Select(one => new RecentVoucher(one.Code, one.Name, one.State, EdgeFormats.Time(one.IssuedAt), EdgeFormats.Time(one.ExpiresAt)))],
                recent.ConvertAll(use => new RecentUse(codes.GetValueOrDefault(use.Voucher), use.ServiceType, EdgeFormats.Time(use.RedeemedAt)))
            ),
            Wire.Json
        );
    }

    private static Spent Of(OwnVoucherCounts counts, Currency currency)
    {
        var total = counts.Spent.Where(one => one.Currency == currency).Sum(EdgeFormats.Number);
        var single = counts.Spent.All(one => one.Currency == currency);
        var average =
            counts.Bought == 0 ? 0
            : single ? Math.Round(total / counts.Bought, currency.Digits, MidpointRounding.ToEven)
            : (decimal?)null;
        return new Spent(total, average, currency.Code);
    }
}
