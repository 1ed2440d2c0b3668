using Florin.Fx;
using Microsoft.EntityFrameworkCore;

namespace Florin.Fx
{
    /// <summary>A rate in use.</summary>
    internal sealed class StoredRate
    {
        public required string Base { get; init; }

        public required string Quote { get; init; }

        /// <summary>Units of <see cref="Quote"/> for one unit of <see cref="Base"/>.</summary>
        public required decimal Rate { get; set; }

        public required DateTimeOffset FetchedAt { get; set; }

        public required string Source { get; set; }
    }

    /// <summary>A fetched rate that is too far from the rate in use to be believed yet.</summary>
    internal sealed class SuspectRate
    {
        public required string Base { get; init; }

        public required string Quote { get; init; }

        public required decimal Rate { get; set; }

        public required DateTimeOffset FirstSeenAt { get; set; }

        public required DateTimeOffset FetchedAt { get; set; }

        /// <summary>How many fetches in a row have brought it.</summary>
        public required int Times { get; set; }

        public required string Source { get; set; }
    }
}

namespace Florin.Platform
{
    public sealed partial class FlorinDb
    {
        /// <summary>Rates in use.</summary>
        internal DbSet<StoredRate> Rates => Set<StoredRate>();

        /// <summary>Rates kept aside.</summary>
        internal DbSet<SuspectRate> SuspectRates => Set<SuspectRate>();

        // Two servers that write one row at once: the second finds another time than it read, and gives up.
        static partial void MapFx(ModelBuilder model)
        {
            model.Entity<StoredRate>(rate =>
            {
                rate.ToTable("rates", "fx").HasKey(r => new { r.Base, r.Quote });
                rate.Property(r => r.Rate).HasPrecision(28, 12);
                rate.Property(r => r.FetchedAt).IsConcurrencyToken();
            });
            model.Entity<SuspectRate>(rate =>
            {
                rate.ToTable("suspect_rates", "fx").HasKey(r => new { r.Base, r.Quote });
                rate.Property(r => r.Rate).HasPrecision(28, 12);
                rate.Property(r => r.FetchedAt).IsConcurrencyToken();
            });
        }
    }
}
