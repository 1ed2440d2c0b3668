using Florin.Activity;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Webhooks;

/// <summary>Which deliveries are to be sent again.</summary>
/// <param name="Delivery">Only this one.</param>
/// <param name="From">Only what happened from this time on.</param>
/// <param name="To">Only what happened before this time.</param>
/// <param name="OnlyFailed">Only what was given up, or failed so far.</param>
internal sealed record ReplayRange(Guid? Delivery, DateTimeOffset? From, DateTimeOffset? To, bool OnlyFailed);

/// <summary>What is sent again.</summary>
/// <param name="Count">How many.</param>
/// <param name="Last">When the last of them happened.</param>
internal sealed record Replayed(int Count, DateTimeOffset? Last);

/// <summary>Makes deliveries pending again, in the order of their events.</summary>
internal sealed class Replays(Database database, DeliverySignal signal, TimeProvider clock)
{
    /// <summary>How many one call takes.</summary>
    public const int AtMost = 10_000;

    /// <summary>Sends them again, the oldest first; what is pending is tried now.</summary>
    /// <exception cref="Refusal"><c>webhook_disabled</c></exception>
    public async Task<Replayed> SendAgainAsync(WebhookEndpoint endpoint, ReplayRange range, ActivityEntry entry, CancellationToken cancel)
    {
        if (endpoint.DisabledAt is not null)
        {
            throw WebhooksRefusals.WebhookDisabled.With();
        }

        var replayed = await database.TransactionAsync(
            async connection =>
            {
                var now = clock.GetUtcNow();
                var (ids, last) = await OpenLanesAsync(connection, endpoint.Id, range, now, cancel);
                if (ids.Length > 0)
                {
                    await using var again = new NpgsqlCommand(
                        "update webhooks.deliveries set state = 'pending', round = 0, next_attempt_at = $3, ended_at = null "
                            + "where endpoint_id = $1 and id = any($2)",
                        connection
                    );
                    again.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = endpoint.Id });
                    again.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = ids });
                    again.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
                    await again.ExecuteNonQueryAsync(cancel);
                    await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                }

                return new Replayed(ids.Length, last);
            },
            cancel
        );
        signal.Wake();
        return replayed;
    }

    // The lanes first, as whoever records a try does.
    private static async Task<(Guid[] Ids, DateTimeOffset? Last)> OpenLanesAsync(
        NpgsqlConnection connection,
        Guid endpoint,
        ReplayRange range,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        await using var command = new NpgsqlCommand(
            """
            with picked as materialized (
                select id, aggregate, happened_at from webhooks.deliveries
                where endpoint_id = $1 and ($2 is null or id = $2) and ($3 is null or happened_at >= $3) and ($4 is null or happened_at < $4)
                    and (not $5 or state = 'dead' or (state = 'pending' and round > 0))
                order by happened_at, seq limit $7
            ), opened as (
                insert into webhooks.lanes as l (endpoint_id, aggregate, due_at) select distinct $1, aggregate, $6 from picked order by aggregate
                on conflict (endpoint_id, aggregate) do update set due_at = case when l.leased_by is null then excluded.due_at else l.due_at end
            )
            select coalesce(array_agg(id), '{}'), max(happened_at) from picked
            """,
            connection
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = endpoint });
        command.Parameters.Add(new NpgsqlParameter { Value = range.Delivery ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        command.Parameters.Add(new NpgsqlParameter { Value = range.From ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter { Value = range.To ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = range.OnlyFailed });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = AtMost });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return (reader.GetFieldValue<Guid[]>(0), await reader.IsDBNullAsync(1, cancel) ? null : reader.GetFieldValue<DateTimeOffset>(1));
    }
}
