using System.Text.Json;
using Florin.Platform;
using Florin.Shops;

namespace Florin.Notifications;

/// <summary>Live events for a route that says them in other words: the same streams, ends and limits as <c>GET /v1/events</c>.</summary>
public sealed class LiveSockets
{
    private readonly StreamEvents.Sources sources;
    private readonly Settings settings;

    internal LiveSockets(LiveEvents live, OutboxReader outbox, ShopFront shops, Settings settings, TimeProvider clock)
    {
        sources = new StreamEvents.Sources(live, outbox, shops, clock);
        this.settings = settings;
    }

    /// <summary>Serves a WebSocket until either side ends it.</summary>
    /// <param name="http">A request for a WebSocket.</param>
    /// <param name="caller">Who listens.</param>
    /// <param name="translate">Makes of an event (<c>id</c>, <c>topic</c>, <c>payload</c>, <c>at</c>) the text to send, or null for none.</param>
    /// <exception cref="Refusal"><c>origin_not_allowed</c></exception>
    public Task ServeAsync(HttpContext http, Caller caller, Func<JsonElement, byte[]?> translate)
    {
        StreamEvents.RequireOrigin(http.Request, settings);
        return StreamEvents.ServeAsync(http, StreamEvents.ListenerOf(caller), since: null, translate, sources);
    }
}
