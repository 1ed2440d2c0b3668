using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Platform;
using Npgsql;

namespace Florin.Webhooks;

/// <summary>
/// Changes an endpoint, disables it or enables it again: what was pending then goes out at once. What is left out stays as it is.
/// </summary>
internal static class ChangeWebhook
{
    public sealed record Request
    {
        /// <summary>As at its making.</summary>
        [StringLength(WebhookEndpoint.UrlLength, MinimumLength = 1)]
        public string? Url { get; init; }

        /// <summary>Topics from now on, or <c>["*"]</c> for all.</summary>
        public string[]? Events { get; init; }

        /// <summary>What the owner calls it; null for nothing.</summary>
        public Optional<string> Description { get; init; }

        /// <summary>Whether events are sent to it.</summary>
        public bool? Enabled { get; init; }
    }

    internal static void Map(RouteGroupBuilder group) => group.MapPatch("/{id}", HandleAsync);

    private static async Task<WebhookView> HandleAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        FlorinDb db,
        Database database,
        AddressGuard guard,
        DeliverySignal signal,
        TimeProvider clock,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var description = WebhookEndpoint.CleanDescription(request.Description.Value);
        if (description?.Length > WebhookEndpoint.DescriptionLength)
        {
            throw PlatformRefusals.InvalidRequest.Field("description", $"must be at most {WebhookEndpoint.DescriptionLength} characters");
        }

        var url = request.Url is null ? null : guard.Read(request.Url).AbsoluteUri;
        var topics = request.Events is null ? null : WebhookEndpoint.CleanTopics(request.Events);
        var before = await ShowWebhook.OwnAsync(db, caller, id, cancel);
        var entry = activity.Entry(
            http,
            "webhooks.changed",
            details: new
            {
                webhook = id,
                url_changed = url is not null && !string.Equals(url, before.Url, StringComparison.Ordinal),
                events = topics,
                request.Enabled,
            }
        );
        await database.TransactionAsync(
            async connection =>
            {
                await using var change = Change(connection, before.Id, url, topics, request, description, clock.GetUtcNow());
                if (await change.ExecuteNonQueryAsync(cancel) == 0)
                {
                    throw PlatformRefusals.NotFound.With(); // deleted at this moment
                }

                if (request.Enabled == true)
                {
                    await ResumeAsync(connection, before.Id, clock.GetUtcNow(), cancel);
                }

                await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                return true;
            },
            cancel
        );
        signal.Wake();
        return WebhookView.Of(await ShowWebhook.OwnAsync(db, caller, id, cancel));
    }

    // Another address, or enabled again: its failures are forgotten.
    private static NpgsqlCommand Change(
        NpgsqlConnection connection,
        Guid endpoint,
        string? url,
        string[]? topics,
        Request request,
        string? description,
        DateTimeOffset now
    ) =>
        new(
            """
            update webhooks.endpoints set
                url = coalesce($2, url), topics = coalesce($3, topics), description = case when $4 then $5 else description end,
                failing_since = case when $2 <> url or $6 then null else failing_since end,
                disabled_at = case $6 when true then null when false then coalesce(disabled_at, $7) else disabled_at end,
                disabled_reason = case $6 when true then null when false then coalesce(disabled_reason, 'owner') else disabled_reason end
            where id = $1 and deleted_at is null
            """,
            connection
        )
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = endpoint },
                new NpgsqlParameter<string?> { TypedValue = url },
                new NpgsqlParameter<string[]?> { TypedValue = topics },
                new NpgsqlParameter<bool> { TypedValue = request.Description.Given },
                new NpgsqlParameter<string?> { TypedValue = description },
                new NpgsqlParameter { Value = request.Enabled ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Boolean },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = now },
            },
        };

    private static async Task ResumeAsync(NpgsqlConnection connection, Guid endpoint, DateTimeOffset now, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                Command("update webhooks.lanes set due_at = $2 where endpoint_id = $1 and leased_by is null"),
                Command("update webhooks.deliveries set round = 0, next_attempt_at = $2 where endpoint_id = $1 and state = 'pending' and round > 0"),
            },
        };
        await batch.ExecuteNonQueryAsync(cancel);

        NpgsqlBatchCommand Command(string sql) =>
            new(sql)
            {
                Parameters =
                {
                    new NpgsqlParameter<Guid> { TypedValue = endpoint },
                    new NpgsqlParameter<DateTimeOffset> { TypedValue = now },
                },
            };
    }
}
