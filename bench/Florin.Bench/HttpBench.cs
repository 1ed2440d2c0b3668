using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Florin.Bench;

/// <summary>Transfers over HTTP: signed in, a fresh key each, answer stored; the load generator on the same cores; beside an empty handler.</summary>
internal static partial class HttpBench
{
    // A server that has nothing to do gives memory back.
    private static readonly TimeSpan AfterLoad = TimeSpan.FromSeconds(15);

    public static async Task<int> RunAsync(string[] args)
    {
        var seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10;
        var folder = Environment.GetEnvironmentVariable("FLORIN_BENCH_DIR") ?? Path.GetTempPath();
        var report = new Report($"Transfers over HTTP: wrk on the same cores, {seconds} s each, fsync on");
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["FLORIN_RATE_LIMITS"] = "off",
            ["FLORIN_DATA"] = Path.Combine(folder, "data"),
        };
        await (await ServerProcess.StartAsync(ServerProcess.FreePort(), settings)).DisposeAsync(); // migrates, seeds
        await using var server = await ServerProcess.StartAsync(ServerProcess.FreePort(), settings);
        Console.Error.WriteLine("  signing people up");
        var customers = await Customers.SignUpAsync(server.Address, 40, "USD", "1000000.00");

        await using var empty = await StartEmptyAsync();
        var emptyAddress = new Uri(empty.Urls.First());
        var transfer = await WriteScriptAsync(folder, "transfer", customers);
        var nothing = await WriteScriptAsync(folder, "empty", customers);
        await WrkAsync(server.Address, transfer, 64, 5); // warm
        await WrkAsync(emptyAddress, nothing, 64, 3);
        Load? transfers = null;
        Load? crowd = null;
        Load? empties = null;
        for (var turn = 0; turn < 2; turn++)
        {
            empties = Load.Better(empties, await WrkAsync(emptyAddress, nothing, 256, seconds));
            transfers = Load.Better(transfers, await WrkAsync(server.Address, transfer, 256, seconds));
            crowd = Load.Better(crowd, await WrkAsync(server.Address, transfer, 1000, seconds));
        }

