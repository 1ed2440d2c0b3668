using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Npgsql;

namespace Florin.Bench;

/// <summary>The staff's overview over millions of entries and payments, beside what the same figures cost when they are recounted.</summary>
internal static partial class AdminBench
{
    private const int WarmUp = 40;
    private const int Loads = 100;

    // What the overview shows of payments, straight from their tables: takings by method, purpose and day, states and the percentiles, for two stretches.
    private const string Recount = """
        with fact as (
            select currency, method, purpose, date_trunc('day', completed_at, 'UTC') as at, amount, 0::bigint as refunded
            from payments.payments where completed_at >= $1 and completed_at < $2
            union all
            select r.currency, p.method, p.purpose, date_trunc('day', r.ended_at, 'UTC'), 0, r.amount
            from payments.refunds r join payments.payments p on p.id = r.payment_id
            where r.state = 'completed' and r.reason <> 'late_money' and r.ended_at >= $1 and r.ended_at < $2
        ), sums as (
            select currency, method, purpose, at, sum(amount), sum(refunded), count(*) from fact
            group by grouping sets ((currency), (currency, method), (currency, purpose), (currency, at))
        ), states as (
            select state, count(*) from payments.payments where created_at >= $1 and created_at < $2 group by state
        ), waits as (
            select percentile_disc(array[0.5, 0.99]) within group (order by completed_at - created_at)
            from payments.payments where completed_at >= $1 and completed_at < $2
        )
        select (select count(*) from sums) + (select count(*) from states) + (select count(*) from waits)
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        var entries = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1_000_000;
        var payments = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 100_000;
        var report = new Report(string.Create(CultureInfo.InvariantCulture, $"The overview over {entries:N0} entries and {payments:N0} payments"));
        var port = ServerProcess.FreePort();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["FLORIN_DEMO"] = "true",
            ["FLORIN_RATE_LIMITS"] = "false",
            ["FLORIN_JOBS"] = "off",
            ["FLORIN_DATA"] = Path.Combine(Environment.GetEnvironmentVariable("FLORIN_BENCH_DIR") ?? Path.GetTempPath(), "data"),
        };
        await using var server = await ServerProcess.StartAsync(port, settings);
        var clock = Stopwatch.StartNew();
        await AdminData.FillAsync(entries, payments);
        report.Add("fill_s", clock.Elapsed.TotalSeconds, "filling the database, s");
        clock.Restart();
        await RebuildAsync(settings);
        report.Add("rebuild_s", clock.Elapsed.TotalSeconds, "./florin rebuild-rollups, s");
        using var staff = await SignInAsync(server.Address);
        var worst = 0.0;
        foreach (var period in new[] { "24h", "7d", "30d" })
        {
            worst = Math.Max(worst, await TimeAsync(report, staff, "overview_" + period, "/admin?period=" + period, "(bar 200)"));
        }

        foreach (var days in new[] { 7, 30 })
        {
            var recount = await RecountAsync(days);
            report.Add($"recount_{days}d_ms", recount, $"baseline: payments of {days} days and the {days} before recounted, ms");
            report.Add($"recount_{days}d_ratio", recount / worst, "recount / slowest overview");
        }

        report.Print();
        return worst < 200 ? 0 : 1;
    }

    private static async Task RebuildAsync(Dictionary<string, string> settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Florin.dll"), "rebuild-rollups"]) { UseShellExecute = false };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException("rebuild-rollups failed");
        }
    }

    private static async Task<HttpClient> SignInAsync(Uri server)
    {
        // The client owns its handler; cookies stay in it.
        var http = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false }) { BaseAddress = server };
        var token = FormToken().Match(await http.GetStringAsync(new Uri("/login", UriKind.Relative))).Groups["token"].Value;
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["form_token"] = token,
                ["login"] = "admin",
                ["password"] = "florin-demo-pass",
            }
        );
        using var answer = await http.PostAsync(new Uri("/login", UriKind.Relative), form);
        return answer.StatusCode == HttpStatusCode.Redirect ? http : throw new InvalidOperationException($"nobody signed in: {answer.StatusCode}");
    }

    /// <returns>The p99 in milliseconds.</returns>
    private static async Task<double> TimeAsync(Report report, HttpClient http, string name, string path, string bar)
    {
        var times = new List<double>(Loads);
        for (var load = 0; load < WarmUp + Loads; load++)
        {
            var began = Stopwatch.GetTimestamp();
            await http.GetStringAsync(new Uri(path, UriKind.Relative));
            if (load >= WarmUp) // the first ones are compiled
            {
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
        }

        times.Sort();
        report.Add(name + "_p50_ms", times[Loads / 2], $"p50 of {path}, ms");
        report.Add(name + "_p99_ms", times[Loads * 99 / 100], $"p99 of {path}, ms", bar);
        return times[Loads * 99 / 100];
    }

    // The stretch and the one before; the faster of three, so that the baseline is a warm one.
    private static async Task<double> RecountAsync(int days)
    {
        await using var connection = new NpgsqlConnection(LedgerHost.Server);
        await connection.OpenAsync();
        var best = double.MaxValue;
        for (var turn = 0; turn < 3; turn++)
        {
            var began = Stopwatch.GetTimestamp();
            var to = TimeProvider.System.GetUtcNow().UtcDateTime;
            foreach (var (from, until) in new[] { (to.AddDays(-days), to), (to.AddDays(-2 * days), to.AddDays(-days)) })
            {
                await using var command = new NpgsqlCommand(Recount, connection) { CommandTimeout = 0 };
                command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = from });
                command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = until });
                await command.ExecuteScalarAsync();
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return best;
    }

    [GeneratedRegex("name=\"form_token\" value=\"(?<token>[^\"]+)\"", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FormToken();
}
