using Npgsql;
using NpgsqlTypes;

namespace Florin.Platform;

/// <summary>How one consumer of the outbox stands.</summary>
/// <param name="Consumer">Its name.</param>
/// <param name="Waiting">Events of its topics behind its cursor; counted up to <see cref="OutboxFigures.Most"/>.</param>
/// <param name="Parked">Events that failed and are tried again, and those that wait behind them.</param>
/// <param name="Dead">Events that were given up.</param>
/// <param name="OldestAt">When the oldest that waits or is parked happened; null where nothing does.</param>
public sealed record QueueDepth(string Consumer, long Waiting, long Parked, long Dead, DateTimeOffset? OldestAt);

/// <summary>How the recurring jobs stand.</summary>
/// <param name="Jobs">How many have a schedule.</param>
/// <param name="Overdue">Of these: due for more than five minutes and not begun.</param>
/// <param name="NextAt">When the next begins.</param>
public sealed record JobsDue(long Jobs, long Overdue, DateTimeOffset? NextAt);

/// <summary>What waits to be done behind the requests: events and jobs.</summary>
public sealed class OutboxFigures(Database database, IEnumerable<OutboxConsumer> consumers, TimeProvider clock)
{
    /// <summary>Waiting events are counted up to here.</summary>
    public const int Most = 10_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Each consumer, by name.</summary>
    public async Task<IReadOnlyList<QueueDepth>> QueuesAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            select c.consumer, waiting.events, parked.live, parked.dead, least(waiting.oldest, parked.oldest)
            from platform.outbox_cursors c join unnest($1, $2) own(name, topics) on own.name = c.consumer
            cross join lateral (
                select count(*) as events, min(created_at) as oldest
                from (
                    select o.created_at from platform.outbox o
                    where (o.xid, o.id) > (c.xid, c.id) and o.topic = any(string_to_array(own.topics, ' ')) order by o.xid, o.id limit $3
                ) first
            ) waiting
            cross join lateral (
                select count(*) filter (where p.dead_at is null) as live, count(p.dead_at) as dead, min(o.created_at) filter (where p.dead_at is null) as oldest
                from platform.outbox_parked p left join platform.outbox o on (o.xid, o.id) = (p.xid, p.id) where p.consumer = c.consumer
            ) parked
            order by c.consumer
            """
        );
        var known = consumers.ToList();
        command.Parameters.Add(Texts(known.Select(one => one.Name)));
        command.Parameters.Add(Texts(known.Select(one => string.Join(' ', one.Topics))));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Most });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<QueueDepth>();
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(
                new QueueDepth(
                    reader.GetString(0),
                    reader.GetInt64(1),
                    reader.GetInt64(2),
                    reader.GetInt64(3),
                    reader.IsDBNull(4) ? null : reader.GetFieldValue<DateTimeOffset>(4)
                )
            );
        }

        return rows;
    }

    /// <summary>The jobs.</summary>
    public async Task<JobsDue> JobsAsync(CancellationToken cancel)
    {
        // Quartz keeps times as ticks.
        await using var command = database.Source.CreateCommand(
            "select count(*), count(*) filter (where next_fire_time < $1), min(next_fire_time) from jobs.qrtz_triggers where next_fire_time > 0"
        );
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = (clock.GetUtcNow() - Patience).UtcTicks });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return new JobsDue(reader.GetInt64(0), reader.GetInt64(1), reader.IsDBNull(2) ? null : new DateTimeOffset(reader.GetInt64(2), TimeSpan.Zero));
    }

    private static NpgsqlParameter<string[]> Texts(IEnumerable<string> texts) =>
        new() { TypedValue = [.. texts], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
}
