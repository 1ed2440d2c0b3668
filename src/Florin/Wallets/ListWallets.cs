using Florin.Ledger;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Wallets;

/// <summary>A person's own open wallets with their money, oldest first; one of them, open or closed.</summary>
internal static class ListWallets
{
    public static void Map(RouteGroupBuilder routes)
    {
        routes.MapGet("", ListAsync).RequireAuthorization(WalletsModule.Read);
        routes.MapGet("/{id}", FindAsync).RequireAuthorization(WalletsModule.Read);
    }

    // A person has few wallets, so that there is one page only.
    private static async Task<Page<WalletView>> ListAsync(Caller caller, FlorinDb db, LedgerReads reads, CancellationToken cancel)
    {
        var wallets = await db
            .Wallets.AsNoTracking()
            .Where(wallet => wallet.PersonId == caller.Person && wallet.ClosedAt == null)
            .OrderBy(wallet => wallet.Id)
            .ToListAsync(cancel);
        var accounts = await reads.AccountsAsync([.. wallets.Select(wallet => wallet.AccountId)], cancel);
        return new Page<WalletView>([.. wallets.Select(wallet => WalletView.Of(wallet, accounts[wallet.AccountId]))], NextCursor: null);
    }

    private static async Task<WalletView> FindAsync(string id, Caller caller, FlorinDb db, LedgerReads reads, CancellationToken cancel) =>
        await ReadAsync(Ids.Read(Wallet.Prefix, id), caller, db, reads, cancel);

    /// <summary>The caller's own wallet with its money.</summary>
    /// <exception cref="Refusal"><c>not_found</c></exception>
    public static async Task<WalletView> ReadAsync(Guid id, Caller caller, FlorinDb db, LedgerReads reads, CancellationToken cancel)
    {
        var wallet =
            await db.Wallets.AsNoTracking().SingleOrDefaultAsync(w => w.Id == id && w.PersonId == caller.Person, cancel)
            ?? throw PlatformRefusals.NotFound.With();
        return WalletView.Of(wallet, (await reads.AccountsAsync([wallet.AccountId], cancel))[wallet.AccountId]);
    }
}
