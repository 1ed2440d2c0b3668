using Florin.Wallets;
using Microsoft.EntityFrameworkCore;

namespace Florin.Platform;

/// <summary>The wallets' part of the context.</summary>
public sealed partial class FlorinDb
{
    /// <summary>Wallets of all people.</summary>
    internal DbSet<Wallet> Wallets => Set<Wallet>();

    /// <summary>Money on its way out.</summary>
    internal DbSet<Withdrawal> Withdrawals => Set<Withdrawal>();

    static partial void MapWallets(ModelBuilder model)
    {
        model.Entity<Wallet>(wallet =>
        {
            wallet.ToTable("wallets", "wallets");
            wallet.Property(w => w.LegacyNumber).UseIdentityAlwaysColumn();
        });
        model.Entity<Withdrawal>().ToTable("withdrawals", "wallets");
    }
}
