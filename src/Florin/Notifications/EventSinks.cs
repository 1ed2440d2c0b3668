using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Florin.Platform;
using Microsoft.AspNetCore.Http.Features;

namespace Florin.Notifications;

/// <summary>How events reach the client.</summary>
internal interface IEventSink
{
    Task SendAsync(LiveEvent happened, CancellationToken cancel);

    /// <summary>Shows that the connection lives, and from where it may be resumed.</summary>
    Task KeepAliveAsync(OutboxPosition position, CancellationToken cancel);

    /// <summary>Says why this is the end.</summary>
    Task CloseAsync(StreamEnd why, CancellationToken cancel);
}

/// <summary>Server-sent events (WHATWG HTML, 9.2).</summary>
internal sealed class ServerSentEvents(HttpResponse response) : IEventSink
{
    internal async Task OpenAsync(CancellationToken cancel)
    {
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no"; // nginx gathers answers otherwise
        await WriteAsync("retry: 2000\n\n", cancel);
    }

    public async Task SendAsync(LiveEvent happened, CancellationToken cancel)
    {
        var head = Encoding.ASCII.GetBytes($"id: {happened.Position}\ndata: ");
        await response.Body.WriteAsync(head, cancel);
        await response.Body.WriteAsync(happened.Json, cancel);
        await WriteAsync("\n\n", cancel);
    }

    // An id without data moves the browser's last event id and fires nothing.
    public Task KeepAliveAsync(OutboxPosition position, CancellationToken cancel) => WriteAsync($": keep-alive\nid: {position}\n\n", cancel);

    public Task CloseAsync(StreamEnd why, CancellationToken cancel) => WriteAsync($"event: closed\ndata: {{\"code\":\"{why.Code}\"}}\n\n", cancel);

    private async Task WriteAsync(string text, CancellationToken cancel)
    {
        await response.Body.WriteAsync(Encoding.ASCII.GetBytes(text), cancel);
        await response.Body.FlushAsync(cancel);
    }
}

/// <summary>A WebSocket (RFC 6455): one text message an event. The web server pings.</summary>
/// <param name="socket">The connection.</param>
/// <param name="translate">Makes of an event's JSON what is sent instead, or null for nothing; null where events go out as they are.</param>
internal sealed class SocketEvents(WebSocket socket, Func<JsonElement, byte[]?>? translate = null) : IEventSink
{
    private const int LongestWord = 512;
    private const int MostWords = 100;

    public Task SendAsync(LiveEvent happened, CancellationToken cancel) =>
        Said(happened.Json) is { } said ? socket.SendAsync(said, WebSocketMessageType.Text, endOfMessage: true, cancel).AsTask() : Task.CompletedTask;

    private ReadOnlyMemory<byte>? Said(ReadOnlyMemory<byte> json)
    {
        if (translate is null)
        {
            return json;
        }

        using var happened = JsonDocument.Parse(json);
        return translate(happened.RootElement) is { } said ? (ReadOnlyMemory<byte>?)said : null;
    }

    public Task KeepAliveAsync(OutboxPosition position, CancellationToken cancel) => Task.CompletedTask;

    public async Task CloseAsync(StreamEnd why, CancellationToken cancel)
    {
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync((WebSocketCloseStatus)why.Status, why.Code, cancel);
        }
    }

    /// <summary>Reads until the client closes. It has nothing to say: short words are ignored, many or long ones are not put up with.</summary>
    /// <returns>Why the stream is to be closed.</returns>
    internal async Task<StreamEnd> ListenAsync(CancellationToken cancel)
    {
        var buffer = new byte[LongestWord];
        for (var words = 0; words < MostWords; words++)
        {
            var word = await socket.ReceiveAsync(buffer.AsMemory(), cancel);
            if (word.MessageType == WebSocketMessageType.Close)
            {
                return StreamEnd.Closed;
            }

            if (!word.EndOfMessage)
            {
                break;
            }
        }

        return StreamEnd.Talkative;
    }
}
