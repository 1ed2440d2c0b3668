using System.Buffers;
using System.Text;
using System.Text.Json;
using Florin.Platform;
using Npgsql;

namespace Florin.Webhooks;

/// <summary>Makes a delivery of each event for every enabled endpoint that its owner may be told of it at. Doing so twice is doing it once.</summary>
internal sealed class FanOutEvents(Database database, DeliverySignal signal, TimeProvider clock)
{
    /// <summary>The consumer that does it.</summary>
    internal static OutboxConsumer Consumer =>
        new(
            "webhooks.deliveries",
            WebhookTopics.All,
            FromBeginning: true,
            (services, happened, cancel) => services.GetRequiredService<FanOutEvents>().MakeAsync(happened, cancel)
        )
        {
            Parallel = 8,
            WantedAsync = (services, events, cancel) => services.GetRequiredService<FanOutEvents>().WantedAsync(events, cancel),
        };

    // Most merchants have no endpoint: one question for a page of events.
    private async Task<IReadOnlyList<StoredEvent>> WantedAsync(IReadOnlyList<StoredEvent> events, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "select distinct person_id from webhooks.endpoints where person_id = any($1) and disabled_at is null and deleted_at is null"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. events.SelectMany(happened => happened.Audience).Distinct()] });
        var owners = new HashSet<Guid>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            owners.Add(reader.GetGuid(0));
        }

        return [.. events.Where(happened => happened.Audience.Any(owners.Contains))];
    }

    private async Task MakeAsync(StoredEvent happened, CancellationToken cancel)
    {
        if (happened.Audience.Count == 0)
        {
            return;
        }

        // The owner's row of the endpoint is held until the delivery is there, so that an erasure cannot pass between. An endpoint's lane for
        // this thing is held too: whoever ends what is pending there now looks again afterwards. The commit need not be durable at once: the
        // place in the outbox is written after it, so that no crash keeps that one and loses this.
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { new NpgsqlBatchCommand("select set_config('synchronous_commit', 'off', true)"), Insert(happened) },
        };
        if (await batch.ExecuteNonQueryAsync(cancel) > 0)
        {
            signal.Wake();
        }
    }

    private NpgsqlBatchCommand Insert(StoredEvent happened)
    {
        var test = string.Equals(happened.Topic, WebhookTopics.Test, StringComparison.Ordinal);
        var now = clock.GetUtcNow();
        return new NpgsqlBatchCommand(
            """
            with told as materialized (
                select id from webhooks.endpoints
                where person_id = any($1) and disabled_at is null and deleted_at is null
                    and case when $2 then id = $3 else topics && array[$4, '*'] end
                order by id for key share
            ), made as (
                insert into webhooks.deliveries
                    (endpoint_id, id, event_id, event, topic, aggregate, body, happened_at, next_attempt_at, created_at)
                select told.id, $5, $6, $7, $4, $3, $8, $9, $10, $10 from told
                on conflict do nothing
                returning endpoint_id
            )
            insert into webhooks.lanes as l (endpoint_id, aggregate, due_at) select endpoint_id, $3, $10 from made
            on conflict (endpoint_id, aggregate) do update set due_at = l.due_at
            """
        )
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = [.. happened.Audience] },
                new NpgsqlParameter<bool> { TypedValue = test },
                new NpgsqlParameter<Guid> { TypedValue = happened.Aggregate },
                new NpgsqlParameter<string> { TypedValue = happened.Topic },
                new NpgsqlParameter<Guid> { TypedValue = test ? IdOf(happened) : Ids.New() },
                new NpgsqlParameter<long> { TypedValue = happened.Position.Id },
                new NpgsqlParameter<string> { TypedValue = happened.Position.ToString() },
                new NpgsqlParameter<string> { TypedValue = Body(happened) },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = happened.CreatedAt },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = now },
            },
        };
    }

    // Whoever asked for a test was told the id.
    private static Guid IdOf(StoredEvent test) =>
        Ids.TryRead(Delivery.Prefix, JsonSerializer.Deserialize<TestWebhook.Payload>(test.Payload, Wire.Json)!.Delivery, out var id) ? id : Ids.New();

    /// <summary>What is sent: Standard Webhooks' shape.</summary>
    internal static string Body(StoredEvent happened)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = Wire.Json.Encoder }))
        {
            json.WriteStartObject();
            json.WriteString("type", happened.Topic);
            json.WritePropertyName("timestamp");
            JsonSerializer.Serialize(json, happened.CreatedAt, Wire.Json);
            json.WritePropertyName("data");
            json.WriteRawValue(happened.Payload);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
