using Florin.Activity;
using Florin.Platform;
using Npgsql;

namespace Florin.Notifications;

/// <summary>
/// A person chooses how they are told of what: what is left out stays, null goes back to the usual. Messages about the safety of the account have
/// no field here.
/// </summary>
internal static class ChangeMyNotifications
{
    public sealed record Request
    {
        /// <summary>Receipts of what they paid.</summary>
        public Optional<NoticeChannel?> Receipts { get; init; }

        /// <summary>Money that went back, or could not.</summary>
        public Optional<NoticeChannel?> Refunds { get; init; }

        /// <summary>Fees, and wallets that are blocked until one is paid.</summary>
        public Optional<NoticeChannel?> Fees { get; init; }

        /// <summary>Money that somebody sent.</summary>
        public Optional<NoticeChannel?> MoneyReceived { get; init; }

        /// <summary>What their shops were paid.</summary>
        public Optional<NoticeChannel?> Sales { get; init; }

        /// <summary>Vouchers that were given to them, end soon, or were refunded.</summary>
        public Optional<NoticeChannel?> Vouchers { get; init; }
    }

    internal static void Map(RouteGroupBuilder me) => me.MapPatch("/notifications", HandleAsync);

    private static async Task<ListMyNotifications.Response> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        FlorinDb db,
        Database database,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var given = ((string Kind, Optional<NoticeChannel?> Channel)[])
            [
                (NoticeKinds.Receipts, request.Receipts),
                (NoticeKinds.Refunds, request.Refunds),
                (NoticeKinds.Fees, request.Fees),
                (NoticeKinds.MoneyReceived, request.MoneyReceived),
                (NoticeKinds.Sales, request.Sales),
                (NoticeKinds.Vouchers, request.Vouchers),
            ];
        var changed = given.Where(one => one.Channel.Given).ToDictionary(one => one.Kind, one => one.Channel.Value, StringComparer.Ordinal);
        if (changed.Count > 0)
        {
            var entry = activity.Entry(http, "notifications.choices_changed", details: changed);
            await database.TransactionAsync(
                async connection =>
                {
                    await using var batch = new NpgsqlBatch(connection);
                    foreach (var (kind, channel) in changed)
                    {
                        batch.BatchCommands.Add(Choose(caller.Person, kind, channel, clock.GetUtcNow()));
                    }

                    batch.BatchCommands.Add(ActivityLog.Row(entry).Command());
                    return await batch.ExecuteNonQueryAsync(cancel);
                },
                cancel
            );
        }

        return await ListMyNotifications.ShowAsync(db, caller.Person, cancel);
    }

    private static NpgsqlBatchCommand Choose(Guid person, string kind, NoticeChannel? channel, DateTimeOffset now)
    {
        var choose = new NpgsqlBatchCommand(
            channel is null
                ? "delete from notifications.choices where person = $1 and kind = $2"
                : "insert into notifications.choices (person, kind, channel, chosen_at) values ($1, $2, $3, $4) "
                    + "on conflict (person, kind) do update set channel = excluded.channel, chosen_at = excluded.chosen_at"
        );
        choose.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        choose.Parameters.Add(new NpgsqlParameter<string> { TypedValue = kind });
        if (channel is { } chosen)
        {
            choose.Parameters.Add(new NpgsqlParameter<string> { TypedValue = NoticeKinds.Show(chosen) });
            choose.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        }

        return choose;
    }
}
