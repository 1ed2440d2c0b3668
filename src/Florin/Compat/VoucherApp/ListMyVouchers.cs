using Florin.Money;
using Florin.Platform;
using Florin.Platform.Pages;
using Florin.Vouchers;

namespace Florin.Compat.VoucherApp;

/// <summary>
/// <c>GET /api/vouchers/my-vouchers/</c> (by <c>status</c>), <c>detail/&lt;code&gt;/</c> and <c>stats/</c>. What is overdue is expired, which it never was
/// there, and the value is that of the uses that are left.
/// </summary>
internal static class ListMyVouchers
{
    private sealed record Counts(int Total, int Active, int Used, int Expired, int Cancelled, IReadOnlyList<Amount> Value);

    private sealed record Stats(int TotalVouchers, int ActiveVouchers, int UsedVouchers, int ExpiredVouchers, decimal TotalValue, string? Currency);

    internal static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/vouchers/my-vouchers", ListAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Costly);
        api.MapGet("/vouchers/detail/{code}", ShowAsync).RequireAuthorization(Policies.Person);
        api.MapGet("/vouchers/stats", StatsAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Costly);
    }

    private static async Task<IResult> ListAsync(HttpRequest request, EdgeApi api, CompatIds ids, CancellationToken cancel)
    {
        var status = request.Query["status"].ToString();
        if (status.Length > 0 && !VoucherStates.All.Contains(status, StringComparer.Ordinal))
        {
            return EdgePage.Of<OldVoucher>(request, []); // nothing has such a status
        }

        var vouchers = await api.NewestAsync<VoucherView>("/v1/vouchers" + (status.Length == 0 ? "" : "?state=" + status));
        return EdgePage.Of(request, await OldVoucher.OfAsync(vouchers, ids, cancel));
    }

    private static async Task<IResult> ShowAsync(string code, EdgeApi api, CompatIds ids, CancellationToken cancel)
    {
        try
        {
            var voucher = await api.GetAsync<VoucherView>("/v1/vouchers/" + Uri.EscapeDataString(code));
            return Results.Json((await OldVoucher.OfAsync([voucher], ids, cancel))[0], Wire.Json);
        }
        catch (PageRefusal refusal) when (refusal.Status == 404)
        {
            throw VoucherAppRefusals.VoucherNotFound.With();
        }
    }

    private static async Task<IResult> StatsAsync(EdgeApi api)
    {
        var counts = await api.GetAsync<Counts>("/v1/vouchers/stats");
        var value = counts.Value.Count > 0 ? counts.Value[0] : (Amount?)null;
        var stats = new Stats(counts.Total, counts.Active, counts.Used, counts.Expired, value is { } sum ? EdgeFormats.Number(sum) : 0, value?.Currency.Code);
        return Results.Json(stats, Wire.Json);
    }
}
