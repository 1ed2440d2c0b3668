using System.Globalization;
using System.Net;
using System.Text.Json;
using Florin.Platform;
using Npgsql;

namespace Florin.Tests.Platform;

public sealed class OperationsTests(Probes probes) : IClassFixture<Probes>
{
    [Fact]
    public async Task A_server_with_its_database_is_live_and_ready()
    {
        using var live = await probes.App.SendAsync("GET /health/live");
        using var ready = await probes.App.SendAsync("GET /health/ready");
        Assert.Equal("""{"status":"live","reasons":[]}""", await TextAsync(live));
        Assert.Equal((HttpStatusCode.OK, """{"status":"ready","reasons":[]}"""), (ready.StatusCode, await TextAsync(ready)));
    }

    [Fact]
    public async Task A_server_that_has_lost_its_database_is_live_and_not_ready()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var app = await ProbeApp.StartAsync(database, Probes.Map);
        await database.ScalarAsync<int>("delete from platform.migrations where name = '0003_activity.sql'");
        using var behind = await app.SendAsync("GET /health/ready");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"not_ready","reasons":["migrations"]}"""), (behind.StatusCode, await TextAsync(behind)));
        NpgsqlConnection.ClearAllPools();
        await database.DisposeAsync();
        using var away = await app.SendAsync("GET /health/ready");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"not_ready","reasons":["database"]}"""), (away.StatusCode, await TextAsync(away)));
        using var live = await app.SendAsync("GET /health/live");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }

    [Fact]
    public async Task Metrics_count_requests_by_route_in_buckets()
    {
        for (var i = 0; i < 3; i++)
        {
            using var _ = await probes.App.SendAsync("GET /v1/probe/things/counted");
        }

        using var answer = await probes.App.SendAsync("GET /metrics");
        var text = await TextAsync(answer);
        const string labels = "http_request_method=\"GET\",http_response_status_code=\"200\",http_route=\"/v1/probe/things/{code}\"";
        Assert.Contains("# TYPE http_server_request_duration_seconds histogram\n", text, StringComparison.Ordinal);
        Assert.Contains("# HELP http_server_request_duration_seconds ", text, StringComparison.Ordinal);
        Assert.Equal(3, Value(text, $"http_server_request_duration_seconds_count{{{labels}}}"));
        Assert.Equal(3, Value(text, $"http_server_request_duration_seconds_bucket{{{labels},le=\"+Inf\"}}"));
        Assert.InRange(Value(text, "process_resident_memory_bytes"), 10_000_000, 10_000_000_000);
        Assert.Contains("db_client_connection_count", text, StringComparison.Ordinal);
        Assert.Contains("dotnet_gc_collections_total{", text, StringComparison.Ordinal);
        Assert.Contains("kestrel_active_connections", text, StringComparison.Ordinal);
        Assert.DoesNotContain("counted", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_metrics_line_is_well_formed_and_told_once()
    {
        using var answer = await probes.App.SendAsync("GET /metrics");
        var lines = (await TextAsync(answer)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(
            lines,
            line => Assert.Matches("""^(# (HELP|TYPE) [a-z_:][a-z0-9_:]* .+|[a-z_:][a-z0-9_:]*(\{([a-z_][a-z0-9_]*="[^"]*",?)*\})? -?[0-9.E+-]+)$""", line)
        );
        Assert.Empty(
            lines
                .GroupBy(line => line.Split(' ')[0] is "#" ? line : line[..line.LastIndexOf(' ')], StringComparer.Ordinal)
                .Where(g => g.Count() > 1)
                .Select(g => g.Key)
        );
    }

    [Theory]
    [InlineData(null, null, 200)]
    [InlineData("X-Forwarded-For", "203.0.113.9", 401)] // passed on by a proxy on this machine
    [InlineData("Authorization", "Bearer a-token-for-scrapers", 200)]
    public async Task Metrics_are_for_this_machine_or_for_the_token(string? name, string? value, int status)
    {
        using var answer = await probes.App.SendAsync("GET /metrics", null, name is null ? [] : [(name, value!)]);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("Bearer a-token-for-scrapers", 200)]
    [InlineData("Bearer another", 401)]
    [InlineData("", 401)]
    public async Task A_scraper_elsewhere_needs_the_token(string authorization, int status)
    {
        using var answer = await probes.App.SendAsync("GET /metrics", null, ("Authorization", authorization), ("X-Forwarded-For", "203.0.113.9"));
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public void A_histogram_with_too_many_labels_keeps_the_rest_in_one()
    {
        using var meter = new System.Diagnostics.Metrics.Meter("Test");
        var series = new MetricSeries(meter.CreateHistogram<double>("test.time", "s"));
        Parallel.For(0, 20_000, i => series.Record(0.003, [new KeyValuePair<string, object?>("id", i % 2_000)]));
        var text = new System.Text.StringBuilder();
        series.Write(text, heading: true);
        var counts = text.ToString().Split('\n').Where(line => line.StartsWith("test_time_seconds_count", StringComparison.Ordinal)).ToList();
        Assert.Equal(501, counts.Count);
        Assert.Equal(20_000, counts.Sum(line => long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task The_description_shows_money_as_strings_keys_and_refusals()
    {
        using var answer = await probes.App.SendAsync("GET /openapi/v1.json");
        var document = JsonDocument.Parse(await TextAsync(answer)).RootElement;
        var schemas = document.GetProperty("components").GetProperty("schemas");
        var money = schemas.GetProperty("Amount").GetProperty("properties");
        Assert.Equal("string", money.GetProperty("amount").GetProperty("type").GetString());
        Assert.Equal("string", money.GetProperty("currency").GetProperty("type").GetString());
        Assert.Equal(
            "#/components/schemas/Amount",
            schemas.GetProperty("ProbesOrder").GetProperty("properties").GetProperty("price").GetProperty("$ref").GetString()
        );
        Assert.Equal("http", document.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer").GetProperty("type").GetString());
        var paths = document.GetProperty("paths");
        var keyed = paths.GetProperty("/v1/probe/keyed").GetProperty("post");
        Assert.Equal("Idempotency-Key", Assert.Single(keyed.GetProperty("parameters").EnumerateArray()).GetProperty("name").GetString());
        Assert.False(paths.GetProperty("/v1/probe/orders").GetProperty("post").TryGetProperty("parameters", out _));
        Assert.True(paths.GetProperty("/v1/probe/mine").GetProperty("get").TryGetProperty("security", out _));
        Assert.False(keyed.TryGetProperty("security", out _));
        Assert.True(keyed.GetProperty("responses").GetProperty("default").GetProperty("content").TryGetProperty("application/problem+json", out _));
    }

    [Fact]
    public async Task The_page_of_the_description_has_no_inline_script_and_nothing_from_other_hosts()
    {
        using var redirect = await probes.App.SendAsync("GET /docs");
        Assert.Equal("docs/index.html", redirect.Headers.Location?.ToString());
        using var page = await probes.App.SendAsync("GET /docs/index.html");
        var html = await TextAsync(page);
        Assert.DoesNotMatch("<script(?![^>]*\\ssrc=)", html);
        Assert.DoesNotMatch("\\son\\w+=", html);
        Assert.DoesNotMatch("(src|href)=\"(https?:)?//", html);
        Assert.Contains("script-src 'self';", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        foreach (var file in new[] { "index.js", "swagger-ui-bundle.js", "swagger-ui.css" })
        {
            using var asset = await probes.App.SendAsync("GET /docs/" + file);
            Assert.Equal(HttpStatusCode.OK, asset.StatusCode);
        }
    }

    private static Task<string> TextAsync(HttpResponseMessage answer) => answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    private static double Value(string text, string series) =>
        double.Parse(text.Split('\n').Single(line => line.StartsWith(series + " ", StringComparison.Ordinal)).Split(' ')[^1], CultureInfo.InvariantCulture);
}
