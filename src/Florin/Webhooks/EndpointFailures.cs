using System.Text.Json;
using Florin.Activity;
using Florin.Identity;
using Florin.Platform;
using Npgsql;

namespace Florin.Webhooks;

/// <summary>Disables an endpoint that is gone or failed too long, and tells its owner; once, however many tries find it so.</summary>
internal sealed partial class EndpointFailures(
    Database database,
    IServiceScopeFactory scopes,
    Secrets secrets,
    ActivityLog activity,
    TimeProvider clock,
    ILogger<EndpointFailures> log
)
{
    private const string Template = "webhook_disabled";

    /// <summary>Disables it.</summary>
    /// <param name="due">What was tried last.</param>
    /// <param name="reason">One of <see cref="DisabledReasons"/>.</param>
    public async Task DisableAsync(DueDelivery due, string reason)
    {
        var now = clock.GetUtcNow();
        var webhook = Ids.Show(WebhookEndpoint.Prefix, due.Endpoint);
        List<RowInsert> told =
        [
            ActivityLog.Row(activity.Entry("webhooks.disabled", due.Person, new { webhook, reason })),
            Outbox.Row(new OutboxEvent(WebhookTopics.Disabled, due.Endpoint, JsonSerializer.Serialize(new { webhook, reason }, Wire.Json), [due.Person])),
            .. await MessageAsync(due, webhook, reason),
        ];
        var disabled = await database.TransactionAsync(
            async connection =>
            {
                await using var command = new NpgsqlCommand(
                    """
                    update webhooks.endpoints set disabled_at = $2, disabled_reason = $3
                    where id = $1 and disabled_at is null and deleted_at is null and ($3 <> 'failing' or failing_since <= $4)
                    """,
                    connection
                );
                command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = due.Endpoint });
                command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = reason });
                command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now - RetrySchedule.Patience });
                if (await command.ExecuteNonQueryAsync(CancellationToken.None) == 0)
                {
                    return false;
                }

                await connection.InsertAsync(CancellationToken.None, told);
                return true;
            },
            CancellationToken.None
        );
        if (disabled)
        {
            WebhooksMetrics.Disabled.Add(1, new KeyValuePair<string, object?>("reason", reason));
            LogDisabled(webhook, reason);
        }
    }

    private async Task<IReadOnlyList<RowInsert>> MessageAsync(DueDelivery due, string webhook, string reason)
    {
        await using var scope = scopes.CreateAsyncScope();
        var owner = await scope.ServiceProvider.GetRequiredService<People>().FindAsync(due.Person, CancellationToken.None);
        if ((owner?.Email ?? owner?.Phone) is not { } to)
        {
            return [];
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["webhook"] = webhook,
            ["host"] = new Uri(due.Url).Host,
            ["reason"] = string.Equals(reason, DisabledReasons.Gone, StringComparison.Ordinal)
                ? "it answered that it is gone (410)"
                : "every delivery failed for three days",
        };
        var channel = owner!.Email is null ? MessageChannel.Sms : MessageChannel.Email;
        return [Outbox.Row(new MessageRequest(channel, to, Template, values).Event(secrets, due.Person))];
    }

    [LoggerMessage(LogLevel.Information, "webhook {Webhook} is disabled: {Reason}")]
    private partial void LogDisabled(string webhook, string reason);
}
