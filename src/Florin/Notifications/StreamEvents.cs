using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;
using Florin.Platform;
using Florin.Shops;
using Microsoft.AspNetCore.Authorization;

namespace Florin.Notifications;

/// <summary>
/// Shows a person their own events as they commit, by WebSocket or by server-sent events on the same route. After <c>Last-Event-ID</c> (or
/// <c>?last_event_id=</c>) it begins with what came since, with nothing missed and nothing twice.
/// </summary>
internal static class StreamEvents
{
    private const int CatchUpRows = 5000;
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    // Catching up scans; the database serves payments first.
    private static readonly SemaphoreSlim CatchingUp = new(4);

    // Anonymous, since a browser brings a ticket; without one the same policy as elsewhere is asked.
    internal static void Map(RouteGroupBuilder events) => events.MapGet("", HandleAsync).AllowAnonymous().LimitRate(RateLimit.Default);

    /// <summary>The same for pages, which are signed in by cookie.</summary>
    internal static void MapLive(RouteGroupBuilder pages) => pages.MapGet("/live", HandleAsync).RequireAuthorization(Policies.Person);

    internal static Listener ListenerOf(Caller caller)
    {
        var seconds = long.Parse(caller.User.FindFirst(Caller.ExpiresClaim)!.Value, CultureInfo.InvariantCulture);
        return new Listener(caller.Person, caller.Session, DateTimeOffset.FromUnixTimeSeconds(seconds));
    }

    private static async Task HandleAsync(
        HttpContext http,
        LiveEvents live,
        OutboxReader outbox,
        ShopFront shops,
        EventTickets tickets,
        IAuthorizationService rights,
        Settings settings,
        TimeProvider clock
    )
    {
        RequireOrigin(http.Request, settings);
        var since = Since(http.Request);
        var listener = await ListenerAsync(http, tickets, rights);
        await ServeAsync(http, listener, since, translate: null, new Sources(live, outbox, shops, clock));
    }

    /// <summary>Where a stream comes from.</summary>
    internal sealed record Sources(LiveEvents Live, OutboxReader Outbox, ShopFront Shops, TimeProvider Clock);