        var most = server.ResidentMegabytes;
        var settled = await CheckpointAsync();
        await Task.Delay(AfterLoad);
        var memory = server.ResidentMegabytes;
        var paced = await PacedAsync(server.Address, customers, perSecond: 100, TimeSpan.FromSeconds(seconds));
        var pacedEmpty = await PacedAsync(emptyAddress, customers, perSecond: 100, TimeSpan.FromSeconds(seconds));
        report.Add("http_empty_per_s", empties!.PerSecond, "empty handler, 256 connections");
        report.Add("http_transfer_per_s", transfers!.PerSecond, "transfers, 256 connections", "(aim 10,000)");
        report.Add("http_transfer_1000_per_s", crowd!.PerSecond, "transfers, 1,000 connections");
        report.Add("http_ratio", transfers.PerSecond / empties.PerSecond, "transfers / empty", "(bar 0.15)");
        report.Add("http_load_p99_ms", transfers.P99, "p99 at 256 connections, ms", "(bar 60)");
        report.Add("http_p50_ms", paced.P50, $"p50 at 100/s, ms{settled}", "(bar 2)");
        report.Add("http_p99_ms", paced.P99, $"p99 at 100/s, ms{settled}", "(bar 6)");
        report.Add("http_empty_p50_ms", pacedEmpty.P50, "p50 of the empty handler at 100/s, ms: the generator's own share");
        report.Add("http_empty_p99_ms", pacedEmpty.P99, "p99 of the empty handler at 100/s, ms");
        report.Add("http_failed", transfers.Failed + crowd.Failed, "answers other than 201");
        report.Add("rss_load_mb", most, "resident at the end of the load, MB");
        report.Add("rss_mb", memory, $"resident {AfterLoad.TotalSeconds:F0} s after the load, MB", "(bar 250)");
        report.Add("start_s", server.StartTime.TotalSeconds, "start to first answer with the database up, s", "(bar 3)");
        report.Print();
        return 0;
    }

    // What the load left to be written is written before latency is measured. On a database that is not the benchmark's own it cannot be asked for.
    private static async Task<string> CheckpointAsync()
    {
        if (Environment.GetEnvironmentVariable("FLORIN_DATABASE_SUPERUSER") is not { Length: > 0 } superuser)
        {
            return " (no checkpoint before it)";
        }

        await using var source = NpgsqlDataSource.Create(superuser);
        await using var checkpoint = source.CreateCommand("checkpoint");
        checkpoint.CommandTimeout = 0;
        await checkpoint.ExecuteNonQueryAsync();
        return "";
    }

    private static async Task<WebApplication> StartEmptyAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapPost("/v1/wallets/{id}/transfers", (EmptyRequest request) => Results.Json(new { id = Guid.CreateVersion7(), request.To }, statusCode: 201));
        app.Urls.Add(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ServerProcess.FreePort()}"));
        await app.StartAsync();
        return app;
    }

    internal static async Task<string> WriteScriptAsync(string folder, string name, Customer[] customers)
    {
        var path = Path.Combine(folder, $"{name}.lua");
        var list = string.Join(",\n", customers.Select(c => $"""{"{"} token = "{c.Token}", wallet = "{c.Wallet}", number = "{c.Number}" {"}"}"""));
        var script = """
            local people = {
            LIST
            }
            local threads = 0
            function setup(thread) thread:set("id", threads); threads = threads + 1 end
            function init(args) math.randomseed(os.time() + id * 7919); run = math.random(1, 2^30); count = 0 end
            function request()
              count = count + 1
              local from = people[math.random(#people)]
              local to = people[math.random(#people)]
              while to == from do to = people[math.random(#people)] end
              return wrk.format("POST", "/v1/wallets/" .. from.wallet .. "/transfers", {
                ["Authorization"] = "Bearer " .. from.token,
                ["Content-Type"] = "application/json",
                ["Idempotency-Key"] = run .. "-" .. id .. "-" .. count,
              }, '{"to":"' .. to.number .. '","amount":{"amount":"0.01","currency":"USD"}}')
            end
            """;
        await File.WriteAllTextAsync(path, script.Replace("LIST", list, StringComparison.Ordinal));
        return path;
    }

    internal static async Task<Load> WrkAsync(Uri address, string script, int connections, int seconds)
    {
        var start = new ProcessStartInfo(
            "wrk",
            [
                "-t",
                "2",
                "-c",
                connections.ToString(CultureInfo.InvariantCulture),
                "-d",
                $"{seconds}s",
                "--timeout",
                "10s",
                "--latency",
                "-s",
                script,
                address.ToString(),
            ]
        )
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        using var wrk = Process.Start(start)!;
        var output = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        var failed = NotCreated().Match(output) is { Success: true } match ? double.Parse(match.Groups["n"].Value, CultureInfo.InvariantCulture) : 0;
        return new Load(double.Parse(Rate().Match(output).Groups["n"].Value, CultureInfo.InvariantCulture), Milliseconds(P99().Match(output)), failed);
    }

    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(2);

    // After two seconds that do not count. An open loop: the next request does not wait for the last answer, so a pause of the server is seen by everybody whom it held up.
    private static async Task<(double P50, double P99)> PacedAsync(Uri server, Customer[] customers, int perSecond, TimeSpan duration)
    {
        using var http = new HttpClient { BaseAddress = server };
        var times = new ConcurrentBag<double>();
        var pending = new List<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        var clock = Stopwatch.StartNew();
        for (var i = 0; clock.Elapsed < Warm + duration && await timer.WaitForNextTickAsync(); i++)
        {
            pending.Add(SendAsync(customers[i % customers.Length], customers[(i + 1) % customers.Length], warm: clock.Elapsed < Warm));
        }

        await Task.WhenAll(pending);
        var sorted = times.Order().ToList();
        return (sorted[sorted.Count / 2], sorted[sorted.Count * 99 / 100]);

        async Task SendAsync(Customer from, Customer to, bool warm)
        {
            using var request = Customers.Post(
                $"/v1/wallets/{from.Wallet}/transfers",
                from.Token,
                new { to = to.Number, amount = new { amount = "0.01", currency = "USD" } },
                null
            );
            var sent = Stopwatch.GetTimestamp();
            using var answer = await http.SendAsync(request);
            if (!warm && answer.IsSuccessStatusCode)
            {
                times.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }
        }
    }

    private static double Milliseconds(Match match)
    {
        var value = double.Parse(match.Groups["n"].Value, CultureInfo.InvariantCulture);
        return match.Groups["unit"].Value switch
        {
            "us" => value / 1000,
            "s" => value * 1000,
            _ => value,
        };
    }

    [GeneratedRegex(@"Requests/sec:\s+(?<n>[\d.]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Rate();

    [GeneratedRegex(@"99%\s+(?<n>[\d.]+)(?<unit>us|ms|s)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex P99();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (?<n>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NotCreated();

    internal sealed record EmptyRequest(string To, Dictionary<string, string> Amount);

    internal sealed record Load(double PerSecond, double P99, double Failed)
    {
        public static Load Better(Load? one, Load other) => one is null || other.PerSecond > one.PerSecond ? other : one;
    }
}
