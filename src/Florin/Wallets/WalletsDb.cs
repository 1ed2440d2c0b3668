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

    /// <summary>Cards of all people.</summary>
    internal DbSet<Card> Cards => Set<Card>();

    static partial void MapWallets(ModelBuilder model)
    {
        model.Entity<Wallet>(wallet =>
        {
            wallet.ToTable("wallets", "wallets");
            wallet.Property(w => w.LegacyNumber).UseIdentityAlwaysColumn();
        });
        model.Entity<Withdrawal>().ToTable("withdrawals", "wallets");
        model.Entity<Card>().ToTable("cards", "wallets");
    }
}
