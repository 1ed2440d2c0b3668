using Florin.Vouchers;
using Microsoft.EntityFrameworkCore;

namespace Florin.Platform;

/// <summary>The vouchers' part of the context.</summary>
public sealed partial class FlorinDb
{
    /// <summary>What can be bought as a voucher.</summary>
    internal DbSet<VoucherType> VoucherTypes => Set<VoucherType>();

    /// <summary>What makes it cheaper.</summary>
    internal DbSet<VoucherDiscount> VoucherDiscounts => Set<VoucherDiscount>();

    /// <summary>Vouchers that were sold.</summary>
    internal DbSet<Voucher> Vouchers => Set<Voucher>();

    /// <summary>Their uses.</summary>
    internal DbSet<VoucherRedemption> VoucherRedemptions => Set<VoucherRedemption>();

    /// <summary>What became of them.</summary>
    internal DbSet<VoucherHistory> VoucherHistory => Set<VoucherHistory>();

    /// <summary>Who may redeem other people's.</summary>
    internal DbSet<VoucherVerifier> VoucherVerifiers => Set<VoucherVerifier>();

    static partial void MapVouchers(ModelBuilder model)
    {
        model.Entity<VoucherType>(type =>
        {
            type.ToTable("types", "vouchers");
            type.Property(t => t.LegacyNumber).UseIdentityAlwaysColumn();
            type.Property(t => t.Prices).HasColumnType("jsonb");
            type.Ignore(t => t.PriceSums);
        });
        model.Entity<VoucherDiscount>(discount =>
        {
            discount.ToTable("discounts", "vouchers");
            discount.Property(d => d.Amounts).HasColumnType("jsonb");
            discount.Ignore(d => d.Sums);
        });
        model.Entity<Voucher>(voucher =>
        {
            voucher.ToTable("vouchers", "vouchers");
            voucher.Property(v => v.Outstanding).ValueGeneratedOnAddOrUpdate();
        });
        model.Entity<VoucherRedemption>(redemption =>
        {
            redemption.ToTable("redemptions", "vouchers");
            redemption.Property(r => r.ServiceData).HasColumnType("jsonb");
        });
        model.Entity<VoucherHistory>().ToTable("history", "vouchers");
        model.Entity<VoucherVerifier>(verifier =>
        {
            verifier.ToTable("verifiers", "vouchers");
            verifier.HasKey(v => new { v.ServiceType, v.PersonId });
        });
    }
}
