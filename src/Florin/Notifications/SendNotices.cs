using Florin.Identity;
using Florin.Platform;
using Florin.Wallets;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Notifications;

/// <summary>
/// Tells people of payments, refunds, fees, money received and vouchers, in the way that they chose. A message is written to the outbox, sealed, in one
/// transaction with the row that says so: an event that is delivered again, or published twice, tells nobody twice.
/// </summary>
internal sealed partial class SendNotices(
    FlorinDb db,
    People people,
    WalletFacts wallets,
    Database database,
    Secrets secrets,
    TimeProvider clock,
    ILogger<SendNotices> log
)
{
    /// <summary>The consumer that does it. It begins with what happens from its first start on: nobody is told of last week.</summary>
    internal static OutboxConsumer Consumer =>
        new(
            "notifications.notices",
            [.. PaymentNotices.Topics, .. WalletNotices.Topics, .. VoucherNotices.Topics],
            FromBeginning: false,
            (services, happened, cancel) => services.GetRequiredService<SendNotices>().HandleAsync(happened, cancel)
        )
        {
            // Two, not more: telling people may lag behind, and must not take the processor from paying.
            Parallel = 2,
            WantedAsync = (services, events, cancel) => services.GetRequiredService<SendNotices>().WantedAsync(events, cancel),
        };

    // Transfers and payments come by the thousand, and not everybody wants to be told of each: one question for a page of them.
    private async Task<IReadOnlyList<StoredEvent>> WantedAsync(IReadOnlyList<StoredEvent> events, CancellationToken cancel)
    {
        var read = new List<(StoredEvent Event, IReadOnlyList<(Guid Person, string Kind)>? Told)>(events.Count);
        foreach (var happened in events)
        {
            read.Add((happened, ToldOf(happened)));
        }

        var concerned = read.SelectMany(one => one.Told ?? []).Select(one => one.Person).Distinct().ToArray();
        var chosen = await db
            .NoticeChoices.AsNoTracking()
            .Where(choice => concerned.Contains(choice.Person))
            .ToDictionaryAsync(choice => (choice.Person, choice.Kind), choice => choice.Channel, cancel);
        return
        [
            .. read.Where(one => one.Told is null || one.Told.Any(told => chosen.GetValueOrDefault(told, NoticeKinds.Usual[told.Kind]) != NoticeChannel.Off))
                .Select(one => one.Event),
        ];
    }

    // Whom it may concern, and as what; null where only a closer look can tell.
    private static List<(Guid Person, string Kind)>? ToldOf(StoredEvent happened) =>
        string.Equals(happened.Topic, WalletNotices.Transferred, StringComparison.Ordinal)
            ? [.. happened.Audience.Select(person => (person, NoticeKinds.MoneyReceived))]
        : PaymentNotices.Topics.Contains(happened.Topic, StringComparer.Ordinal) && PaymentNotices.Of(happened) is { } notices
            ? notices.Select(notice => (notice.Person, MessageTemplates.ChoiceOf(notice.Template) ?? "")).Where(one => one.Item2.Length > 0).ToList()
        : null;

    private async Task HandleAsync(StoredEvent happened, CancellationToken cancel)
    {
        var notices =
            PaymentNotices.Topics.Contains(happened.Topic, StringComparer.Ordinal) ? PaymentNotices.Of(happened)
            : VoucherNotices.Topics.Contains(happened.Topic, StringComparer.Ordinal) ? VoucherNotices.Of(happened)
            : await WalletNotices.OfAsync(happened, wallets, cancel);
        if (notices is null)
        {
            LogUnread(happened.Topic, happened.Position);
            return;
        }

        foreach (var notice in notices)
        {
            if (await MessageOfAsync(notice, cancel) is { } message)
            {
                await WriteAsync(notice, message, cancel);
            }
        }
    }

    // Null where the person does not want to be told, or nothing of theirs is proven.
    private async Task<MessageRequest?> MessageOfAsync(Notice notice, CancellationToken cancel)
    {
        var kind = MessageTemplates.ChoiceOf(notice.Template) ?? throw new InvalidOperationException($"the text {notice.Template} has no kind");
        var chosen = await db
            .NoticeChoices.Where(choice => choice.Person == notice.Person && choice.Kind == kind)
            .Select(choice => (NoticeChannel?)choice.Channel)
            .SingleOrDefaultAsync(cancel);
        var channel = chosen ?? NoticeKinds.Usual[kind];
        if (channel == NoticeChannel.Off)
        {
            return null;
        }

        var person = await people.FindAsync(notice.Person, cancel);
        return person?.ProvenContact(channel == NoticeChannel.Sms ? MessageChannel.Sms : MessageChannel.Email) is { } contact
            ? new MessageRequest(contact.Channel, contact.To, notice.Template, notice.Values())
            : null;
    }

    private Task<bool> WriteAsync(Notice notice, MessageRequest message, CancellationToken cancel) =>
        database.TransactionAsync(
            async connection =>
            {
                await using var first = new NpgsqlCommand(
                    "insert into notifications.notices (cause, person, written_at) values ($1, $2, $3) on conflict do nothing",
                    connection
                );
                first.Parameters.Add(new NpgsqlParameter<string> { TypedValue = notice.Cause });
                first.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = notice.Person });
                first.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
                if (await first.ExecuteNonQueryAsync(cancel) == 0)
                {
                    return false;
                }

                await connection.InsertAsync(cancel, Outbox.Row(message.Event(secrets, notice.Person)));
                return true;
            },
            cancel
        );

    [LoggerMessage(LogLevel.Warning, "{Topic} at {Position} cannot be read, so nobody is told of it")]
    private partial void LogUnread(string topic, OutboxPosition position);
}
