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

        /// <summary>Of an e-mail.</summary>
        public string? Html { get; init; }

        public required DateTimeOffset CreatedAt { get; init; }
    }

    /// <summary>How a person wants to be told of one kind of thing, where that is not the usual way.</summary>
    internal sealed class NoticeChoice
    {
        public required Guid Person { get; init; }

        /// <summary>One of <see cref="NoticeKinds"/>.</summary>
        public required string Kind { get; init; }

        /// <summary><c>email</c>, <c>sms</c> or <c>off</c>.</summary>
        public required NoticeChannel Channel { get; init; }

        public required DateTimeOffset ChosenAt { get; init; }
    }
}

namespace Florin.Platform
{
    public sealed partial class FlorinDb
    {
        internal DbSet<KeptMessage> KeptMessages => Set<KeptMessage>();

        internal DbSet<NoticeChoice> NoticeChoices => Set<NoticeChoice>();

        static partial void MapNotifications(ModelBuilder model)
        {
            model.Entity<KeptMessage>(message =>
            {
                message.ToTable("messages", "notifications");
                message.HasKey(m => m.Id);
                message.Property(m => m.Id).ValueGeneratedNever();
            });
            model.Entity<NoticeChoice>(choice =>
            {
                choice.ToTable("choices", "notifications");
                choice.HasKey(c => new { c.Person, c.Kind });
                choice.Property(c => c.Channel).HasConversion(channel => NoticeKinds.Show(channel), text => NoticeKinds.Read(text));
            });
        }
    }
}
