using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Identity;
using Florin.Tests.Platform;

namespace Florin.Tests.Webhooks;

/// <summary>A webhook that a merchant made.</summary>
internal sealed record Made(string Id, string Secret)
{
    public Guid Guid => Ids.Read("whk", Id);
}

/// <summary>A merchant with webhooks, and what happens to their payments.</summary>
internal sealed class Merchant(FlorinApp app, SignedIn person)
{
    public SignedIn Person => person;

    public static async Task<Merchant> AsAsync(FlorinApp app) => new(app, await SignedIn.AsAsync(app, Roles.Merchant));

    public async Task<Made> CreateAsync(string url, params string[] events)
    {
        var body = await SignedIn.Json(await person.SendAsync("POST", "/v1/webhooks", new { url, events = events.Length == 0 ? null : events }));
        return new Made(body.GetProperty("id").GetString()!, body.GetProperty("secret").GetString()!);
    }

    /// <summary>Writes events about a payment into the outbox, as the module that has payments does.</summary>
    public Task HappenAsync(Guid payment, params int[] numbers) => HappenAsync("payments.completed", payment, numbers);

    public Task HappenAsync(string topic, Guid payment, params int[] numbers) =>
        OutboxRig.WriteAsync(app, [.. numbers.Select(n => new OutboxEvent(topic, payment, $$"""{"n": {{n}}, "note": "Ä €"}""", [person.Id]))]);

    public async Task<List<JsonElement>> DeliveriesAsync(Made webhook, string query = "") =>
        [.. (await SignedIn.Json(await person.GetAsync($"/v1/webhooks/{webhook.Id}/deliveries{query}"))).GetProperty("data").EnumerateArray()];

    public async Task<JsonElement> ShowAsync(Made webhook) => await SignedIn.Json(await person.GetAsync($"/v1/webhooks/{webhook.Id}"));

    public async Task<JsonElement> ShowAsync(Made webhook, string delivery) =>
        await SignedIn.Json(await person.GetAsync($"/v1/webhooks/{webhook.Id}/deliveries/{delivery}"));

    /// <summary>Waits until every delivery of the webhook stands so.</summary>
    public Task WaitAsync(Made webhook, int count, string condition) =>
        app.Database.WaitAsync(
            $"select count(*) = {count} and coalesce(bool_and({condition}), true) from webhooks.deliveries where endpoint_id = '{webhook.Guid}'"
        );
}
