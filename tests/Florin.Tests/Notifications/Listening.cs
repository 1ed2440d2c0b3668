using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Florin.Tests.Identity;

namespace Florin.Tests.Notifications;

/// <summary>What a client of live events saw.</summary>
public sealed record Seen(string Id, string Topic, string Text)
{
    /// <summary>What happened.</summary>
    public JsonElement Payload { get; init; }
}

/// <summary>A client of live events, by either way.</summary>
public abstract class Listening : IAsyncDisposable
{
    /// <summary>The id of the last event that it saw.</summary>
    public string LastId { get; private set; } = "";

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    internal static async Task<Listening> OpenAsync(bool socket, FlorinApp app, SignedIn person, string? since = null)
    {
        var query = since is null ? "" : $"?last_event_id={since}";
        var token = person.Http.DefaultRequestHeaders.Authorization!.Parameter;
        Listening listening = socket ? await BySocket.OpenAsync(app, query, token) : await ByEvents.OpenAsync(app, query, token);
        var opened = await listening.NextAsync(); // until the first of what was missed, or until it is open
        listening.waiting = opened.Topic is "events.opened" ? null : opened;
        return listening;
    }

    private Seen? waiting;

    /// <summary>The next event; the notes of the stream itself are left out.</summary>
    public async Task<Seen> EventAsync()
    {
        var next = waiting ?? await NextAsync();
        waiting = null;
        return next.Topic is "events.opened" ? await EventAsync() : next;
    }

    public async Task<List<string>> TextsAsync(int count)
    {
        var texts = new List<string>();
        while (texts.Count < count)
        {
            texts.Add((await EventAsync()).Text);
        }

        return texts;
    }

    /// <summary>Reads until the server closes.</summary>
    /// <returns>Why it did.</returns>
    public abstract Task<string> EndAsync();

    public abstract ValueTask DisposeAsync();

    protected abstract Task<Seen> NextAsync();

    protected Seen Read(string json)
    {
        var root = JsonDocument.Parse(json).RootElement;
        LastId = root.GetProperty("id").GetString()!;
        Assert.True(root.GetProperty("at").TryGetDateTimeOffset(out _));
        var text = root.GetProperty("payload").TryGetProperty("text", out var said) ? said.GetString()! : "";
        return new Seen(LastId, root.GetProperty("topic").GetString()!, text) { Payload = root.GetProperty("payload") };
    }

    protected static CancellationTokenSource Limit()
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        return limit;
    }
}

/// <summary>Server-sent events.</summary>
public sealed class ByEvents(HttpResponseMessage response, StreamReader reader) : Listening
{
    public static async Task<ByEvents> OpenAsync(FlorinApp app, string query, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events" + query);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Accept.ParseAdd("text/event-stream");
        var response = await app.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        Assert.Equal("200 text/event-stream", $"{(int)response.StatusCode} {response.Content.Headers.ContentType}");
        return new ByEvents(response, new StreamReader(await response.Content.ReadAsStreamAsync(Cancel)));
    }

    public override async Task<string> EndAsync()
    {
        using var limit = Limit();
        var last = "";
        while (await reader.ReadLineAsync(limit.Token) is { } line)
        {
            last = line.Length > 0 ? line : last;
        }

        return JsonDocument.Parse(last["data: ".Length..]).RootElement.GetProperty("code").GetString()!;
    }

    public override ValueTask DisposeAsync()
    {
        reader.Dispose();
        response.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override async Task<Seen> NextAsync()
    {
        using var limit = Limit();
        var id = "";
        while (true)
        {
            var line = await reader.ReadLineAsync(limit.Token) ?? throw new IOException("the stream ended");
            id = line.StartsWith("id: ", StringComparison.Ordinal) ? line[4..] : id;
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                var seen = Read(line[6..]);
                Assert.Equal(id, seen.Id);
                return seen;
            }
        }
    }
}

/// <summary>A WebSocket.</summary>
public sealed class BySocket(ClientWebSocket socket) : Listening
{
    public static async Task<BySocket> OpenAsync(FlorinApp app, string query, string? token, string? origin = null)
    {
        var socket = new ClientWebSocket();
        if (token is not null)
        {
            socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        }

        if (origin is not null)
        {
            socket.Options.SetRequestHeader("Origin", origin);
        }

        await socket.ConnectAsync(new Uri($"ws://{app.Http.BaseAddress!.Authority}/v1/events{query}"), Cancel);
        return new BySocket(socket);
    }

    public override async Task<string> EndAsync()
    {
        using var limit = Limit();
        var buffer = new byte[4096];
        while ((await socket.ReceiveAsync(buffer, limit.Token)).MessageType != WebSocketMessageType.Close) { }

        return socket.CloseStatusDescription!;
    }

    public int? Status => (int?)socket.CloseStatus;

    public Task SayAsync(string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, Cancel);

    public override ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override async Task<Seen> NextAsync()
    {
        using var limit = Limit();
        using var text = new MemoryStream();
        var buffer = new byte[4096];
        WebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer, limit.Token);
            Assert.Equal(WebSocketMessageType.Text, part.MessageType);
            await text.WriteAsync(buffer.AsMemory(0, part.Count), limit.Token);
        } while (!part.EndOfMessage);

        return Read(Encoding.UTF8.GetString(text.ToArray()));
    }
}
