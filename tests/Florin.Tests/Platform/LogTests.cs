using System.Text.Json;
using Florin.Platform;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Florin.Tests.Platform;

public sealed class LogTests(Probes probes) : IClassFixture<Probes>
{
    [Fact]
    public async Task A_request_is_logged_by_its_route_and_never_by_what_stands_in_it()
    {
        var person = Guid.NewGuid().ToString("N");
        using var answer = await probes.App.SendAsync(
            "GET /v1/probe/things/secret-code?token=in-the-query",
            null,
            ("X-Request-Id", "logged-request"),
            ("X-Person", person),
            ("Authorization", "Bearer in-the-header")
        );
        var lines = probes.App.Get<Kept>().Lines.ToList();
        Assert.Contains(
            lines,
            line =>
                line.Contains("debug Platform.RequestEdge [logged-request] GET /v1/probe/things/{code} 200 ", StringComparison.Ordinal)
                && line.EndsWith($" ms, request logged-request, person {person}", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(lines, line => line.Contains("secret-code", StringComparison.Ordinal) || line.Contains("in-the-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_fault_is_logged_once_with_its_request_and_without_what_must_not_be_kept()
    {
        using var answer = await probes.App.SendAsync("GET /v1/probe/fault", null, ("X-Request-Id", "faulty-request"));
        var lines = probes.App.Get<Kept>().Lines.Where(line => line.Contains("[faulty-request]", StringComparison.Ordinal)).ToList();
        var fault = Assert.Single(lines, line => line.Contains("InvalidOperationException", StringComparison.Ordinal));
        Assert.Contains("error Platform.RefusalResponses [faulty-request] GET /v1/probe/fault failed", fault, StringComparison.Ordinal);
        Assert.Contains("inside: ***@***, password=***", fault, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault);
        Assert.Contains(lines, line => line.Contains("info  Platform.RequestEdge", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("to anna.b+c@mail.example.org now", "to ***@*** now")]
    [InlineData("Authorization: Bearer abcdefghijklmnopqrstuvwxyz", "Authorization: Bearer ***")]
    [InlineData("Host=x;Password=p4ss;Username=u", "Host=x;Password=***;Username=u")]
    [InlineData("/pay?access_token=abc&x=1", "/pay?access_token=***&x=1")]
    [InlineData("""{"refresh_token": "abc", "a": 1}""", """{"refresh_token": "***", "a": 1}""")]
    [InlineData("got eyJhbGciOi.eyJzdWIi.c2ln", "got ***")]
    [InlineData("first\nforged line\r\n\tthird", "first | forged line | third")]
    [InlineData("PostgreSQL runs with fsync off", "PostgreSQL runs with fsync off")]
    public void What_must_not_be_kept_is_taken_out(string text, string wanted) => Assert.Equal(wanted, LogLine.Clean(text));

    [Fact]
    public void A_line_of_JSON_holds_the_values()
    {
        var values = new List<KeyValuePair<string, object?>> { new("WalletCount", 3), new("{OriginalFormat}", "x") };
        var entry = new LogEntry<List<KeyValuePair<string, object?>>>(LogLevel.Warning, "Florin.Wallets.Fee", 0, values, null, (_, _) => "three \"wallets\"");
        var line = JsonDocument.Parse(LogLine.Of(entry, null, DateTimeOffset.UnixEpoch, json: true)).RootElement;
        Assert.Equal(
            """{"time":"1970-01-01T00:00:00.000Z","level":"warn","category":"Wallets.Fee","message":"three \"wallets\"","wallet_count":"3"}""",
            line.GetRawText()
        );
    }

    [Fact]
    public async Task Logs_are_kept_in_files_where_asked()
    {
        await using var app = await ProbeApp.StartAsync(probes.Database, Probes.Map, null, ("FLORIN_LOG_FILES", "on"), ("FLORIN_LOG_FORMAT", "json"));
        var folder = Path.Combine(app.Data, "logs");
        using var answer = await app.SendAsync("GET /v1/probe/fault", null, ("X-Request-Id", "kept-in-a-file"));
        await app.StopAsync();
        var fault = JsonDocument.Parse(Assert.Single(await File.ReadAllLinesAsync(Directory.GetFiles(folder).Single(), TestContext.Current.CancellationToken)));
        Assert.Equal("kept-in-a-file", fault.RootElement.GetProperty("request_id").GetString());
        Assert.Equal("error", fault.RootElement.GetProperty("level").GetString());
        Assert.Equal("/v1/probe/fault", fault.RootElement.GetProperty("route").GetString());
    }

    [Fact]
    public async Task Log_files_begin_anew_each_day_and_when_full_and_only_some_are_kept()
    {
        var clock = new WindableClock();
        await using var app = await ProbeApp.StartAsync(probes.Database, Probes.Map, clock, ("FLORIN_LOG_FILE_MB", "1"), ("FLORIN_LOG_FILE_COUNT", "3"));
        var settings = app.Get<Settings>();
        var days = new List<string>();
        for (var day = 0; day < 4; day++)
        {
            days.Add(clock.GetUtcNow().ToString("yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture));
            using (var files = new LogFiles(settings, clock)) // ends when all is written
            {
                var log = files.CreateLogger("Florin.Test");
                for (var i = 0; i < (day == 3 ? 1500 : 1); i++)
                {
                    log.Log(LogLevel.Information, 0, new string('x', 1000), null, (state, _) => state);
                }
            }

            clock.Wind(TimeSpan.FromDays(1));
        }

        var names = Directory.GetFiles(Path.Combine(settings.Data, "logs")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal).ToList();
        Assert.Equal([$"florin-{days[2]}.log", $"florin-{days[3]}-1.log", $"florin-{days[3]}.log"], names);
        Assert.Equal(1500, names[1..].Sum(name => File.ReadAllLines(Path.Combine(settings.Data, "logs", name)).Length));
    }

    [Fact]
    public void Two_processes_with_one_folder_write_two_files()
    {
        var settings = probes.App.Get<Settings>();
        using (var first = new LogFiles(settings, TimeProvider.System))
        using (var second = new LogFiles(settings, TimeProvider.System))
        {
            for (var i = 0; i < 1000; i++)
            {
                first.CreateLogger("Florin.A").Log(LogLevel.Information, 0, "a", null, (state, _) => state);
                second.CreateLogger("Florin.B").Log(LogLevel.Information, 0, "b", null, (state, _) => state);
            }
        }

        var lines = Directory.GetFiles(Path.Combine(settings.Data, "logs")).SelectMany(File.ReadAllLines).ToList();
        Assert.Equal(1000, lines.Count(line => line.EndsWith("info  A a", StringComparison.Ordinal)));
        Assert.Equal(1000, lines.Count(line => line.EndsWith("info  B b", StringComparison.Ordinal)));
    }
}
