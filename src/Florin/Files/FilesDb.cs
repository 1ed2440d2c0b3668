using Florin.Files;
using Microsoft.EntityFrameworkCore;

namespace Florin.Platform;

/// <summary>The files' part of the context.</summary>
public sealed partial class FlorinDb
{
    /// <summary>Files of all people.</summary>
    internal DbSet<UploadedFile> UploadedFiles => Set<UploadedFile>();

    /// <summary>Credits of all people.</summary>
    internal DbSet<CreditLot> CreditLots => Set<CreditLot>();

    static partial void MapFiles(ModelBuilder model)
    {
        model.Entity<UploadedFile>(file =>
        {
            file.ToTable("files", "files");
            file.Property(f => f.Result).HasColumnType("jsonb");
        });
        model.Entity<CreditLot>(lot =>
        {
            lot.ToTable("credit_lots", "files");
            lot.HasKey(l => l.PaymentId);
            lot.Ignore(l => l.PriceOfOne);
        });
    }
}
