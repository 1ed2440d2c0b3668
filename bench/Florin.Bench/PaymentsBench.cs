using System.Globalization;
using System.Text.Json;

namespace Florin.Bench;

/// <summary>
/// Wallet payments over HTTP: each payment is made some seconds before, and then paid once by wrk; beside transfers in the same run. With more seconds
/// than 3 more of them wait to be paid than a server keeps in mind, and it reads the oldest from the database.
/// </summary>
internal static class PaymentsBench
{
    private const int Connections = 256;

    public static async Task<int> RunAsync(string[] args)
    {
        var seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 3;
        var folder = Environment.GetEnvironmentVariable("FLORIN_BENCH_DIR") ?? Path.GetTempPath();
        var report = new Report($"Wallet payments over HTTP: wrk on the same cores, {Connections} connections, {seconds} s, fsync on");
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["FLORIN_RATE_LIMITS"] = "off",
            ["FLORIN_DATA"] = Path.Combine(folder, "data"),
            ["FLORIN_PAYMENT_MINUTES"] = "600",
        };
        await using var server = await ServerProcess.StartAsync(ServerProcess.FreePort(), settings);
        Console.Error.WriteLine("  signing people up");
        var customers = await Customers.SignUpAsync(server.Address, 40, "USD", "1000000.00");
        await SwitchReceiptsOffAsync(server.Address, customers); // as with transfers: what is measured is paying, not mail
        using var till = await BenchTill.OpenAsync(server.Address);
        var transfer = await HttpBench.WriteScriptAsync(folder, "transfer", customers);
        await HttpBench.WrkAsync(server.Address, transfer, 64, 4); // warm
        var warm = await WriteScriptAsync(folder, "warm", customers, await till.AskAsync(15_000));
        await HttpBench.WrkAsync(server.Address, warm, 64, 2);
        HttpBench.Load? transfers = null;
        HttpBench.Load? payments = null;
        for (var turn = 0; turn < 3; turn++)
        {
            transfers = HttpBench.Load.Better(transfers, await HttpBench.WrkAsync(server.Address, transfer, Connections, seconds));
            var count = (int)(transfers.PerSecond * (seconds + 0.5));
            Console.Error.WriteLine($"  asking for {count} payments");
            var script = await WriteScriptAsync(folder, $"pay{turn}", customers, await till.AskAsync(count));
            payments = HttpBench.Load.Better(payments, await HttpBench.WrkAsync(server.Address, script, Connections, seconds));
        }

        report.Add("http_transfer_per_s", transfers!.PerSecond, "transfers");
        report.Add("http_payment_per_s", payments!.PerSecond, "wallet payments");
        report.Add("payment_ratio", payments.PerSecond / transfers.PerSecond, "payments / transfers", "(bar 0.60)");
        report.Add("payment_load_p99_ms", payments.P99, "p99 of payments, ms");
        report.Add("payment_failed", payments.Failed, "payments that were not completed");
        report.Add("payment_asked_per_s", till.PerSecond, "payments asked for, by one client");
        report.Add("rss_mb", server.ResidentMegabytes, "resident after the load, MB");
        report.Print();
        return 0;
    }

    private static async Task SwitchReceiptsOffAsync(Uri server, Customer[] customers)
    {
        using var http = new HttpClient { BaseAddress = server };
        foreach (var customer in customers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Patch, new Uri("/v1/me/notifications", UriKind.Relative))
            {
                Content = System.Net.Http.Json.JsonContent.Create(new { receipts = "off" }),
            };
            request.Headers.Authorization = new("Bearer", customer.Token);
            using var answer = await http.SendAsync(request);
            answer.EnsureSuccessStatusCode();
        }
    }

    // Every payment is paid once: the two threads of wrk begin at both ends of the list.
    private static async Task<string> WriteScriptAsync(string folder, string name, Customer[] customers, IReadOnlyList<string> codes)
    {
        var path = Path.Combine(folder, $"{name}.lua");
        var people = string.Join(",\n", customers.Select(c => $$"""{ token = "{{c.Token}}", wallet = "{{c.Wallet}}" }"""));
        var script = """
            local people = {
            PEOPLE
            }
            local codes = {}
            for code in io.lines("CODES") do codes[#codes + 1] = code end
            local threads = 0
            function setup(thread) thread:set("id", threads); threads = threads + 1 end
            function init(args) math.randomseed(os.time() + id * 7919); count = 0 end
            function request()
              local code = id == 0 and codes[1 + count] or codes[#codes - count]
              count = count + 1
              local from = people[math.random(#people)]
              return wrk.format("POST", "/v1/payments/" .. (code or "none") .. "/pay", {
                ["Authorization"] = "Bearer " .. from.token,
                ["Content-Type"] = "application/json",
                ["Idempotency-Key"] = "NAME-" .. id .. "-" .. count,
              }, '{"method":"wallet","wallet":"' .. from.wallet .. '"}')
            end
            """;
        await File.WriteAllLinesAsync(path + ".codes", codes);
        await File.WriteAllTextAsync(
            path,
            script
                .Replace("PEOPLE", people, StringComparison.Ordinal)
                .Replace("CODES", path + ".codes", StringComparison.Ordinal)
                .Replace("NAME", name, StringComparison.Ordinal)
        );
        return path;
    }
}

/// <summary>The demo merchant's till: asks for payments over HTTP.</summary>
internal sealed class BenchTill(Uri server, string token, string shop) : IDisposable
{
    private readonly HttpClient http = new() { BaseAddress = server };

    /// <summary>The merchant's access token.</summary>
    public string Token => token;

    /// <summary>Payments asked for in a second, the last time.</summary>
    public double PerSecond { get; private set; }

    /// <summary>Signs the demo merchant in.</summary>
    public static async Task<BenchTill> OpenAsync(Uri server)
    {
        using var client = new HttpClient { BaseAddress = server };
        var session = await Customers.PostAsync(client, "/v1/sessions", null, new { login = "corner-shop", password = "florin-demo-pass" });
        var token = session.GetProperty("access_token").GetString()!;
        using var list = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/shops", UriKind.Relative));
        list.Headers.Authorization = new("Bearer", token);
        using var answer = await client.SendAsync(list);
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return new BenchTill(server, token, body.RootElement.GetProperty("data")[0].GetProperty("id").GetString()!);
    }

    public void Dispose() => http.Dispose();

    /// <summary>Asks for sales of one cent.</summary>
    /// <returns>Their codes.</returns>
    public async Task<IReadOnlyList<string>> AskAsync(int count)
    {
        var codes = new string[count];
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = 64 },
            async (i, _) =>
            {
                var made = await Customers.PostAsync(
                    http,
                    "/v1/payments",
                    token,
                    new
                    {
                        purpose = "sale",
                        amount = new { amount = "0.01", currency = "USD" },
                        subject = new { shop },
                    }
                );
                codes[i] = made.GetProperty("code").GetString()!;
            }
        );
        PerSecond = count / clock.Elapsed.TotalSeconds;
        return codes;
    }
}
