using Npgsql;
using NpgsqlTypes;

namespace Florin.Platform;

/// <summary>An event that is tried again.</summary>
/// <param name="Event">The event.</param>
/// <param name="Attempts">Failed tries so far.</param>
internal sealed record ParkedEvent(StoredEvent Event, int Attempts);

/// <summary>Events that could not be delivered yet, and those of the same aggregate that wait behind them.</summary>
internal sealed class OutboxParked(Database database, TimeProvider clock)
{
    /// <summary>Which of these aggregates have events waiting, so that later ones must wait behind them.</summary>
    internal async Task<IReadOnlyList<Guid>> BlockedAsync(string consumer, IReadOnlyList<Guid> aggregates, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "select distinct aggregate from platform.outbox_parked where consumer = $1 and aggregate = any($2) and dead_at is null"
        );
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = consumer });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. aggregates] });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var blocked = new List<Guid>();
        while (await reader.ReadAsync(cancel))
        {
            blocked.Add(reader.GetGuid(0));
        }

        return blocked;
    }

    /// <summary>Sets an event aside. Doing so twice is doing it once.</summary>
    internal async Task ParkAsync(string consumer, StoredEvent parked, int attempts, TimeSpan pause, string? error, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            insert into platform.outbox_parked (consumer, xid, id, aggregate, attempts, next_attempt_at, last_error)
            values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing
            """
        );
        Name(command, consumer, parked.Position);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = parked.Aggregate });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = attempts });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() + pause });
        command.Parameters.Add(new NpgsqlParameter { Value = error ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Leases events whose next try is due: of each aggregate only the first that waits.</summary>
    internal async Task<IReadOnlyList<ParkedEvent>> ClaimAsync(string consumer, Guid worker, int limit, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            with due as (
                select p.xid, p.id from platform.outbox_parked p
                where p.consumer = $1 and p.dead_at is null and p.next_attempt_at <= $3 and p.leased_until < $3
                    and not exists (
                        select from platform.outbox_parked earlier
                        where earlier.consumer = p.consumer and earlier.aggregate = p.aggregate and earlier.dead_at is null
                            and (earlier.xid, earlier.id) < (p.xid, p.id)
                    )
                order by p.next_attempt_at limit $5 for update skip locked
            ), leased as (
                update platform.outbox_parked p set leased_by = $2, leased_until = $4
                from due where p.consumer = $1 and (p.xid, p.id) = (due.xid, due.id)
                returning p.xid, p.id, p.attempts
            )
            select l.attempts, o.xid, o.id, o.topic, o.aggregate, o.payload, o.audience, o.created_at
            from leased l join platform.outbox o on (o.xid, o.id) = (l.xid, l.id)
            """
        );
        var now = clock.GetUtcNow();
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = consumer });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = worker });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now + OutboxCursors.Lease });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var claimed = new List<ParkedEvent>();
        while (await reader.ReadAsync(cancel))
        {
            claimed.Add(new ParkedEvent(OutboxReader.Event(reader, 1), reader.GetInt32(0)));
        }

        return claimed;
    }

    /// <summary>Delivered at last: the next event of its aggregate may go.</summary>
    internal async Task DeliveredAsync(string consumer, Guid worker, OutboxPosition position, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "delete from platform.outbox_parked where consumer = $1 and xid = $2 and id = $3 and leased_by = $4"
        );
        Name(command, consumer, position);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = worker });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Failed again: it waits longer, or is given up and lets the later ones pass.</summary>
    internal async Task FailedAsync(string consumer, Guid worker, ParkedEvent failed, TimeSpan pause, bool dead, string error, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            update platform.outbox_parked set attempts = $5, next_attempt_at = $6, last_error = $7, leased_by = null, leased_until = '-infinity',
                dead_at = case when $8 then $9 end
            where consumer = $1 and xid = $2 and id = $3 and leased_by = $4
            """
        );
        var now = clock.GetUtcNow();
        Name(command, consumer, failed.Event.Position);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = worker });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = failed.Attempts + 1 });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now + pause });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = error });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = dead });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static void Name(NpgsqlCommand command, string consumer, OutboxPosition position)
    {
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = consumer });
        command.Parameters.Add(new NpgsqlParameter { Value = position.Xid, NpgsqlDbType = NpgsqlDbType.Xid8 });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position.Id });
    }
}
