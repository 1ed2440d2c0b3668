using Florin.Platform;
using Npgsql;

namespace Florin.Webhooks;

/// <summary>Deletes deliveries after 30 days, secrets that sign no more, and what is left of deleted endpoints; a step at a time.</summary>
internal static class WebhookRetention
{
    private const int Step = 5_000;
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    // What is still pending so late waits for an endpoint that is disabled.
    private static readonly string[] Statements =
    [
        "delete from webhooks.secrets where ctid = any(array(select ctid from webhooks.secrets where expires_at < $2 limit $3))",
        """
            delete from webhooks.lanes l using (
                select l.endpoint_id, l.aggregate from webhooks.lanes l join webhooks.endpoints e on e.id = l.endpoint_id
                where e.deleted_at is not null limit $3
            ) old where (l.endpoint_id, l.aggregate) = (old.endpoint_id, old.aggregate)
            """,
        """
            delete from webhooks.deliveries where ctid = any(array(
                select d.ctid from webhooks.deliveries d join webhooks.endpoints e on e.id = d.endpoint_id where e.deleted_at is not null limit $3
            ))
            """,
        "update webhooks.deliveries set state = 'dead', next_attempt_at = null, ended_at = $2 where state = 'pending' and created_at < $1",
        """
            delete from webhooks.deliveries where ctid = any(array(
                select ctid from webhooks.deliveries where state <> 'pending' and created_at < $1 limit $3
            ))
            """,
        """
            delete from webhooks.endpoints e where deleted_at is not null
                and not exists (select from webhooks.deliveries d where d.endpoint_id = e.id)
                and not exists (select from webhooks.lanes l where l.endpoint_id = e.id)
                and not exists (select from webhooks.secrets s where s.endpoint_id = e.id)
            """,
    ];

    internal static RecurringJob Job => new("webhooks.delete_old", "0 41 * * * ?", RunAsync);

    private static async Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        var database = services.GetRequiredService<Database>();
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        foreach (var sql in Statements)
        {
            var limited = sql.Contains("$3", StringComparison.Ordinal);
            for (var full = true; full; )
            {
                await using var command = database.Source.CreateCommand("with settings as (select $1, $2, $3::int) " + sql);
                command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now - Kept });
                command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
                command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Step });
                full = await command.ExecuteNonQueryAsync(cancel) == Step && limited;
            }
        }
    }
}
