using Florin.Notifications;
using Microsoft.EntityFrameworkCore;

namespace Florin.Notifications
{
    /// <summary>A message that a sandbox would have sent.</summary>
    internal sealed class KeptMessage
    {
        public Guid Id { get; init; } = Platform.Ids.New();

        /// <summary>The position of its event in the outbox; unique.</summary>
        public required string Event { get; init; }

        public required Guid Person { get; init; }

        /// <summary><c>email</c> or <c>sms</c>.</summary>
        public required string Channel { get; init; }

        public required string Recipient { get; init; }

        public required string Template { get; init; }

        public string? Subject { get; init; }

        public required string Body { get; init; }

        public required DateTimeOffset CreatedAt { get; init; }
    }
}

namespace Florin.Platform
{
    public sealed partial class FlorinDb
    {
        internal DbSet<KeptMessage> KeptMessages => Set<KeptMessage>();

        static partial void MapNotifications(ModelBuilder model) =>
            model.Entity<KeptMessage>(message =>
            {
                message.ToTable("messages", "notifications");
                message.HasKey(m => m.Id);
                message.Property(m => m.Id).ValueGeneratedNever();
            });
    }
}
