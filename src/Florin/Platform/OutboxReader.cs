using Npgsql;
using NpgsqlTypes;

namespace Florin.Platform;

/// <summary>A stretch of the outbox.</summary>
/// <param name="Events">The events asked for, in order.</param>
/// <param name="Last">The position up to which everything was seen, events of other topics and people included.</param>
/// <param name="Full">Whether more may stand behind it.</param>
/// <param name="HeldBack">Whether there are rows that a transaction still running hides: look again soon.</param>
public sealed record OutboxPage(IReadOnlyList<StoredEvent> Events, OutboxPosition Last, bool Full, bool HeldBack);

/// <summary>
/// Reads the outbox in the order of its positions and only below the oldest transaction still running. Ids are not handed out in commit order;
/// this way a row that commits late is never skipped, since nobody reads past it.
/// </summary>
/// <param name="database">The pool.</param>
public sealed class OutboxReader(Database database)
{
    private const string Columns = "xid, id, topic, aggregate, payload, audience, created_at";

    // One statement, so that the horizon is one snapshot's. Always answers a row, with nulls where nothing matches.
    private const string PageSql = $"""
        with seen as materialized (
            select {Columns} from platform.outbox
            where (xid, id) > ($1, $2) and (xid, id) <= ($3, $4) and xid < pg_snapshot_xmin(pg_current_snapshot())
            order by xid, id limit $5
        )
        select held.back, counted.rows, last.xid, last.id, hit.*
        from (
            select coalesce((select xid from platform.outbox order by xid desc, id desc limit 1) >= pg_snapshot_xmin(pg_current_snapshot()), false) as back
        ) held
        cross join (select count(*) as rows from seen) counted
        left join (select xid, id from seen order by xid desc, id desc limit 1) last on true
        left join (
            select * from seen where ($6::text[] is null or topic = any($6)) and ($7::uuid[] is null or audience && $7)
        ) hit on true
        order by hit.xid, hit.id
        """;

    /// <summary>The next events after a position.</summary>
    /// <param name="after">The last position seen.</param>
    /// <param name="limit">How many rows to look at, those of other topics and people included.</param>
    /// <param name="topics">Only these; null for all.</param>
    /// <param name="audience">Only what one of these people may see; null for all.</param>
    /// <param name="upTo">Nothing after this position; null for no bound.</param>
    /// <param name="cancel">Stops waiting for the database.</param>
    public async Task<OutboxPage> ReadAsync(
        OutboxPosition after,
        int limit,
        IReadOnlyList<string>? topics = null,
        IReadOnlyCollection<Guid>? audience = null,
        OutboxPosition? upTo = null,
        CancellationToken cancel = default
    )
    {
        var most = upTo ?? new OutboxPosition(long.MaxValue, long.MaxValue);
        await using var command = database.Source.CreateCommand(PageSql);
        command.Parameters.Add(new NpgsqlParameter { Value = after.Xid, NpgsqlDbType = NpgsqlDbType.Xid8 });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after.Id });
        command.Parameters.Add(new NpgsqlParameter { Value = most.Xid, NpgsqlDbType = NpgsqlDbType.Xid8 });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = most.Id });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        command.Parameters.Add(
            new NpgsqlParameter { Value = topics?.ToArray() ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text }
        );
        command.Parameters.Add(
            new NpgsqlParameter { Value = audience?.ToArray() ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid }
        );
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var events = new List<StoredEvent>();
        var (last, heldBack, rows) = (after, false, 0L);
        while (await reader.ReadAsync(cancel))
        {
            heldBack = reader.GetBoolean(0);
            rows = reader.GetInt64(1);
            if (rows > 0)
            {
                last = new OutboxPosition(reader.GetFieldValue<ulong>(2), reader.GetInt64(3));
            }

            if (!await reader.IsDBNullAsync(4, cancel))
            {
                events.Add(Event(reader, 4));
            }
        }

        return new OutboxPage(events, last, rows == limit, heldBack);
    }

    /// <summary>The end of what may be read now: everything that commits from now on stands after it.</summary>
    public async Task<OutboxPosition> EndAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select pg_snapshot_xmin(pg_current_snapshot())");
        return new OutboxPosition((ulong)(await command.ExecuteScalarAsync(cancel))!, 0);
    }

    /// <summary>Whether all events after a position are still there: not when some were deleted for their age, nor when it is of another cluster.</summary>
    public async Task<bool> HasAllAfterAsync(OutboxPosition position, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            select $2 <= pg_snapshot_xmax(pg_current_snapshot())
                and not exists (select from platform.outbox_cursors where consumer = $1 and (xid, id) > ($2, $3))
            """
        );
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = OutboxRetention.Cursor });
        command.Parameters.Add(new NpgsqlParameter { Value = position.Xid, NpgsqlDbType = NpgsqlDbType.Xid8 });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position.Id });
        return await command.ExecuteScalarAsync(cancel) is true;
    }

    /// <summary>What was sealed with an event, as it stands now; null where there was nothing, or where it was sent and erased.</summary>
    public async Task<byte[]?> SecretAsync(OutboxPosition position, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select secret from platform.outbox where xid = $1 and id = $2");
        command.Parameters.Add(new NpgsqlParameter { Value = position.Xid, NpgsqlDbType = NpgsqlDbType.Xid8 });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position.Id });
        return await command.ExecuteScalarAsync(cancel) as byte[];
    }

    /// <summary>Erases what was sealed with an event, once it was sent.</summary>
    public async Task EraseSecretAsync(OutboxPosition position, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("update platform.outbox set secret = null where xid = $1 and id = $2");
        command.Parameters.Add(new NpgsqlParameter { Value = position.Xid, NpgsqlDbType = NpgsqlDbType.Xid8 });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position.Id });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>An event whose columns begin at an ordinal, in the order of the table.</summary>
    internal static StoredEvent Event(NpgsqlDataReader reader, int at) =>
        new(
            new OutboxPosition(reader.GetFieldValue<ulong>(at), reader.GetInt64(at + 1)),
            reader.GetString(at + 2),
            reader.GetGuid(at + 3),
            reader.GetString(at + 4),
            reader.GetFieldValue<Guid[]>(at + 5),
            reader.GetFieldValue<DateTimeOffset>(at + 6)
        );
}
