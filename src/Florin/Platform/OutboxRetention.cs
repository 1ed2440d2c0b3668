using Npgsql;
using NpgsqlTypes;

namespace Florin.Platform;

/// <summary>Deletes what nobody needs any more: delivered events, kept answers, old counts. Secrets go after a day, sent or not.</summary>
internal static class OutboxRetention
{
    /// <summary>The cursor that says how far events were deleted.</summary>
    internal const string Cursor = "platform.retention";

    private const int Step = 10_000;
    private static readonly TimeSpan Events = TimeSpan.FromDays(7);
    private static readonly TimeSpan DeadEvents = TimeSpan.FromDays(30);
    private static readonly TimeSpan SecretLife = TimeSpan.FromDays(1);
    private static readonly TimeSpan Counts = TimeSpan.FromDays(1);

    internal static RecurringJob Job => new("platform.delete_old", "0 17 * * * ?", RunAsync);

    private static async Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        var database = services.GetRequiredService<Database>();
        var settings = services.GetRequiredService<Settings>();
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        string[] consumers = [.. services.GetServices<OutboxConsumer>().Select(consumer => consumer.Name)];
        await RepeatAsync(database, "update platform.outbox set secret = null where secret is not null and created_at < $1", now - SecretLife, cancel);
        await RepeatAsync(database, "delete from platform.outbox_parked where dead_at < $1", now - DeadEvents, cancel);
        await DeleteEventsAsync(database, consumers, now - Events, cancel);
        await RepeatAsync(
            database,
            "delete from platform.idempotency where ctid = any(array(select ctid from platform.idempotency where created_at < $1 limit 10000))",
            now - TimeSpan.FromDays(settings.IdempotencyDays),
            cancel
        );
        await RepeatAsync(database, "delete from platform.rate_counts where window_start < $1", now - Counts, cancel);
    }

    /// <summary>Walks from the oldest event on, a step at a time, until events are too young or a consumer has not passed them.</summary>
    private static async Task DeleteEventsAsync(Database database, string[] consumers, DateTimeOffset before, CancellationToken cancel)
    {
        const string sql = """
            with passed as (
                select xid, id from platform.outbox_cursors where consumer = any($1) order by xid, id limit 1
            ), step as materialized (
                select o.xid, o.id, o.created_at < $2 and not exists (
                    select from platform.outbox_parked p where (p.xid, p.id) = (o.xid, o.id)
                ) as old
                from platform.outbox o
                where (o.xid, o.id) > ($3, $4) and not exists (select from passed where (o.xid, o.id) > (passed.xid, passed.id))
                order by o.xid, o.id limit $5
            ), deleted as (
                delete from platform.outbox o using step where step.old and (o.xid, o.id) = (step.xid, step.id) returning o.xid, o.id
            ), furthest as (
                select xid, id from deleted order by xid desc, id desc limit 1
            ), kept as (
                insert into platform.outbox_cursors as c (consumer, xid, id) select $6, xid, id from furthest
                on conflict (consumer) do update set xid = excluded.xid, id = excluded.id where (c.xid, c.id) < (excluded.xid, excluded.id)
            )
            select last.xid, last.id, (select count(*) from step) = $5 and exists (select from furthest)
            from (select xid, id from step order by xid desc, id desc limit 1) last
            """;
        var position = OutboxPosition.Start;
        for (var more = true; more; )
        {
            await using var command = database.Source.CreateCommand(sql);
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = consumers });
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = before });
            command.Parameters.Add(new NpgsqlParameter { Value = position.Xid, NpgsqlDbType = NpgsqlDbType.Xid8 });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position.Id });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Step });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Cursor });
            await using var reader = await command.ExecuteReaderAsync(cancel);
            more = await reader.ReadAsync(cancel) && reader.GetBoolean(2);
            if (more)
            {
                position = new OutboxPosition(reader.GetFieldValue<ulong>(0), reader.GetInt64(1));
            }
        }
    }

    private static async Task RepeatAsync(Database database, string sql, DateTimeOffset before, CancellationToken cancel)
    {
        int rows;
        do
        {
            await using var command = database.Source.CreateCommand(sql);
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = before });
            rows = await command.ExecuteNonQueryAsync(cancel);
        } while (rows == Step);
    }
}
