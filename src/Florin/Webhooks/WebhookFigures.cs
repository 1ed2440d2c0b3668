using Florin.Platform;

namespace Florin.Webhooks;

/// <summary>How the merchants' webhooks stand.</summary>
/// <param name="Endpoints">Which are on.</param>
/// <param name="Failing">Of these: whose last try failed.</param>
/// <param name="Disabled">Switched off by us, since they failed too long or are gone.</param>
/// <param name="Pending">Deliveries that wait for their next try.</param>
/// <param name="Dead">Deliveries that were given up and are kept.</param>
public sealed record WebhookCounts(long Endpoints, long Failing, long Disabled, long Pending, long Dead);

/// <summary>Counts webhooks of all merchants.</summary>
public sealed class WebhookFigures(Database database)
{
    /// <summary>Counts.</summary>
    public async Task<WebhookCounts> CountAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            select count(*) filter (where disabled_at is null), count(*) filter (where disabled_at is null and failing_since is not null),
                count(*) filter (where disabled_reason in ('gone', 'failing')), (select count(*) from webhooks.deliveries where state = 'pending'),
                (select count(*) from webhooks.deliveries where state = 'dead' and state <> 'delivered')
            from webhooks.endpoints where deleted_at is null
            """
        );
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return new WebhookCounts(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4));
    }
}
