using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Shops;

/// <summary><c>GET /v1/shops/{id}/balance</c>: what the shop holds in each currency, for its owner.</summary>
internal static class ShowShopBalance
{
    /// <param name="Currency">Which currency.</param>
    /// <param name="Settlement">Of its sales.</param>
    /// <param name="Available">What of it can be paid out.</param>
    /// <param name="Held">What of it is set aside.</param>
    /// <param name="Drawer">Notes that went into the till, less those that went out.</param>
    /// <param name="OnItsWay">In payouts that are asked for and not ended.</param>
    public sealed record Response(string Currency, Amount Settlement, Amount Available, Amount Held, Amount Drawer, Amount OnItsWay);

    public static void Map(RouteGroupBuilder shops) =>
        shops.MapGet("/{id}/balance", HandleAsync).RequireAuthorization(Policies.Scope("payments:read")).Produces<Page<Response>>();

    private static async Task<Page<Response>> HandleAsync(string id, Caller caller, PayoutDesk desk, LedgerReads ledger, FlorinDb db, CancellationToken cancel)
    {
        var shop = await desk.OwnShopAsync(caller.Person, id, cancel);
        var accounts = await db.ShopAccounts.AsNoTracking().Where(one => one.ShopId == shop.Id).OrderBy(one => one.Currency).ToListAsync(cancel);
        var held = await ledger.AccountsAsync([.. accounts.SelectMany(one => new[] { one.SettlementId, one.DrawerId })], cancel);
        var leaving = await db
            .Payouts.Where(one => one.ShopId == shop.Id && (one.State == PayoutStates.AwaitingApproval || one.State == PayoutStates.Approved))
            .GroupBy(one => one.Currency)
            .Select(group => new { group.Key, Sum = group.Sum(one => one.Amount) })
            .ToDictionaryAsync(sum => sum.Key, sum => sum.Sum, StringComparer.Ordinal, cancel);
        var rows = accounts.Select(one =>
        {
            Amount Money(long minor) => new(minor, Currency.Of(one.Currency));
            var settlement = held[one.SettlementId];
            return new Response(
                one.Currency,
                Money(settlement.Balance),
                Money(settlement.Available),
                Money(settlement.Held),
                Money(held[one.DrawerId].Balance),
                Money(leaving.GetValueOrDefault(one.Currency))
            );
        });
        return new Page<Response>([.. rows], null);
    }
}
