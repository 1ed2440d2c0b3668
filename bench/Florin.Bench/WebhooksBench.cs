using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Florin.Demo;
using Npgsql;

namespace Florin.Bench;

/// <summary>
/// Events of many payments to a receiver that fails at random and is killed again and again: each arrives, in order within its payment, with a
/// signature that a stranger's verifier accepts.
/// </summary>
internal static class WebhooksBench
{
    private const int EventsPerPayment = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    public static async Task<int> RunAsync(string[] args)
    {
        var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10_000;
        var kills = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 10;
        var folder = Environment.GetEnvironmentVariable("FLORIN_BENCH_DIR")!;
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["FLORIN_RATE_LIMITS"] = "off",
            ["FLORIN_DATA"] = Path.Combine(folder, "data"),
            ["FLORIN_WEBHOOK_PAUSE_SCALE"] = "600", // 5 s are 8 ms, and three days are two minutes
        };
        await using var server = await ServerProcess.StartAsync(ServerProcess.FreePort(), settings);
        var port = ServerProcess.FreePort();
        var secret = await CreateAsync(server.Address, string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"));
        await using var receiver = new ReceiverProcess(port, secret, Path.Combine(folder, "receiver.log"));
        await ReceiverProcess.InstallAsync();
        await receiver.StartAsync();

        var clock = Stopwatch.StartNew();
        var writing = WriteEventsAsync(count);
        for (var kill = 1; kill <= kills; kill++)
        {
            await DeliveredAsync((long)count * kill / (kills + 1));
            await receiver.KillAsync();
            await Task.Delay(500); // long enough that tries meet nobody
            await receiver.StartAsync();
            Console.Error.WriteLine($"  receiver killed {kill} times");
        }

        await writing;
        await DeliveredAsync(count);
        var elapsed = clock.Elapsed;
        await receiver.KillAsync();
        return await ReportAsync(receiver, count, kills, elapsed);
    }

    private static async Task<string> CreateAsync(Uri server, string url)
    {
        using var http = new HttpClient { BaseAddress = server };
        var session = await http.PostAsJsonAsync(new Uri("/v1/sessions", UriKind.Relative), new { login = "corner-shop", password = DemoPeople.Password });
        var token = (await session.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
        return (await Customers.PostAsync(http, "/v1/webhooks", token, new { url })).GetProperty("secret").GetString()!;
    }

    // As a module writes them: 50 a transaction, each about another payment, and a notification.
    private static async Task WriteEventsAsync(int count)
    {
        await using var source = NpgsqlDataSource.Create(LedgerHost.Owner);
        await using var connection = await source.OpenConnectionAsync();
        var payments = Enumerable.Range(0, (count + EventsPerPayment - 1) / EventsPerPayment).Select(_ => Guid.NewGuid()).ToArray();
        for (var written = 0; written < count; written += 50)
        {
            var numbers = Enumerable.Range(written, Math.Min(50, count - written)).ToList();
            await using var command = new NpgsqlCommand(
                """
                with written as (
                    insert into platform.outbox (topic, aggregate, payload, audience)
                    select 'payments.completed', e.payment, jsonb_build_object('payment', e.payment, 'n', e.n),
                        array(select person_id from webhooks.endpoints)
                    from unnest($1, $2) e(payment, n)
                )
                select pg_notify('florin_outbox', '')
                """,
                connection
            );
            command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. numbers.Select(i => payments[i % payments.Length])] });
            command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. numbers.Select(i => i / payments.Length)] });
            await command.ExecuteNonQueryAsync();
        }
    }

    private static async Task DeliveredAsync(long wanted)
    {
        for (var clock = Stopwatch.StartNew(); await ScalarAsync("select count(*) from webhooks.deliveries where state = 'delivered'") < wanted; )
        {
            if (clock.Elapsed > Patience)
            {
                throw new InvalidOperationException("the events did not arrive");
            }

            await Task.Delay(100);
        }
    }

    private static async Task<int> ReportAsync(ReceiverProcess receiver, int count, int kills, TimeSpan elapsed)
    {
        var lines = await receiver.LinesAsync();
        var taken = lines.Where(line => line.StartsWith("msg_", StringComparison.Ordinal)).Select(line => line.Split(' ')).ToList();
        var lost = count - taken.Select(one => one[0]).Distinct(StringComparer.Ordinal).Count();
        var disordered = taken
            .GroupBy(one => one[1], StringComparer.Ordinal)
            .Count(payment =>
            {
                var numbers = payment.Select(one => int.Parse(one[2], CultureInfo.InvariantCulture)).ToList();
                return numbers.Zip(numbers.Skip(1)).Any(pair => pair.Second < pair.First);
            });
        var bad = lines.Count(line => line.StartsWith("bad", StringComparison.Ordinal));
        var tries = await ScalarAsync("select sum(attempts)::bigint from webhooks.deliveries");
        var report = new Report(
            $"Webhooks: {count} events of {count / EventsPerPayment} payments to a receiver that fails at random and is killed {kills} times"
        );
        report.Add("events", count, "events");
        report.Add("receiver_kills", kills, "kill -9 of the receiver");
        report.Add("lost", lost, "not delivered", "(must be 0)");
        report.Add("disordered", disordered, "payments whose events came out of order", "(must be 0)");
        report.Add("bad_signatures", bad, "signatures that standardwebhooks refused", "(must be 0)");
        report.Add("repeated", taken.Count - (count - lost), "taken more than once, since the answer was lost");
        report.Add("hung", lines.Count(line => line is "hung"), "never answered: 10 s each");
        report.Add("tries", tries, "tries");
        report.Add("seconds", elapsed.TotalSeconds, "seconds");
        report.Add("delivered_per_s", count / elapsed.TotalSeconds, "delivered a second, to one endpoint");
        report.Print();
        return lost == 0 && disordered == 0 && bad == 0 ? 0 : 1;
    }

    private static async Task<long> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(LedgerHost.Owner);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}

/// <summary>The merchant's server, in <c>bench/webhooks-receiver</c>, one process after another on one port and one log.</summary>
internal sealed class ReceiverProcess(int port, string secret, string log) : IAsyncDisposable
{
    private const string Folder = "bench/webhooks-receiver";
    private Process? process;

    public static async Task InstallAsync()
    {
        using var install = Process.Start(
            new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            {
                WorkingDirectory = Folder,
                UseShellExecute = false,
                RedirectStandardOutput = true, // the last line of a benchmark is its own
            }
        )!;
        await install.StandardOutput.ReadToEndAsync();
        await install.WaitForExitAsync();
        if (install.ExitCode != 0)
        {
            throw new InvalidOperationException("npm ci failed");
        }
    }

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("node", ["receiver.js", port.ToString(CultureInfo.InvariantCulture), secret, log])
        {
            WorkingDirectory = Folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        process = Process.Start(start)!;
        if (await process.StandardOutput.ReadLineAsync() is not "listening")
        {
            throw new InvalidOperationException("the receiver did not start");
        }
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    public Task<string[]> LinesAsync() => File.ReadAllLinesAsync(log);

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await KillAsync();
        }
    }
}
