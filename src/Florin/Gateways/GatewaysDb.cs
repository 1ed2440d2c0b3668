using Florin.Gateways;
using Microsoft.EntityFrameworkCore;

namespace Florin.Gateways
{
    /// <summary>What became of a callback.</summary>
    internal static class CallbackOutcomes
    {
        /// <summary>Kept, and not looked at yet.</summary>
        public const string Received = "received";

        /// <summary>The gateway was asked what holds, and Settlement has booked that.</summary>
        public const string Asked = "asked";

        /// <summary>It is about nothing of ours.</summary>
        public const string Unmatched = "unmatched";

        /// <summary>A kind that says nothing of charges.</summary>
        public const string Ignored = "ignored";

        /// <summary>The gateway could not be asked. It is tried again.</summary>
        public const string Failed = "failed";

        public static readonly IReadOnlyList<string> All = [Received, Asked, Unmatched, Ignored, Failed];
    }

    /// <summary>A callback as it came.</summary>
    internal sealed class Callback
    {
        /// <summary>The prefix of public ids.</summary>
        public const string Prefix = "cbk";

        public required Guid Id { get; init; }

        public required string Gateway { get; init; }

        public required string Event { get; init; }

        public required string Kind { get; init; }

        /// <summary>Encrypted; <see cref="CallbackInbox.Open"/> reads it.</summary>
        public required byte[] Body { get; init; }

        public required string Headers { get; init; }

        public Guid? Attempt { get; init; }

        public Guid? Refund { get; init; }

        public string? Reference { get; init; }

        public required DateTimeOffset ReceivedAt { get; init; }

        public required string Outcome { get; set; }

        public DateTimeOffset? ProcessedAt { get; set; }

        public int Tries { get; set; }
    }
}

namespace Florin.Platform
{
    public sealed partial class FlorinDb
    {
        internal DbSet<Callback> Callbacks => Set<Callback>();

        static partial void MapGateways(ModelBuilder model) =>
            model.Entity<Callback>(callback =>
            {
                callback.ToTable("callbacks", "gateways");
                callback.Property(c => c.Id).ValueGeneratedNever();
                callback.Property(c => c.Headers).HasColumnType("jsonb");
            });
    }
}
