using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Florin.Bench;

/// <summary>16 callers send money at random among 100 wallets: the sum of all balances stays what it was, and the book is clean.</summary>
internal static class SoakBench
{
    public static async Task<int> RunAsync(string[] args)
    {
        var seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 60;
        var folder = Environment.GetEnvironmentVariable("FLORIN_BENCH_DIR") ?? Path.GetTempPath();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["FLORIN_RATE_LIMITS"] = "off",
            ["FLORIN_DATA"] = Path.Combine(folder, "data"),
        };
        await using var server = await ServerProcess.StartAsync(ServerProcess.FreePort(), settings);
        var load = new CrashLoad(server.Address, await Customers.SignUpAsync(server.Address, 100, "USD", "10000.00"));
        var before = await SumOfWalletsAsync();
        var memoryBefore = server.ResidentMegabytes;
        var clock = Stopwatch.StartNew();
        load.Start(callers: 16);
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        await load.StopAsync();
        var elapsed = clock.Elapsed.TotalSeconds;
        var after = await SumOfWalletsAsync();
        var (lost, doubled) = await load.CompareWithBookAsync(LedgerHost.Owner);
        await using var host = await LedgerHost.StartAsync(0);
        await host.VerifyAsync();

        var report = new Report($"Soak: 16 callers, 100 wallets, {seconds} s over HTTP; the book is clean");
        report.Add("transfers", load.Acknowledged, "transfers acknowledged");
        report.Add("transfers_per_s", load.Acknowledged / elapsed, "per second");
        report.Add("drift_minor_units", after - before, "change of the sum of all balances, minor units", "(must be 0)");
        report.Add("lost", lost, "acknowledged and not in the book");
        report.Add("doubled", doubled, "in the book and not acknowledged, or twice");
        report.Add("rss_before_mb", memoryBefore, "resident before, MB");
        report.Add("rss_after_mb", server.ResidentMegabytes, "resident after, MB");
        report.Print();
        return after == before && lost == 0 && doubled == 0 ? 0 : 1;
    }

    private static async Task<long> SumOfWalletsAsync()
    {
        await using var connection = new NpgsqlConnection(LedgerHost.Owner);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select sum(balance)::bigint from ledger.accounts where kind = 'wallet' and currency = 'USD'", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
