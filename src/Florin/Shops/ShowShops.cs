using Florin.Ledger;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Shops;

/// <summary>A shop as its people see it.</summary>
/// <param name="Id"><c>shp_…</c></param>
/// <param name="Name">As payers read it.</param>
/// <param name="Plan">What the house takes of its sales.</param>
/// <param name="DefaultCurrency">What it uses where nobody names a currency.</param>
/// <param name="RefundLimits">What cashiers may pay back of one payment in all; nothing in other currencies.</param>
/// <param name="Picture">Where its picture is, for everybody; null where there is none.</param>
/// <param name="Role">What the reader does there, <c>owner</c> or <c>cashier</c>; null for others, and where it is not asked.</param>
/// <param name="Balances">For its owner: what it holds per currency.</param>
/// <param name="CreatedAt">When it was opened.</param>
/// <param name="ClosedAt">When it was closed.</param>
internal sealed record ShopView(
    string Id,
    string Name,
    string Plan,
    string DefaultCurrency,
    IReadOnlyList<Amount> RefundLimits,
    string? Picture,
    string? Role,
    IReadOnlyList<ShopBalance> Balances,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ClosedAt
)
{
    public static ShopView Of(Shop shop, IReadOnlyList<ShopBalance> balances, PayeeRole role = PayeeRole.None) =>
        new(
            shop.PublicId,
            shop.Name,
            shop.Plan,
            shop.DefaultCurrency,
            [.. shop.RefundSums.OrderBy(sum => sum.Key, StringComparer.Ordinal).Select(sum => new Amount(sum.Value, Currency.Of(sum.Key)))],
            shop.Picture is null ? null : $"/v1/shops/{shop.PublicId}/picture",
            role switch
            {
                PayeeRole.Owner => "owner",
                PayeeRole.Cashier => "cashier",
                _ => null,
            },
            balances,
            shop.CreatedAt,
            shop.ClosedAt
        );
}

/// <summary>What a shop holds in one currency.</summary>
/// <param name="Settlement">Of its sales, to be paid out.</param>
/// <param name="Drawer">Notes that went into the till, less those that went out.</param>
internal sealed record ShopBalance(Amount Settlement, Amount Drawer);

/// <summary><c>GET /v1/shops</c> and <c>GET /v1/shops/{id}</c>: the shops that one owns or works in.</summary>
internal static class ShowShops
{
    public static void Map(RouteGroupBuilder routes)
    {
        routes.MapGet("", ListAsync).RequireAuthorization(PaymentsRead);
        routes.MapGet("/{id}", OneAsync).RequireAuthorization(PaymentsRead).Produces<ShopView>();
    }

    private static readonly string PaymentsRead = Policies.Scope("payments:read");

    private static async Task<Page<ShopView>> ListAsync(int? limit, string? cursor, Caller caller, FlorinDb db, CancellationToken cancel)
    {
        var page = PageRequest.Read(limit, cursor);
        var rows = await db
            .Shops.AsNoTracking()
            .Where(shop =>
                (shop.Owner == caller.Person || db.ShopMembers.Any(member => member.ShopId == shop.Id && member.PersonId == caller.Person))
                && (page.Before == null || shop.Id < page.Before)
            )
            .OrderByDescending(shop => shop.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, shop => shop.Id, shop => ShopView.Of(shop, [], shop.Owner == caller.Person ? PayeeRole.Owner : PayeeRole.Cashier));
    }

    private static async Task<IResult> OneAsync(string id, Caller caller, ShopDesk shops, LedgerReads ledger, FlorinDb db, CancellationToken cancel)
    {
        var shop = await shops.FindAsync(Ids.Read(Shop.Prefix, id), cancel) ?? throw PlatformRefusals.NotFound.With();
        var role = await shops.RoleOfAsync(caller.Person, shop.Id, cancel);
        if (role == PayeeRole.None && !caller.IsStaff)
        {
            throw PlatformRefusals.NotFound.With();
        }

        var balances = role == PayeeRole.Cashier ? [] : await BalancesAsync(shop, ledger, db, cancel);
        return Results.Json(ShopView.Of(shop, balances, role), Wire.Json);
    }

    internal static async Task<List<ShopBalance>> BalancesAsync(Shop shop, LedgerReads ledger, FlorinDb db, CancellationToken cancel)
    {
        var accounts = await db.ShopAccounts.AsNoTracking().Where(one => one.ShopId == shop.Id).OrderBy(one => one.Currency).ToListAsync(cancel);
        var held = await ledger.AccountsAsync([.. accounts.SelectMany(one => new[] { one.SettlementId, one.DrawerId })], cancel);
        return accounts.ConvertAll(one =>
        {
            var currency = Currency.Of(one.Currency);
            return new ShopBalance(new Amount(held[one.SettlementId].Balance, currency), new Amount(held[one.DrawerId].Balance, currency));
        });
    }
}
