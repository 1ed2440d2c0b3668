using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Webhooks;

/// <summary>A delivery that this server is to try now.</summary>
internal sealed record DueDelivery
{
    /// <summary>Who holds the lease.</summary>
    public required Guid Lease { get; init; }

    /// <summary>To which endpoint.</summary>
    public required Guid Endpoint { get; init; }

    /// <summary>About which thing.</summary>
    public required Guid Aggregate { get; init; }

    /// <summary>The delivery.</summary>
    public required Guid Id { get; init; }

    /// <summary>The text to send.</summary>
    public required string Body { get; init; }

    /// <summary>Tries since it was made, or was to be sent again.</summary>
    public required int Round { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset HappenedAt { get; init; }

    /// <summary>The owner of the endpoint.</summary>
    public required Guid Person { get; init; }

    /// <summary>Where to.</summary>
    public required string Url { get; init; }

    /// <summary>The endpoint's first failed try since its last success.</summary>
    public required DateTimeOffset? FailingSince { get; init; }

    /// <summary>What it is signed with.</summary>
    public required byte[][] Secrets { get; init; }
}

/// <summary>What became of a try.</summary>
/// <param name="At">When it began.</param>
/// <param name="Took">How long it took.</param>
/// <param name="Status">The answer's status; null where there was none.</param>
/// <param name="Error">What went wrong; null where it was delivered.</param>
/// <param name="Answer">The beginning of the answer.</param>
internal sealed record TryOutcome(DateTimeOffset At, TimeSpan Took, int? Status, string? Error, string? Answer);

/// <summary>
/// Deliveries that are due. The unit of work is a lane: one thing's events for one endpoint, leased to one server at a time, of which the oldest is
/// sent. No lock is held while sending. A server that dies leaves its leases to run out; what it had sent and not recorded is sent again.
/// Commits need not be durable at once: what a crash of PostgreSQL takes back is tried again too.
/// </summary>
internal sealed class DeliveryQueue(Database database, TimeProvider clock)
{
    /// <summary>Tries of one endpoint that one server makes at once.</summary>
    public const int PerEndpoint = 4;

    /// <summary>Longer than a try and its recording may take.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(45);

    // An endpoint that has failed for a minute is asked one thing at a time: it shall not hold the places of those that work.
    private const string ClaimSql = """
        with recursive busy(id) as (
            (select endpoint_id from webhooks.lanes order by endpoint_id limit 1)
            union all
            select (select l.endpoint_id from webhooks.lanes l where l.endpoint_id > b.id order by l.endpoint_id limit 1)
            from busy b where b.id is not null
        ), places as (
            select e.id, coalesce(r.running, 0) as running,
                case when e.failing_since < $1 - interval '1 minute' then 1 else $4 end - coalesce(r.running, 0) as free
            from busy b join webhooks.endpoints e on e.id = b.id and e.disabled_at is null and e.deleted_at is null
            left join unnest($5, $6) r(id, running) on r.id = e.id
        ), due as materialized (
            select l.endpoint_id, l.aggregate
            from places p cross join lateral (
                select one.endpoint_id, one.aggregate, one.due_at from webhooks.lanes one
                where one.endpoint_id = p.id and one.due_at <= $1
                order by one.due_at limit greatest(p.free, 0) for update skip locked
            ) l
            order by p.running, l.due_at limit $7
        )
        update webhooks.lanes l set due_at = $2, leased_by = $3 from due
        where l.endpoint_id = due.endpoint_id and l.aggregate = due.aggregate
        returning l.endpoint_id, l.aggregate
        """;

    // A statement of its own: the snapshot must be younger than the leases.
    private const string HeadSql = """
        select d.endpoint_id, d.aggregate, d.id, d.body, d.round, d.happened_at, e.person_id, e.url, e.failing_since,
            array(
                select s.sealed from webhooks.secrets s
                where s.endpoint_id = e.id and (s.expires_at is null or s.expires_at > $3) order by s.created_at desc
            )
        from unnest($1, $2) lane(endpoint_id, aggregate)
        join webhooks.endpoints e on e.id = lane.endpoint_id
        cross join lateral (
            select * from webhooks.deliveries first
            where first.endpoint_id = lane.endpoint_id and first.aggregate = lane.aggregate and first.state = 'pending'
            order by first.seq limit 1
        ) d
        """;