    /// <summary>Serves one listener from the first event to the end of the connection.</summary>
    internal static async Task ServeAsync(HttpContext http, Listener listener, OutboxPosition? since, Func<JsonElement, byte[]?>? translate, Sources sources)
    {
        var live = sources.Live;
        using var stream = new LiveStream(listener.Person, listener.Session, listener.ExpiresAt);
        var joined = await live.JoinAsync(stream, http.RequestAborted);
        try
        {
            using var cut = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stream.Cut);
            var feed = new Feed(stream, live, sources.Outbox, sources.Shops, sources.Clock, since, joined);
            await (http.WebSockets.IsWebSocketRequest ? SocketAsync(http, stream, feed, translate, cut) : SendEventsAsync(http, feed, cut.Token));
        }
        catch (OperationCanceledException)
        {
            http.Abort(); // the client did not read the end, or went away
        }
        catch (IOException)
        {
            http.Abort();
        }
        catch (WebSocketException)
        {
            http.Abort();
        }
        finally
        {
            await live.LeaveAsync(stream);
        }
    }

    private static async Task SendEventsAsync(HttpContext http, Feed feed, CancellationToken cancel)
    {
        var sink = new ServerSentEvents(http.Response);
        await sink.OpenAsync(cancel);
        await feed.RunAsync(sink, cancel);
    }

    private static async Task SocketAsync(HttpContext http, LiveStream stream, Feed feed, Func<JsonElement, byte[]?>? translate, CancellationTokenSource cut)
    {
        using var socket = await http.WebSockets.AcceptWebSocketAsync();
        var sink = new SocketEvents(socket, translate);
        var listening = ListenAsync();
        try
        {
            await feed.RunAsync(sink, cut.Token);
        }
        finally
        {
            stream.Close(StreamEnd.Closed);
            await listening; // for the client's own close, which has the grace of the stream
        }

        return;

        async Task ListenAsync()
        {
            try
            {
                stream.Close(await sink.ListenAsync(cut.Token));
            }
            catch (OperationCanceledException)
            {
                stream.Close(StreamEnd.Closed);
            }
            catch (WebSocketException)
            {
                stream.Close(StreamEnd.Closed);
            }
        }
    }

    private static async Task<Listener> ListenerAsync(HttpContext http, EventTickets tickets, IAuthorizationService rights)
    {
        if (http.Request.Query["ticket"].ToString() is { Length: > 0 } ticket)
        {
            return await tickets.UseAsync(ticket, http.RequestAborted);
        }

        var caller = Caller.Of(http);
        return (await rights.AuthorizeAsync(http.User, Policies.Person)).Succeeded ? ListenerOf(caller) : throw PlatformRefusals.Forbidden.With();
    }

    private static OutboxPosition? Since(HttpRequest request)
    {
        var header = request.Headers["Last-Event-ID"].ToString();
        var text = header.Length > 0 ? header : request.Query["last_event_id"].ToString();
        return text.Length == 0 ? null
            : OutboxPosition.TryParse(text, out var position) ? position
            : throw PlatformRefusals.InvalidRequest.Field("last_event_id", "must be the id of an event, such as 1234-56");
    }

    // Browsers name the page's origin; other clients name none.
    internal static void RequireOrigin(HttpRequest request, Settings settings)
    {
        var origin = request.Headers.Origin.ToString().TrimEnd('/');
        var own = new Uri(settings.PublicUrl).GetLeftPart(UriPartial.Authority);
        if (
            origin.Length > 0
            && !string.Equals(origin, own, StringComparison.OrdinalIgnoreCase)
            && !string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
            && !settings.CorsOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase)
        )
        {
            throw NotificationsRefusals.OriginNotAllowed.With();
        }
    }

    /// <summary>What one stream sends, from its beginning to its end.</summary>
    private sealed class Feed(
        LiveStream stream,
        LiveEvents live,
        OutboxReader outbox,
        ShopFront shops,
        TimeProvider clock,
        OutboxPosition? since,
        OutboxPosition joined
    )
    {
        private OutboxPosition sent = since ?? joined;
        private Task silence = Task.CompletedTask;

        internal async Task RunAsync(IEventSink sink, CancellationToken cancel)
        {
            if (since is not null)
            {
                if (!await outbox.HasAllAfterAsync(since.Value, cancel))
                {
                    sent = since < joined ? since.Value : joined;
                    await sink.SendAsync(Note("events.forgotten", sent), cancel); // some may be missing: load everything afresh
                }

                await CatchUpAsync(sink, cancel);
            }

            // From here on a client that saw nothing yet can resume too.
            await sink.SendAsync(Note("events.opened", sent), cancel);
            silence = Task.Delay(Silence, clock, cancel);
            while (await ReadyAsync(sink, cancel))
            {
                while (stream.End is null && stream.Queue.TryRead(out var happened))
                {
                    await SendAsync(sink, happened, cancel);
                }
            }

            await sink.CloseAsync(stream.End!, cancel);
        }

        private async Task CatchUpAsync(IEventSink sink, CancellationToken cancel)
        {
            for (var full = true; full && sent < joined && stream.End is null; )
            {
                await CatchingUp.WaitAsync(cancel);
                OutboxPage page;
                try
                {
                    var workplaces = await shops.OfMembersAsync([stream.Person], cancel);
                    page = await outbox.ReadAsync(sent, CatchUpRows, audience: [stream.Person, .. workplaces], upTo: joined, cancel: cancel);
                }
                finally
                {
                    CatchingUp.Release();
                }

                foreach (var happened in page.Events)
                {
                    await SendAsync(sink, LiveEvent.Of(happened), cancel);
                }

                sent = page.Last;
                full = page.Full;
            }

            sent = sent < joined && stream.End is null ? joined : sent;
        }

        /// <returns>Whether there may be something to send; false once the stream is closed.</returns>
        private async Task<bool> ReadyAsync(IEventSink sink, CancellationToken cancel)
        {
            var waiting = stream.Queue.WaitToReadAsync(cancel).AsTask();
            while (await Task.WhenAny(waiting, silence) == silence)
            {
                var position = live.Position;
                if (!stream.Queue.TryPeek(out _) && position > sent)
                {
                    sent = position; // the queue was empty after this was read: all of mine up to there were sent
                }

                await sink.KeepAliveAsync(sent, cancel);
                silence = Task.Delay(Silence, clock, cancel);
            }

            return await waiting && stream.End is null;
        }

        private async Task SendAsync(IEventSink sink, LiveEvent happened, CancellationToken cancel)
        {
            if (happened.Position > sent) // another server may have been ahead of this one
            {
                await sink.SendAsync(happened, cancel);
                sent = happened.Position;
            }
        }

        private LiveEvent Note(string topic, OutboxPosition position) =>
            LiveEvent.Of(position, topic, new Dictionary<string, string>(StringComparer.Ordinal), clock.GetUtcNow());
    }
}
