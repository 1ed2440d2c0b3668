using Npgsql;
using NpgsqlTypes;

namespace Florin.Platform;

/// <summary>
/// How far each consumer has come. The cursor is leased to one worker at a time by a guarded update, and no lock is held while handlers run:
/// a worker that dies leaves its lease to run out.
/// </summary>
internal sealed class OutboxCursors(Database database, TimeProvider clock)
{
    /// <summary>Longer than an event may take, by enough for clocks that differ a little.</summary>
    internal static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    /// <summary>Gives a new consumer its place.</summary>
    internal async Task AddAsync(OutboxConsumer consumer, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            insert into platform.outbox_cursors (consumer, xid, id)
            values ($1, case when $2 then '0'::xid8 else pg_snapshot_xmin(pg_current_snapshot()) end, 0)
            on conflict do nothing
            """
        );
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = consumer.Name });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = consumer.FromBeginning });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Where the consumer is, whoever works for it.</summary>
    internal async Task<OutboxPosition> FindAsync(string consumer, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select xid, id from platform.outbox_cursors where consumer = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = consumer });
        return await PositionAsync(command, cancel) ?? throw new InvalidOperationException($"consumer {consumer} has no cursor");
    }

    /// <summary>Leases the cursor, or renews the lease.</summary>
    /// <returns>Where the consumer is; null where another worker has the lease.</returns>
    internal async Task<OutboxPosition?> ClaimAsync(string consumer, Guid worker, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            update platform.outbox_cursors set leased_by = $2, leased_until = $4
            where consumer = (
                select consumer from platform.outbox_cursors
                where consumer = $1 and (leased_by = $2 or leased_until < $3) for update skip locked
            )
            returning xid, id
            """
        );
        var now = clock.GetUtcNow();
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = consumer });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = worker });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now + Lease });
        return await PositionAsync(command, cancel);
    }

    /// <summary>Moves the cursor on, and renews or ends the lease.</summary>
    /// <returns>Whether this worker still had the lease; without it nothing moves.</returns>
    internal async Task<bool> AdvanceAsync(string consumer, Guid worker, OutboxPosition to, bool release, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            update platform.outbox_cursors set xid = $3, id = $4,
                leased_by = case when $6 then null else leased_by end, leased_until = case when $6 then '-infinity' else $5 end
            where consumer = $1 and leased_by = $2
            """
        );
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = consumer });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = worker });
        command.Parameters.Add(new NpgsqlParameter { Value = to.Xid, NpgsqlDbType = NpgsqlDbType.Xid8 });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = to.Id });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() + Lease });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = release });
        return await command.ExecuteNonQueryAsync(cancel) == 1;
    }

    /// <summary>Ends the lease, if this worker still has it; the cursor stays where it is.</summary>
    internal async Task ReleaseAsync(string consumer, Guid worker)
    {
        await using var command = database.Source.CreateCommand(
            "update platform.outbox_cursors set leased_by = null, leased_until = '-infinity' where consumer = $1 and leased_by = $2"
        );
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = consumer });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = worker });
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private static async Task<OutboxPosition?> PositionAsync(NpgsqlCommand command, CancellationToken cancel)
    {
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? new OutboxPosition(reader.GetFieldValue<ulong>(0), reader.GetInt64(1)) : null;
    }
}