    /// <summary>Leases deliveries that are due, fairly among endpoints.</summary>
    /// <param name="running">How many tries of which endpoint this server makes now.</param>
    /// <param name="limit">How many to lease at most.</param>
    /// <param name="cancel">Stops asking.</param>
    public async Task<IReadOnlyList<DueDelivery>> ClaimAsync(IReadOnlyDictionary<Guid, int> running, int limit, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var lease = Guid.NewGuid();
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await using var claim = new NpgsqlBatch(connection) { BatchCommands = { Async(), Claim(running, limit, now, lease) } };
        var (endpoints, aggregates) = (new List<Guid>(), new List<Guid>());
        await using (var reader = await claim.ExecuteReaderAsync(cancel))
        {
            await reader.NextResultAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                endpoints.Add(reader.GetGuid(0));
                aggregates.Add(reader.GetGuid(1));
            }
        }

        var due = endpoints.Count == 0 ? [] : await HeadsAsync(connection, endpoints, aggregates, lease, now, cancel);
        if (due.Count < endpoints.Count)
        {
            await CloseEmptyAsync(connection, lease, cancel);
        }

        return due;
    }

    /// <summary>Writes down what became of a try, and when the next one is. Without the lease nothing is written.</summary>
    /// <param name="due">What was tried.</param>
    /// <param name="outcome">What became of it.</param>
    /// <param name="state">Where the delivery stands now.</param>
    /// <param name="next">Of a pending one: not before.</param>
    /// <param name="cancel">Stops asking.</param>
    public async Task RecordAsync(DueDelivery due, TryOutcome outcome, string state, DateTimeOffset? next, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                Async(),
                Record(due, outcome, state, next, now),
                OnLane(
                    due,
                    """
                    update webhooks.lanes l set leased_by = null, due_at = $4
                    where endpoint_id = $1 and aggregate = $2 and leased_by = $3 and exists (
                        select from webhooks.deliveries d where d.endpoint_id = $1 and d.aggregate = $2 and d.state = 'pending'
                    )
                    """,
                    next ?? now
                ),
                OnLane(due, "delete from webhooks.lanes where endpoint_id = $1 and aggregate = $2 and leased_by = $3"),
                new(
                    outcome.Error is null
                        ? "update webhooks.endpoints set failing_since = null where id = $1 and failing_since is not null"
                        : "update webhooks.endpoints set failing_since = $2 where id = $1 and failing_since is null"
                )
                {
                    Parameters = { new NpgsqlParameter<Guid> { TypedValue = due.Endpoint } },
                },
            },
        };
        if (outcome.Error is not null)
        {
            batch.BatchCommands[^1].Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = outcome.At });
        }

        await batch.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Gives a lease back untried, so that another server may go on at once.</summary>
    public async Task ReleaseAsync(DueDelivery due, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                OnLane(
                    due,
                    "update webhooks.lanes set leased_by = null, due_at = $4 where endpoint_id = $1 and aggregate = $2 and leased_by = $3",
                    clock.GetUtcNow()
                ),
            },
        };
        await batch.ExecuteNonQueryAsync(cancel);
    }

    // Lanes whose deliveries grew too old while the endpoint was disabled. They are locked by a statement of their own, so that the next one sees
    // what was added meanwhile.
    private static async Task CloseEmptyAsync(NpgsqlConnection connection, Guid lease, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                OfLease("select from webhooks.lanes where leased_by = $1 for update"),
                OfLease(
                    """
                    delete from webhooks.lanes l where leased_by = $1 and not exists (
                        select from webhooks.deliveries d where d.endpoint_id = l.endpoint_id and d.aggregate = l.aggregate and d.state = 'pending'
                    )
                    """
                ),
            },
        };
        await batch.ExecuteNonQueryAsync(cancel);

        NpgsqlBatchCommand OfLease(string sql) => new(sql) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = lease } } };
    }

    private static NpgsqlBatchCommand Async() => new("select set_config('synchronous_commit', 'off', true)");

    private static NpgsqlBatchCommand Claim(IReadOnlyDictionary<Guid, int> running, int limit, DateTimeOffset now, Guid lease) =>
        new(ClaimSql)
        {
            Parameters =
            {
                new NpgsqlParameter<DateTimeOffset> { TypedValue = now },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = now + Lease },
                new NpgsqlParameter<Guid> { TypedValue = lease },
                new NpgsqlParameter<int> { TypedValue = PerEndpoint },
                new NpgsqlParameter<Guid[]> { TypedValue = [.. running.Keys] },
                new NpgsqlParameter<int[]> { TypedValue = [.. running.Values] },
                new NpgsqlParameter<int> { TypedValue = limit },
            },
        };

    private static async Task<IReadOnlyList<DueDelivery>> HeadsAsync(
        NpgsqlConnection connection,
        List<Guid> endpoints,
        List<Guid> aggregates,
        Guid lease,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        await using var command = new NpgsqlCommand(HeadSql, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. endpoints] });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. aggregates] });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var due = new List<DueDelivery>();
        while (await reader.ReadAsync(cancel))
        {
            due.Add(
                new DueDelivery
                {
                    Lease = lease,
                    Endpoint = reader.GetGuid(0),
                    Aggregate = reader.GetGuid(1),
                    Id = reader.GetGuid(2),
                    Body = reader.GetString(3),
                    Round = reader.GetInt32(4),
                    HappenedAt = reader.GetFieldValue<DateTimeOffset>(5),
                    Person = reader.GetGuid(6),
                    Url = reader.GetString(7),
                    FailingSince = await reader.IsDBNullAsync(8, cancel) ? null : reader.GetFieldValue<DateTimeOffset>(8),
                    Secrets = reader.GetFieldValue<byte[][]>(9),
                }
            );
        }

        return due;
    }

    private static NpgsqlBatchCommand Record(DueDelivery due, TryOutcome outcome, string state, DateTimeOffset? next, DateTimeOffset now) =>
        new(
            """
            with lane as materialized (
                select from webhooks.lanes where endpoint_id = $1 and aggregate = $2 and leased_by = $3 for update
            ), tried as (
                update webhooks.deliveries set state = $5, attempts = attempts + 1, round = round + 1, next_attempt_at = $6, last_status = $7,
                    last_error = $8, ended_at = case when $5 = 'pending' then null else $9 end
                where endpoint_id = $1 and id = $4 and exists (select from lane)
                returning attempts
            )
            insert into webhooks.attempts (endpoint_id, delivery_id, number, at, milliseconds, status, error, answer)
            select $1, $4, attempts, $10, $11, $7, $8, $12 from tried
            """
        )
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = due.Endpoint },
                new NpgsqlParameter<Guid> { TypedValue = due.Aggregate },
                new NpgsqlParameter<Guid> { TypedValue = due.Lease },
                new NpgsqlParameter<Guid> { TypedValue = due.Id },
                new NpgsqlParameter<string> { TypedValue = state },
                new NpgsqlParameter { Value = next ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz },
                new NpgsqlParameter { Value = outcome.Status ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer },
                new NpgsqlParameter<string?> { TypedValue = outcome.Error },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = now },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = outcome.At },
                new NpgsqlParameter<int> { TypedValue = (int)outcome.Took.TotalMilliseconds },
                new NpgsqlParameter<string?> { TypedValue = outcome.Answer },
            },
        };

    private static NpgsqlBatchCommand OnLane(DueDelivery due, string sql, DateTimeOffset? at = null)
    {
        var command = new NpgsqlBatchCommand(sql)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = due.Endpoint },
                new NpgsqlParameter<Guid> { TypedValue = due.Aggregate },
                new NpgsqlParameter<Guid> { TypedValue = due.Lease },
            },
        };
        if (at is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = at.Value });
        }

        return command;
    }
}
