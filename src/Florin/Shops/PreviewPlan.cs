using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Shops;

/// <summary>
/// What a change of fees would have done to the last 30 days, before it is made: <c>POST /v1/shop-plans/{name}/preview</c> for all shops of the plan,
/// <c>GET /v1/shops/{id}/plan-preview?plan=</c> for one shop that gets another. Nothing changes.
/// </summary>
internal static class PreviewPlan
{
    private const int Days = 30;

    /// <param name="Shops">How many shops it is about.</param>
    /// <param name="Since">From when on payments were counted.</param>
    /// <param name="Data">One line per currency that had any.</param>
    public sealed record Response(int Shops, DateTimeOffset Since, IReadOnlyList<Line> Data);

    /// <param name="Payments">How many payments with a fee.</param>
    /// <param name="Sold">Their amounts together.</param>
    /// <param name="Fees">What the house took.</param>
    /// <param name="WouldBe">What it would have taken.</param>
    public sealed record Line(long Payments, Amount Sold, Amount Fees, Amount WouldBe);

    public static void Map(RouteGroupBuilder plans, RouteGroupBuilder shops)
    {
        plans.MapPost("/{name}/preview", OfPlanAsync).RequireAuthorization(Policies.Staff).LimitRate(RateLimit.Costly);
        shops.MapGet("/{id}/plan-preview", OfShopAsync).RequireAuthorization(Policies.Staff).LimitRate(RateLimit.Costly);
    }

    private static async Task<Response> OfPlanAsync(
        string name,
        SetPlan.Request request,
        FlorinDb db,
        PaymentFees fees,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var json = SetPlan.FixedJson(request.Fixed);
        var shops = await db.Shops.Where(shop => shop.Plan == name).Select(shop => shop.Id).ToArrayAsync(cancel);
        return await CountAsync(shops, request.PercentBps, json, fees, clock, cancel);
    }

    private static async Task<Response> OfShopAsync(string id, string plan, FlorinDb db, PaymentFees fees, TimeProvider clock, CancellationToken cancel)
    {
        var key = Ids.Read(Shop.Prefix, id);
        if (!await db.Shops.AnyAsync(shop => shop.Id == key, cancel))
        {
            throw PlatformRefusals.NotFound.With();
        }

        var other = await db.ShopPlans.AsNoTracking().SingleOrDefaultAsync(one => one.Name == plan, cancel) ?? throw ShopsRefusals.UnknownPlan.With();
        return await CountAsync([key], other.PercentBps, other.Fixed, fees, clock, cancel);
    }

    private static async Task<Response> CountAsync(
        Guid[] shops,
        int percentBps,
        string fixedSums,
        PaymentFees fees,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var since = clock.GetUtcNow().AddDays(-Days);
        var groups = await fees.SinceAsync(shops, since, [CashMethod.MethodName], cancel);
        var lines = groups
            .GroupBy(group => group.Amount.Currency)
            .OrderBy(currency => currency.Key.Code, StringComparer.Ordinal)
            .Select(currency => new Line(
                currency.Sum(group => group.Count),
                new Amount(currency.Sum(group => group.Amount.Minor * group.Count), currency.Key),
                new Amount(currency.Sum(group => group.Fees), currency.Key),
                new Amount(currency.Sum(group => ShopPlan.FeeOn(group.Amount, percentBps, fixedSums) * group.Count), currency.Key)
            ));
        return new Response(shops.Length, since, [.. lines]);
    }
}
