using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Npgsql;

namespace Florin.Bench;

/// <summary>
/// Generated databases in the layouts of the five old systems, taken over by <c>./florin import</c> into one database: how long and how much memory it
/// takes, and whether every balance is equal, every password works and the book is clean.
/// </summary>
internal static class ImportBench
{
    private const int SignInsAtOnce = 4;

    // What passwords were kept as they are, are hashed with all rounds: checking each takes as long again.
    private const int SlowSignIns = 200;

    private static readonly Dictionary<string, string> Holdings = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["veinpay"] =
            "select p.username, a.balance from identity.people p join wallets.wallets w on w.person_id = p.id join ledger.accounts a on a.id = w.account_id where p.username like 'vein%'",
        ["voucher-app"] = "select code, uses_left from vouchers.vouchers",
        ["payment-files"] =
            "select p.username, sum(l.available) from identity.people p join files.credit_lots l on l.person_id = p.id where p.username like 'fil%' group by 1",
        ["qr-pay"] =
            "select p.username, a.balance from identity.people p join wallets.wallets w on w.person_id = p.id join ledger.accounts a on a.id = w.account_id where p.username like 'qr%'",
        ["wallet-api"] =
            "select w.number, a.balance from identity.people p join wallets.wallets w on w.person_id = p.id join ledger.accounts a on a.id = w.account_id where p.phone like '+7701%'",
    };

    public static async Task<int> RunAsync(string[] args)
    {
        var people = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5_000;
        var report = new Report(string.Create(CultureInfo.InvariantCulture, $"Old databases with {people:N0} people each"));
        var folder = Environment.GetEnvironmentVariable("FLORIN_BENCH_DIR") ?? Path.GetTempPath();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["FLORIN_DEMO"] = "false",
            ["FLORIN_RATE_LIMITS"] = "false",
            ["FLORIN_JOBS"] = "off",
            ["FLORIN_FACE_ENGINE"] = "off",
            ["FLORIN_DATA"] = Path.Combine(folder, "data"),
        };
        await CommandAsync(settings, "migrate");
        var databases = new OldDatabases(folder, people).All().ToList();
        foreach (var database in databases)
        {
            var (seconds, megabytes) = await CommandAsync(settings, "import", database.System, "--from", database.File);
            report.Add(
                $"{database.System}_s",
                seconds,
                string.Create(CultureInfo.InvariantCulture, $"{database.System}: import of {database.Passwords.Count} people, s")
            );
            report.Add($"{database.System}_mb", megabytes, $"{database.System}: memory at most, MB");
        }

        var (again, _) = await CommandAsync(settings, "import", "wallet-api", "--from", databases[^1].File);
        report.Add("again_s", again, "wallet-api once more, which finds nothing new, s");
        var wrong = 0;
        foreach (var database in databases)
        {
            wrong += await CompareAsync(database);
        }

        report.Add("balances_wrong", wrong, "balances, uses and credits that differ", "(bar 0)");
        settings["FLORIN_PASSWORD_ITERATIONS"] = "1000"; // hashed anew at the sign-in, five times as often as people sign in on one day
        var refused = await SignInAllAsync(settings, databases, report);
        report.Add("passwords_refused", refused, "passwords that do not work", "(bar 0)");
        await CommandAsync(settings, "verify");
        report.Print();
        return wrong + refused == 0 ? 0 : 1;
    }

    /// <returns>Seconds, and the most memory that it held, in MB.</returns>
    private static async Task<(double Seconds, double Megabytes)> CommandAsync(Dictionary<string, string> settings, params string[] typed)
    {
        var clock = Stopwatch.StartNew();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Florin.dll"), .. typed]) { UseShellExecute = false };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var most = 0L;
        var ended = process.WaitForExitAsync();
        while (!ended.IsCompleted)
        {
            most = Math.Max(most, PeakKilobytes(process.Id));
            await Task.WhenAny(ended, Task.Delay(50));
        }

        return process.ExitCode == 0
            ? (clock.Elapsed.TotalSeconds, most / 1024.0)
            : throw new InvalidOperationException($"{typed[0]} ended with {process.ExitCode}");
    }

    private static long PeakKilobytes(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(one => one.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line["VmHWM:".Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // it has just ended
        }
    }

    private static async Task<int> CompareAsync(OldDatabase database)
    {
        await using var source = NpgsqlDataSource.Create(Environment.GetEnvironmentVariable("FLORIN_DATABASE_OWNER")!);
#pragma warning disable CA2100 // constants of this file
        await using var command = source.CreateCommand(Holdings[database.System]);
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        var left = new Dictionary<string, long>(database.Held, StringComparer.Ordinal);
        var wrong = 0;
        while (await reader.ReadAsync())
        {
            var (key, held) = (reader.GetString(0), Convert.ToInt64(reader.GetValue(1), CultureInfo.InvariantCulture));
            wrong += left.Remove(key, out var expected) && expected == held ? 0 : 1;
        }

        return wrong + left.Values.Count(held => held != 0);
    }

    private static async Task<int> SignInAllAsync(Dictionary<string, string> settings, List<OldDatabase> databases, Report report)
    {
        await using var server = await ServerProcess.StartAsync(ServerProcess.FreePort(), settings);
        using var http = new HttpClient { BaseAddress = server.Address };
        var everybody = databases.SelectMany(database => database.System is "qr-pay" ? database.Passwords.Take(SlowSignIns) : database.Passwords).ToList();
        var refused = 0;
        var clock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            everybody,
            new ParallelOptions { MaxDegreeOfParallelism = SignInsAtOnce },
            async (person, cancel) =>
            {
                using var answer = await http.PostAsJsonAsync("/v1/sessions", new { login = person.Key, password = person.Value }, cancel);
                if (!answer.IsSuccessStatusCode && Interlocked.Increment(ref refused) < 5)
                {
                    await Console.Error.WriteLineAsync($"{person.Key}: {await answer.Content.ReadAsStringAsync(cancel)}");
                }
            }
        );
        report.Add("sign_ins", everybody.Count, "people who signed in");
        report.Add("sign_ins_s", clock.Elapsed.TotalSeconds, "their first sign-in, which hashes anew, s");
        return refused;
    }
}
