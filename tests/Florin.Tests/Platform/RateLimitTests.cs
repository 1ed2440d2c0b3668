using System.Globalization;
using System.Net;
using Florin.Platform;

namespace Florin.Tests.Platform;

public sealed class RateLimitTests : IAsyncLifetime
{
    private readonly WindableClock clock = new();
    private TestDatabase database = null!;
    private ProbeApp one = null!;
    private ProbeApp two = null!;

    public async ValueTask InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        one = await ProbeApp.StartAsync(database, Probes.Map, clock);
        two = await ProbeApp.StartAsync(database, Probes.Map, clock);
        var now = clock.GetUtcNow();
        clock.Wind(TimeSpan.FromTicks(TimeSpan.TicksPerMinute - (now.Ticks % TimeSpan.TicksPerMinute))); // a window just began
    }

    public async ValueTask DisposeAsync()
    {
        await one.DisposeAsync();
        await two.DisposeAsync();
        await database.DisposeAsync();
    }

    [Theory]
    [InlineData("/v1/probe/limited")]
    [InlineData("/v1/probe/exact")]
    public async Task The_call_above_the_limit_is_refused_until_the_next_window(string path)
    {
        Assert.Equal([200, 200, 200, 200, 200, 429, 429], await CallsAsync(one, path, 7));
        using var refused = await one.SendAsync("POST " + path);
        var wait = int.Parse(refused.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture);
        Assert.InRange(wait, 1, 60);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        Assert.Contains("rate_limited", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        clock.Wind(TimeSpan.FromSeconds(wait));
        Assert.Equal([200], await CallsAsync(one, path, 1));
    }

    [Fact]
    public async Task The_headers_say_what_is_left()
    {
        using var answer = await one.SendAsync("POST /v1/probe/limited");
        Assert.Equal("\"probe\";q=5;w=60", answer.Headers.GetValues("RateLimit-Policy").Single());
        Assert.Matches("^\"probe\";r=4;t=[0-9]+$", answer.Headers.GetValues("RateLimit").Single());
        using var unlimited = await one.SendAsync("GET /health/live");
        Assert.False(unlimited.Headers.Contains("RateLimit"));
    }

    [Fact]
    public async Task The_headers_are_on_refusals_too()
    {
        using var answer = await one.SendAsync("GET /v1/probe/fault");
        Assert.Equal("\"default\";q=1200;w=60", answer.Headers.GetValues("RateLimit-Policy").Single());
    }

    [Fact]
    public async Task Two_servers_share_an_ordinary_limit_within_a_second()
    {
        Assert.Equal([200, 200, 200], await CallsAsync(one, "/v1/probe/limited", 3));
        await one.Get<RateCounts>().FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal([200], await CallsAsync(two, "/v1/probe/limited", 1));
        await two.Get<RateCounts>().FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal([200, 429], await CallsAsync(two, "/v1/probe/limited", 2));
    }

    [Fact]
    public async Task Two_servers_share_an_exact_limit_to_the_call()
    {
        var calls = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => CallsAsync(i % 2 == 0 ? one : two, "/v1/probe/exact", 1)));
        Assert.Equal(5, calls.Count(call => call[0] == 200));
        Assert.Equal(15, calls.Count(call => call[0] == 429));
    }

    [Fact]
    public async Task An_ordinary_limit_asks_the_database_nothing_at_a_call()
    {
        await CallsAsync(one, "/v1/probe/limited", 5);
        await one.Get<RateCounts>().FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, await RowsAsync());
        Assert.Equal(5, await database.ScalarAsync<long>("select sum(count)::bigint from platform.rate_counts"));
    }

    [Fact]
    public async Task People_are_counted_apart_and_wherever_they_call_from()
    {
        var (anna, ben) = (Guid.NewGuid().ToString("N"), Guid.NewGuid().ToString("N"));
        Assert.Equal([200, 200, 200, 200, 200, 429], await CallsAsync(one, "/v1/probe/exact", 6, anna));
        Assert.Equal([200], await CallsAsync(one, "/v1/probe/exact", 1, ben));
        Assert.Equal([429], await CallsAsync(two, "/v1/probe/exact", 1, anna));
        Assert.Equal([200], await CallsAsync(one, "/v1/probe/exact", 1));
    }

    [Fact]
    public async Task Counts_of_windows_that_are_over_are_deleted()
    {
        await CallsAsync(one, "/v1/probe/exact", 1);
        await one.Get<RateCounts>().ForgetAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, await RowsAsync());
        clock.Wind(TimeSpan.FromMinutes(2));
        await one.Get<RateCounts>().ForgetAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await RowsAsync());
    }

    [Fact]
    public async Task They_can_be_switched_off()
    {
        await using var free = await ProbeApp.StartAsync(database, Probes.Map, clock, ("FLORIN_RATE_LIMITS", "off"));
        Assert.All(await CallsAsync(free, "/v1/probe/exact", 7), status => Assert.Equal(200, status));
    }

    private Task<long> RowsAsync() => database.ScalarAsync<long>("select count(*) from platform.rate_counts");

    private static async Task<List<int>> CallsAsync(ProbeApp app, string path, int count, string? person = null)
    {
        var statuses = new List<int>();
        for (var i = 0; i < count; i++)
        {
            using var answer = await app.SendAsync("POST " + path, null, person is null ? [] : [("X-Person", person)]);
            statuses.Add((int)answer.StatusCode);
        }

        return statuses;
    }
}
