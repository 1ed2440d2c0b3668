using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Shops;

/// <summary><c>GET /v1/shops/{id}/bank-accounts</c>: where the shop's money may go and might, masked, newest first, for its owner.</summary>
internal static class ListBankAccounts
{
    public static void Map(RouteGroupBuilder shops) => shops.MapGet("/{id}/bank-accounts", HandleAsync).RequireAuthorization(Policies.Merchant);

    private static async Task<Page<BankAccountView>> HandleAsync(
        string id,
        int? limit,
        string? cursor,
        Caller caller,
        PayoutDesk desk,
        FlorinDb db,
        CancellationToken cancel
    )
    {
        var page = PageRequest.Read(limit, cursor);
        var shop = await desk.OwnShopAsync(caller.Person, id, cancel);
        var rows = await db
            .BankAccounts.AsNoTracking()
            .Where(account => account.ShopId == shop.Id && (page.Before == null || account.Id < page.Before))
            .OrderByDescending(account => account.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, account => account.Id, BankAccountView.Of);
    }
}
