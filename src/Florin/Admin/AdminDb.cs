using Florin.Admin;
using Microsoft.EntityFrameworkCore;

namespace Florin.Platform;

/// <summary>What staff keep: adjustments.</summary>
public sealed partial class FlorinDb
{
    internal DbSet<Adjustment> Adjustments => Set<Adjustment>();

    static partial void MapAdmin(ModelBuilder model) =>
        model.Entity<Adjustment>(adjustment =>
        {
            adjustment.ToTable("adjustments", "admin");
            adjustment.Property(a => a.Id).ValueGeneratedNever();
            adjustment.Ignore(a => a.Money).Ignore(a => a.PublicId);
        });
}
