using Florin.Payments;
using Microsoft.EntityFrameworkCore;

namespace Florin.Platform;

/// <summary>The payments' part of the context.</summary>
public sealed partial class FlorinDb
{
    /// <summary>All payments.</summary>
    internal DbSet<Payment> Payments => Set<Payment>();

    /// <summary>Tries to collect them.</summary>
    internal DbSet<Attempt> PaymentAttempts => Set<Attempt>();

    /// <summary>Money on its way back.</summary>
    internal DbSet<PaymentRefund> PaymentRefunds => Set<PaymentRefund>();

    static partial void MapPayments(ModelBuilder model)
    {
        model.Entity<Payment>(payment =>
        {
            payment.ToTable("payments", "payments");
            payment.Property(p => p.Subject).HasColumnType("jsonb");
            payment.Property(p => p.Metadata).HasColumnType("jsonb");
        });
        model.Entity<Attempt>(attempt =>
        {
            attempt.ToTable("attempts", "payments");
            attempt.Property(a => a.Source).HasColumnType("jsonb");
        });
        model.Entity<PaymentRefund>().ToTable("refunds", "payments");
    }
}
