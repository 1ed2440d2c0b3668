using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Npgsql;

namespace Florin.Bench;

/// <summary>kill -9 of the server and of PostgreSQL, again and again, under load: nothing acknowledged is lost, nothing is done twice.</summary>
internal static class CrashBench
{
    private static readonly string[] Points = ["locked", "judged", "rowschanged", "committing", "committed"];

    public static async Task<int> RunAsync(string[] args)
    {
        var serverKills = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 50;
        var databaseKills = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 20;
        var folder = Environment.GetEnvironmentVariable("FLORIN_BENCH_DIR")!;
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["FLORIN_RATE_LIMITS"] = "off",
            ["FLORIN_DATA"] = Path.Combine(folder, "data"),
        };
        var port = ServerProcess.FreePort();
        var server = await ServerProcess.StartAsync(port, settings);
        var load = new CrashLoad(server.Address, await Customers.SignUpAsync(server.Address, 100, "USD", "10000.00"));
        load.Start(callers: 16);

        for (var kill = 1; kill <= serverKills; kill++)
        {
            // By turns at a random moment and at a named point of a commit.
            await load.MakeProgressAsync(20);
            if (kill % 2 == 0)
            {
                await server.KillAsync();
            }
            else
            {
                await server.KillAsync();
                var crash = $"{Points[kill / 2 % Points.Length]}:{RandomNumberGenerator.GetInt32(2, 30)}";
                server = await ServerProcess.StartAsync(port, new Dictionary<string, string>(settings, StringComparer.Ordinal) { ["FLORIN_CRASH_AT"] = crash });
                await server.ExitedAsync();
            }

            server = await ServerProcess.StartAsync(port, settings);
            Console.Error.WriteLine($"  server killed {kill} times, {load.Acknowledged} transfers acknowledged");
        }

        for (var kill = 1; kill <= databaseKills; kill++)
        {
            await load.MakeProgressAsync(20);
            await KillDatabaseAsync(folder);
            Console.Error.WriteLine($"  PostgreSQL killed {kill} times, {load.Acknowledged} transfers acknowledged");
        }

        await load.MakeProgressAsync(20);
        await load.StopAsync();
        await server.DisposeAsync();
        return await ReportAsync(load, serverKills, databaseKills);
    }

    private static async Task<int> ReportAsync(CrashLoad load, int serverKills, int databaseKills)
    {
        var (lost, doubled) = await load.CompareWithBookAsync(LedgerHost.Owner);
        await using var host = await LedgerHost.StartAsync(0);
        await host.VerifyAsync();
        var report = new Report($"Crashes under load: {serverKills} of the server, {databaseKills} of PostgreSQL; the book is clean");
        report.Add("server_kills", serverKills, "kill -9 of the server");
        report.Add("database_kills", databaseKills, "kill -9 of PostgreSQL");
        report.Add("acknowledged", load.Acknowledged, "transfers acknowledged");
        report.Add("retried", load.Retried, "of these sent more than once");
        report.Add("lost", lost, "acknowledged and not in the book");
        report.Add("doubled", doubled, "in the book and not acknowledged, or twice");
        report.Print();
        return lost == 0 && doubled == 0 ? 0 : 1;
    }

    private static async Task KillDatabaseAsync(string folder)
    {
        var pid = int.Parse((await File.ReadAllLinesAsync(Path.Combine(folder, "pg", "postmaster.pid")))[0], CultureInfo.InvariantCulture);
        using var postmaster = Process.GetProcessById(pid);
        postmaster.Kill();
        await postmaster.WaitForExitAsync(); // while it dies it looks alive
        using var start = Process.Start(
            new ProcessStartInfo("scripts/pg", ["start", folder])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        await start.StandardOutput.ReadToEndAsync();
        await start.WaitForExitAsync();
    }
}

/// <summary>Callers that send transfers and repeat each with its key until it is answered.</summary>
internal sealed class CrashLoad(Uri server, Customer[] customers)
{
    private readonly ConcurrentDictionary<string, string> acknowledged = new(StringComparer.Ordinal);
    private volatile bool stopping;
    private Task callers = Task.CompletedTask;
    private long retried;

    public int Acknowledged => acknowledged.Count;

    public long Retried => Interlocked.Read(ref retried);

    public void Start(int callers) => this.callers = Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(() => CallAsync(caller))));

    /// <summary>Waits until so many more transfers are acknowledged: the service is back without help.</summary>
    public async Task MakeProgressAsync(int transfers)
    {
        var wanted = Acknowledged + transfers;
        var clock = Stopwatch.StartNew();
        while (Acknowledged < wanted)
        {
            if (callers.IsFaulted)
            {
                await callers;
            }

            if (clock.Elapsed > TimeSpan.FromMinutes(1))
            {
                throw new InvalidOperationException("no transfer was acknowledged for a minute: the service did not come back");
            }

            await Task.Delay(20);
        }
    }

    public async Task StopAsync()
    {
        stopping = true;
        await callers;
    }

    /// <summary>Each acknowledged transfer must stand in the book once, and no other.</summary>
    public async Task<(long Lost, long Doubled)> CompareWithBookAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select id from ledger.postings where kind = 'transfer'", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var known = acknowledged.Values.ToHashSet(StringComparer.Ordinal);
        long extra = 0;
        while (await reader.ReadAsync())
        {
            extra += known.Remove($"trf_{reader.GetGuid(0):N}") ? 0 : 1;
        }

        return (known.Count, extra + (acknowledged.Count - acknowledged.Values.Distinct(StringComparer.Ordinal).Count()));
    }

    private async Task CallAsync(int caller)
    {
        using var http = new HttpClient { BaseAddress = server, Timeout = TimeSpan.FromSeconds(20) };
        for (var i = 0; !stopping; i++)
        {
            var from = customers[RandomNumberGenerator.GetInt32(customers.Length)];
            var to = customers[RandomNumberGenerator.GetInt32(customers.Length)];
            if (from != to)
            {
                await SendUntilAnsweredAsync(http, from, to, string.Create(CultureInfo.InvariantCulture, $"{caller}-{i}"));
            }
        }
    }

    private async Task SendUntilAnsweredAsync(HttpClient http, Customer from, Customer to, string key)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var request = Customers.Post(
                    $"/v1/wallets/{from.Wallet}/transfers",
                    from.Token,
                    new { to = to.Number, amount = new { amount = "0.01", currency = "USD" } },
                    key
                );
                using var answer = await http.SendAsync(request);
                var text = await answer.Content.ReadAsStringAsync();
                if (answer.IsSuccessStatusCode)
                {
                    using var body = System.Text.Json.JsonDocument.Parse(text);
                    acknowledged[key] = body.RootElement.GetProperty("id").GetString()!;
                    Interlocked.Add(ref retried, attempt > 0 ? 1 : 0);
                    return;
                }

                if ((int)answer.StatusCode != 503)
                {
                    throw new InvalidOperationException($"{(int)answer.StatusCode} {text}");
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
            {
                // Killed before, while or after it was done: the key tells.
            }

            await Task.Delay(50);
        }
    }
}
