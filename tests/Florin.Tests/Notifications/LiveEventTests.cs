using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using Florin.Notifications;
using Florin.Platform;
using Florin.Tests.Identity;
using Florin.Tests.Platform;

namespace Florin.Tests.Notifications;

public sealed class LiveEventTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_person_sees_their_own_events_and_nobody_elses(bool socket)
    {
        var alice = await SignedIn.AsAsync(app);
        var bob = await SignedIn.AsAsync(app);
        await using var hers = await Listening.OpenAsync(socket, app, alice);
        await using var his = await Listening.OpenAsync(socket, app, bob);
        await TellAsync(app, "for alice", alice);
        await TellAsync(app, "for both", alice, bob);
        await TellAsync(app, "for nobody");
        await TellAsync(app, "for bob", bob);
        Assert.Equal(["for alice", "for both"], await hers.TextsAsync(2));
        Assert.Equal(["for both", "for bob"], await his.TextsAsync(2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_comes_back_with_the_last_id_misses_nothing_and_sees_nothing_twice(bool socket)
    {
        var alice = await SignedIn.AsAsync(app);
        var expected = Enumerable.Range(0, 120).Select(n => $"{n}").ToList();
        var writing = Task.Run(
            async () =>
            {
                foreach (var text in expected)
                {
                    await TellAsync(app, text, alice);
                }
            },
            Cancel
        );
        var seen = new List<string>();
        var last = "0-0";
        while (seen.Count < expected.Count)
        {
            await using var stream = await Listening.OpenAsync(socket, app, alice, last);
            seen.AddRange(await stream.TextsAsync(Math.Min(7, expected.Count - seen.Count)));
            last = stream.LastId;
        }

        await writing;
        Assert.Equal(expected, seen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_may_come_back_to_another_server(bool socket)
    {
        await using var other = await app.SecondServerAsync();
        var alice = await SignedIn.AsAsync(app);
        string last;
        await using (var here = await Listening.OpenAsync(socket, app, alice))
        {
            await TellAsync(other, "told there", alice);
            Assert.Equal("told there", (await here.EventAsync()).Text);
            last = here.LastId;
        }

        await TellAsync(app, "told while away", alice);
        await using var there = await Listening.OpenAsync(socket, other, alice, last);
        await TellAsync(app, "told here", alice);
        Assert.Equal(["told while away", "told here"], await there.TextsAsync(2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sign_out_closes_the_streams_of_that_session_within_five_seconds(bool socket)
    {
        var alice = await SignedIn.AsAsync(app);
        await using var stream = await Listening.OpenAsync(socket, app, alice);
        var ended = stream.EndAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await alice.SendAsync("DELETE", "/v1/sessions/current")).StatusCode);
        Assert.Equal("signed_out", await ended.WaitAsync(TimeSpan.FromSeconds(60), Cancel));
        if (stream is BySocket closed)
        {
            Assert.Equal(4001, closed.Status);
        }
    }

    [Fact]
    public async Task A_stream_ends_with_its_token()
    {
        await using var alone = await app.SecondServerAsync();
        var alice = await SignedIn.AsAsync(alone);
        await using var stream = await Listening.OpenAsync(socket: true, alone, alice);
        app.Clock.Wind(TimeSpan.FromMinutes(61));
        Assert.Equal("token_expired", await stream.EndAsync());
    }

    [Fact]
    public async Task A_server_that_stops_says_so_and_does_not_wait_for_its_streams()
    {
        var stopping = await app.SecondServerAsync();
        var alice = await SignedIn.AsAsync(stopping);
        await using var events = await Listening.OpenAsync(socket: false, stopping, alice);
        await using var socket = await Listening.OpenAsync(socket: true, stopping, alice);
        var (first, second) = (events.EndAsync(), socket.EndAsync());
        await stopping.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        Assert.Equal("server_stopping", await first);
        Assert.Equal("server_stopping", await second);
    }

    [Fact]
    public async Task A_ticket_opens_one_stream_on_any_server_within_thirty_seconds()
    {
        await using var other = await app.SecondServerAsync();
        var alice = await SignedIn.AsAsync(app);
        var ticket = await TicketAsync(alice);
        await using (var stream = await BySocket.OpenAsync(other, $"?ticket={ticket}", token: null))
        {
            await TellAsync(app, "hello", alice);
            Assert.Equal("hello", (await stream.EventAsync()).Text);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.GetAsync("/v1/events?ticket=" + ticket, token: null)).Status);
        var late = await TicketAsync(alice);
        app.Clock.Wind(TimeSpan.FromSeconds(31));
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.GetAsync("/v1/events?ticket=" + late, token: null)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.GetAsync("/v1/events", token: null)).Status);
    }

    [Fact]
    public async Task Pages_of_other_origins_open_no_stream()
    {
        await using var listed = new FlorinApp { Settings = { ["FLORIN_CORS_ORIGINS"] = "https://shop.example" } };
        await listed.InitializeAsync();
        var alice = await SignedIn.AsAsync(listed);
        var token = alice.Http.DefaultRequestHeaders.Authorization!.Parameter;
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => BySocket.OpenAsync(listed, "", token, "https://evil.example"));
        Assert.Contains("403", refused.Message, StringComparison.Ordinal);
        await using var own = await BySocket.OpenAsync(listed, "", token, $"http://{listed.Http.BaseAddress!.Authority}");
        await using var partner = await BySocket.OpenAsync(listed, "", token, "https://shop.example");
    }

    [Fact]
    public async Task One_person_may_have_ten_streams_and_the_oldest_makes_room_for_another()
    {
        var alice = await SignedIn.AsAsync(app);
        var open = new List<Listening>();
        for (var i = 0; i < 11; i++)
        {
            open.Add(await Listening.OpenAsync(socket: true, app, alice));
        }

        Assert.Equal("too_many_streams", await open[0].EndAsync());
        await TellAsync(app, "still here", alice);
        foreach (var stream in open[1..])
        {
            Assert.Equal("still here", (await stream.EventAsync()).Text);
        }

        foreach (var stream in open)
        {
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_reader_that_is_too_slow_is_cut_off_and_catches_up_when_it_comes_back()
    {
        const int count = 500;
        var alice = await SignedIn.AsAsync(app);
        var slow = await Listening.OpenAsync(socket: false, app, alice); // and does not read
        var padding = new string('x', 100_000);
        for (var i = 0; i < count; i++)
        {
            await TellAsync(app, $"{i}:{padding}", alice);
        }

        var told = await app.Get<OutboxReader>().EndAsync(Cancel);
        var offering = Stopwatch.StartNew();
        while (app.Get<LiveEvents>() is { Idle: false } events && events.Position < told)
        {
            Assert.True(offering.Elapsed < TimeSpan.FromSeconds(90), "neither were all offered nor was the stream closed");
            await Task.Yield();
        }

        var seen = new List<int>();
        var end = await Record.ExceptionAsync(async () =>
        {
            while (seen.Count < count)
            {
                seen.Add(Number((await slow.EventAsync()).Text));
            }
        });
        Assert.NotNull(end); // cut off
        var last = slow.LastId;
        await slow.DisposeAsync();
        Assert.InRange(seen.Count, 1, count - 1);
        await using var again = await Listening.OpenAsync(socket: false, app, alice, last);
        while (seen.Count < count)
        {
            seen.Add(Number((await again.EventAsync()).Text));
        }

        Assert.Equal(Enumerable.Range(0, count), seen);
        static int Number(string text) => int.Parse(text.Split(':')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task A_client_that_talks_is_shown_out()
    {
        var alice = await SignedIn.AsAsync(app);
        await using var stream = (BySocket)await Listening.OpenAsync(socket: true, app, alice);
        await stream.SayAsync(new string('x', 2000));
        Assert.Equal("policy_violation", await stream.EndAsync());
        Assert.Equal(1008, stream.Status);
    }

    [Theory]
    [InlineData("12")]
    [InlineData("a-1")]
    [InlineData("-1")]
    public async Task A_malformed_last_id_is_400(string id)
    {
        var alice = await SignedIn.AsAsync(app);
        var answer = await app.Http.GetAsync("/v1/events?last_event_id=" + id, alice.Http.DefaultRequestHeaders.Authorization!.Parameter);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (answer.Status, answer.Code));
    }

    private static async Task<string> TicketAsync(SignedIn person)
    {
        var answer = await SignedIn.Json(await person.SendAsync("POST", "/v1/events/tickets"));
        return answer.GetProperty("ticket").GetString()!;
    }

    private static Task TellAsync(FlorinApp app, string text, params SignedIn[] people) =>
        OutboxRig.WriteAsync(app, OutboxRig.Event(text, audience: [.. people.Select(person => person.Id)]));
}
