using Npgsql;
using NpgsqlTypes;

namespace Florin.Platform;

/// <summary>How far a consumer of events is.</summary>
/// <param name="Consumer">Its name.</param>
/// <param name="Waiting">Events of its topics that it has not read yet; counted up to <see cref="OutboxDesk.Most"/>.</param>
/// <param name="OldestAt">When the first of those happened.</param>
/// <param name="Parked">Events that could not be delivered yet, or wait behind such a one.</param>
/// <param name="ParkedSince">When the first of those happened.</param>
/// <param name="NextAttemptAt">When the first parked one is tried again.</param>
/// <param name="Dead">Events that were given up.</param>
public sealed record OutboxConsumerView(
    string Consumer,
    long Waiting,
    DateTimeOffset? OldestAt,
    long Parked,
    DateTimeOffset? ParkedSince,
    DateTimeOffset? NextAttemptAt,
    long Dead
);

/// <summary>An event that could not be delivered.</summary>
/// <param name="Consumer">By whom.</param>
/// <param name="Position">Where it stands in the outbox.</param>
/// <param name="Topic">What happened.</param>
/// <param name="Aggregate">To which thing, as 32 hex digits.</param>
/// <param name="Attempts">Tries so far; 0 for one that waits behind another.</param>
/// <param name="NextAttemptAt">Not tried before.</param>
/// <param name="DeadAt">When it was given up; null while it is tried.</param>
/// <param name="LastError">What went wrong at the last try.</param>
/// <param name="CreatedAt">When it happened.</param>
public sealed record ParkedView(
    string Consumer,
    string Position,
    string Topic,
    string Aggregate,
    int Attempts,
    DateTimeOffset? NextAttemptAt,
    DateTimeOffset? DeadAt,
    string? LastError,
    DateTimeOffset CreatedAt
);

/// <summary>What staff see of the outbox, and the way to have an event tried again.</summary>
public sealed class OutboxDesk(Database database, IEnumerable<OutboxConsumer> consumers, TimeProvider clock)
{
    /// <summary>Unread events are counted up to here.</summary>
    public const int Most = 10_000;

    private const int Shown = 200;

    /// <summary>Every consumer that this version knows, by name.</summary>
    public async Task<IReadOnlyList<OutboxConsumerView>> ConsumersAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            select c.consumer, ahead.waiting, ahead.oldest, parked.live, parked.oldest, parked.next, parked.dead
            from platform.outbox_cursors c join unnest($1, $2) own(name, topics) on own.name = c.consumer
            cross join lateral (
                select count(*) as waiting, min(created_at) as oldest
                from (
                    select o.created_at from platform.outbox o
                    where (o.xid, o.id) > (c.xid, c.id) and o.topic = any(string_to_array(own.topics, ' ')) order by o.xid, o.id limit $3
                ) first
            ) ahead
            cross join lateral (
                select count(*) filter (where p.dead_at is null) as live, min(o.created_at) filter (where p.dead_at is null) as oldest,
                    min(p.next_attempt_at) filter (where p.dead_at is null) as next, count(p.dead_at) as dead
                from platform.outbox_parked p left join platform.outbox o on (o.xid, o.id) = (p.xid, p.id) where p.consumer = c.consumer
            ) parked
            order by c.consumer
            """
        );
        var known = consumers.ToList();
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. known.Select(consumer => consumer.Name)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. known.Select(consumer => string.Join(' ', consumer.Topics))] });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Most });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var views = new List<OutboxConsumerView>();
        while (await reader.ReadAsync(cancel))
        {
            views.Add(
                new OutboxConsumerView(
                    reader.GetString(0),
                    reader.GetInt64(1),
                    Time(reader, 2),
                    reader.GetInt64(3),
                    Time(reader, 4),
                    Time(reader, 5),
                    reader.GetInt64(6)
                )
            );
        }

        return views;
    }

    /// <summary>The first 200 events that could not be delivered, given up ones first.</summary>
    public async Task<IReadOnlyList<ParkedView>> ParkedAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            select p.consumer, p.xid, p.id, o.topic, p.aggregate, p.attempts, p.next_attempt_at, p.dead_at, p.last_error, o.created_at
            from platform.outbox_parked p join platform.outbox o on (o.xid, o.id) = (p.xid, p.id)
            order by p.dead_at desc nulls last, p.next_attempt_at, p.xid, p.id limit $1
            """
        );
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Shown });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var views = new List<ParkedView>();
        while (await reader.ReadAsync(cancel))
        {
            views.Add(
                new ParkedView(
                    reader.GetString(0),
                    new OutboxPosition(reader.GetFieldValue<ulong>(1), reader.GetInt64(2)).ToString(),
                    reader.GetString(3),
                    reader.GetGuid(4).ToString("N"),
                    reader.GetInt32(5),
                    Time(reader, 6),
                    Time(reader, 7),
                    reader.IsDBNull(8) ? null : reader.GetString(8),
                    reader.GetFieldValue<DateTimeOffset>(9)
                )
            );
        }

        return views;
    }

    /// <summary>Has a parked or given-up event tried now, with all its tries again. One that is being tried stays as it is.</summary>
    /// <param name="connection">Holds the transaction.</param>
    /// <param name="consumer">By whom.</param>
    /// <param name="position">As <see cref="ParkedView.Position"/>.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>False where there is no such event.</returns>
    public async Task<bool> ReplayAsync(NpgsqlConnection connection, string consumer, string position, CancellationToken cancel)
    {
        if (!OutboxPosition.TryParse(position, out var at))
        {
            return false;
        }

        await using var command = new NpgsqlCommand(
            """
            update platform.outbox_parked set next_attempt_at = $4, dead_at = null, attempts = case when dead_at is null then attempts else 0 end
            where consumer = $1 and xid = $2 and id = $3 and leased_until < $4
            """,
            connection
        );
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = consumer });
        command.Parameters.Add(new NpgsqlParameter { Value = at.Xid, NpgsqlDbType = NpgsqlDbType.Xid8 });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = at.Id });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        return await command.ExecuteNonQueryAsync(cancel) == 1;
    }

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int at) =>
        reader.IsDBNull(at) || reader.GetFieldValue<DateTime>(at) is var time && (time == DateTime.MinValue || time == DateTime.MaxValue)
            ? null
            : reader.GetFieldValue<DateTimeOffset>(at);
}
