using Florin.Shops;
using Microsoft.EntityFrameworkCore;

namespace Florin.Platform;

/// <summary>The shops' part of the context.</summary>
public sealed partial class FlorinDb
{
    /// <summary>Where merchants sell.</summary>
    internal DbSet<Shop> Shops => Set<Shop>();

    /// <summary>What the house takes of sales.</summary>
    internal DbSet<ShopPlan> ShopPlans => Set<ShopPlan>();

    /// <summary>Who works where.</summary>
    internal DbSet<ShopMember> ShopMembers => Set<ShopMember>();

    /// <summary>Accounts of shops, without what they hold.</summary>
    internal DbSet<ShopAccounts> ShopAccounts => Set<ShopAccounts>();

    /// <summary>Where shops' money may go.</summary>
    internal DbSet<BankAccount> BankAccounts => Set<BankAccount>();

    /// <summary>Shops' money on its way out.</summary>
    internal DbSet<Payout> Payouts => Set<Payout>();

    /// <summary>Who would like a shop.</summary>
    internal DbSet<ShopApplication> ShopApplications => Set<ShopApplication>();

    /// <summary>Who was asked to work in a shop, or to be its customer.</summary>
    internal DbSet<ShopInvitation> ShopInvitations => Set<ShopInvitation>();

    /// <summary>Whom shops may bill.</summary>
    internal DbSet<ShopCustomer> ShopCustomers => Set<ShopCustomer>();

    /// <summary>Bills, without what their payments know.</summary>
    internal DbSet<ShopBill> ShopBills => Set<ShopBill>();

    static partial void MapShops(ModelBuilder model)
    {
        model.Entity<Shop>(shop =>
        {
            shop.ToTable("shops", "shops");
            shop.Property(s => s.LegacyNumber).UseIdentityAlwaysColumn();
            shop.Property(s => s.RefundLimits).HasColumnType("jsonb");
            shop.Ignore(s => s.RefundSums);
        });
        model.Entity<ShopPlan>(plan =>
        {
            plan.ToTable("plans", "shops");
            plan.HasKey(p => p.Name);
            plan.Property(p => p.Fixed).HasColumnType("jsonb");
        });
        model.Entity<ShopMember>(member =>
        {
            member.ToTable("members", "shops");
            member.HasKey(m => new { m.ShopId, m.PersonId });
        });
        model.Entity<ShopAccounts>(accounts =>
        {
            accounts.ToTable("accounts", "shops");
            accounts.HasKey(a => new { a.ShopId, a.Currency });
        });
        model.Entity<BankAccount>().ToTable("bank_accounts", "shops");
        model.Entity<Payout>().ToTable("payouts", "shops");
        model.Entity<ShopApplication>().ToTable("applications", "shops");
        model.Entity<ShopInvitation>().ToTable("invitations", "shops");
        model.Entity<ShopCustomer>().ToTable("customers", "shops");
        model.Entity<ShopBill>(bill =>
        {
            bill.ToTable("bills", "shops");
            bill.Property(b => b.LegacyNumber).UseIdentityAlwaysColumn();
        });
    }
}
