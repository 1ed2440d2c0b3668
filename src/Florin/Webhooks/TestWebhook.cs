using System.Text.Json;
using Florin.Platform;

namespace Florin.Webhooks;

/// <summary>Sends <c>webhooks.test</c> to an endpoint, by the way that every event goes.</summary>
internal static class TestWebhook
{
    /// <param name="Delivery"><c>msg_…</c>: what it is delivered as, in a moment.</param>
    public sealed record Response(string Delivery);

    internal static void Map(RouteGroupBuilder group) => group.MapPost("/{id}/test", HandleAsync).Produces<Response>(202).LimitRate(RateLimit.Guessing);

    /// <summary>The payload of a test: its receivers see the endpoint, its fan-out the delivery's id.</summary>
    internal sealed record Payload(string Webhook, string Delivery);

    private static async Task<IResult> HandleAsync(string id, Caller caller, FlorinDb db, Database database, CancellationToken cancel)
    {
        var endpoint = await ShowWebhook.OwnAsync(db, caller, id, cancel);
        if (endpoint.DisabledAt is not null)
        {
            throw WebhooksRefusals.WebhookDisabled.With();
        }

        var delivery = Ids.Show(Delivery.Prefix, Ids.New());
        var payload = JsonSerializer.Serialize(new Payload(id, delivery), Wire.Json);
        var happened = new OutboxEvent(WebhookTopics.Test, endpoint.Id, payload, [caller.Person]);
        await database.TransactionAsync(
            async connection =>
            {
                await using var batch = new Npgsql.NpgsqlBatch(connection) { BatchCommands = { Outbox.Row(happened).Command(), Outbox.Wake() } };
                return await batch.ExecuteNonQueryAsync(cancel);
            },
            cancel
        );
        return Results.Json(new Response(delivery), Wire.Json, statusCode: StatusCodes.Status202Accepted);
    }
}
