using Florin.Activity;
using Microsoft.EntityFrameworkCore;

namespace Florin.Platform;

/// <summary>Activity's rows: added with the effect, never changed (the table refuses it).</summary>
public sealed partial class FlorinDb
{
    static partial void MapActivity(ModelBuilder model) =>
        model.Entity<ActivityEntry>(entry =>
        {
            entry.ToTable("entries", "activity");
            entry.Property(e => e.Id).ValueGeneratedNever();
            entry.Property(e => e.Details).HasColumnType("jsonb");
        });
}
