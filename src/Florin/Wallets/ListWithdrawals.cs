using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Wallets;

/// <summary>A wallet's withdrawals, newest first.</summary>
internal static class ListWithdrawals
{
    public static void Map(RouteGroupBuilder routes) => routes.MapGet("/{id}/withdrawals", HandleAsync).RequireAuthorization(WalletsModule.Read);

    private static async Task<Page<WithdrawalView>> HandleAsync(
        string id,
        int? limit,
        string? cursor,
        Caller caller,
        WalletFacts facts,
        FlorinDb db,
        CancellationToken cancel
    )
    {
        var page = PageRequest.Read(limit, cursor);
        var wallet = await facts.OwnAsync(caller.Person, id, cancel);
        var rows = await db
            .Withdrawals.AsNoTracking()
            .Where(row => row.WalletId == wallet.Id && (page.Before == null || row.Id < page.Before))
            .OrderByDescending(row => row.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, row => row.Id, WithdrawalView.Of);
    }
}
