using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Florin.Platform;
using Npgsql;

namespace Florin.Bench;

/// <summary>
/// A thousand tills of a hundred shops listen on two servers while payers pay by wallet: from the beginning of the transaction in which a payment completes
/// until the till has the event. Then some tills are away for a while and come back to the other server: each gets what it missed, once.
/// </summary>
internal static class LiveBench
{
    private const int Shops = 100;
    private const int TillsPerPerson = 5; // of an owner and of a cashier
    private const int Away = 50;

    public static async Task<int> RunAsync(string[] args)
    {
        var seconds = Number(args, 0, 15);
        var perSecond = Number(args, 1, 40);
        var awaySeconds = Number(args, 2, 30);
        var folder = Environment.GetEnvironmentVariable("FLORIN_BENCH_DIR") ?? Path.GetTempPath();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["FLORIN_RATE_LIMITS"] = "off",
            ["FLORIN_DATA"] = Path.Combine(folder, "data"),
            ["FLORIN_PASSWORD_ITERATIONS"] = "1000",
        };
        await using var first = await ServerProcess.StartAsync(ServerProcess.FreePort(), settings);
        settings["FLORIN_JOBS"] = "off";
        await using var second = await ServerProcess.StartAsync(ServerProcess.FreePort(), settings);
        Uri[] servers = [first.Address, second.Address];
        Console.Error.WriteLine("  signing people up");
        using var people = new LivePeople(await Customers.SignUpAsync(first.Address, (2 * Shops) + 20, "USD", "1000000.00"), Shops);
        await people.OpenShopsAsync(first.Address);
        var tills = new List<LiveTill>();
        foreach (var shop in people.Shops)
        {
            tills.AddRange(
                Enumerable.Range(0, 2 * TillsPerPerson).Select(i => new LiveTill(shop.Id, i % 2 == 0 ? shop.Owner : shop.Cashier, servers[i / 2 % 2]))
            );
        }

        Console.Error.WriteLine($"  connecting {tills.Count} tills");
        await Parallel.ForEachAsync(tills, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (till, _) => await till.ConnectAsync());
        await people.SellAsync(servers, perSecond, 2); // warm
        await ArrivedAsync(tills, people);
        tills.ForEach(till => till.Forget());
        people.Forget();
        Console.Error.WriteLine($"  {perSecond} payments a second for {seconds} s");
        await people.SellAsync(servers, perSecond, seconds);
        await ArrivedAsync(tills, people);
        var report = new Report(
            $"Live events: {tills.Count} tills of {Shops} shops on two servers, {perSecond} payments/s for {seconds} s, all on the same cores"
        );
        var times = tills.SelectMany(till => till.Times).Order().ToList();
        report.Add("live_tills", tills.Count, "tills");
        report.Add("live_receipts", times.Count, "receipts of completed payments");
        report.Add("live_p50_ms", times[times.Count / 2], "p50 from the payer's transaction to the till, ms");
        report.Add("live_p99_ms", times[(int)(times.Count * 0.99)], "p99, ms", "(bar 50)");
        report.Add("live_max_ms", times[^1], "longest, ms");
        report.Add("live_wrong", Wrong(tills, people), "payments that a till did not get exactly once");

        var leaving = tills.Where((_, i) => i % (tills.Count / Away) == 0).ToList();
        Console.Error.WriteLine($"  {leaving.Count} tills are away for {awaySeconds} s");
        leaving.ForEach(till => till.Disconnect());
        await people.SellAsync(servers, 20, awaySeconds);
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(leaving.Select(till => till.ReconnectAsync(servers.First(server => server != till.Server))));
        await ArrivedAsync(leaving, people);
        report.Add("live_away_ms", clock.Elapsed.TotalMilliseconds, $"until {leaving.Count} tills that were away had everything, ms");
        await ArrivedAsync(tills, people);
        report.Add("live_away_wrong", Wrong(tills, people), "payments that a till did not get exactly once, with those that were away");
        report.Add("rss_mb", Math.Max(first.ResidentMegabytes, second.ResidentMegabytes), "resident after it, the larger server, MB");
        tills.ForEach(till => till.Dispose());
        report.Print();
        return 0;
    }

    private static int Number(string[] args, int at, int otherwise) => args.Length > at ? int.Parse(args[at], CultureInfo.InvariantCulture) : otherwise;

    private static async Task ArrivedAsync(List<LiveTill> tills, LivePeople people)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(20) && tills.Any(till => till.Count < people.PaidIn(till.Shop)); )
        {
            await Task.Delay(20);
        }
    }

    private static int Wrong(List<LiveTill> tills, LivePeople people) => tills.Sum(till => till.Wrong(people.Paid(till.Shop)));
}

/// <summary>The people of the shops and their payers.</summary>
internal sealed class LivePeople(Customer[] customers, int shops) : IDisposable
{
    private readonly ConcurrentDictionary<Uri, HttpClient> clients = new();
    private readonly ConcurrentDictionary<string, ConcurrentBag<string>> paid = new(StringComparer.Ordinal);

    public List<(string Id, string Owner, string Cashier)> Shops { get; } = [];

    public void Dispose()
    {
        foreach (var client in clients.Values)
        {
            client.Dispose();
        }
    }

    public void Forget() => paid.Clear();

    public int PaidIn(string shop) => Paid(shop).Count;

    public IReadOnlyCollection<string> Paid(string shop) => paid.TryGetValue(shop, out var all) ? all : [];

    /// <summary>Opens a shop for each pair; how one comes by a shop and a cashier is not what is measured.</summary>
    public async Task OpenShopsAsync(Uri server)
    {
        await using var source = NpgsqlDataSource.Create(LedgerHost.Owner);
        for (var i = 0; i < shops; i++)
        {
            var (owner, cashier) = (customers[2 * i].Token, customers[(2 * i) + 1].Token);
            var id = Ids.New();
            await using var batch = source.CreateBatch();
            Add(
                "insert into shops.shops (id, owner, name, plan, default_currency, created_at) values ($1, $2, 'Corner Shop', 'standard', 'USD', now())",
                await PersonAsync(server, owner)
            );
            Add("insert into shops.members values ($1, $2, now())", await PersonAsync(server, cashier));
            await batch.ExecuteNonQueryAsync();
            void Add(string sql, Guid person) =>
                batch.BatchCommands.Add(
                    new NpgsqlBatchCommand(sql)
                    {
                        Parameters =
                        {
                            new NpgsqlParameter<Guid> { TypedValue = id },
                            new NpgsqlParameter<Guid> { TypedValue = person },
                        },
                    }
                );

            Shops.Add((Ids.Show("shp", id), owner, cashier));
        }
    }

    /// <summary>Sells in all shops in turn, at an even pace.</summary>
    public async Task SellAsync(Uri[] servers, int perSecond, int seconds)
    {
        var clock = Stopwatch.StartNew();
        var sales = new List<Task>();
        for (var i = 0; i < perSecond * seconds; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / perSecond);
            if (due > clock.Elapsed)
            {
                await Task.Delay(due - clock.Elapsed);
            }

            sales.Add(SellOneAsync(servers[i % servers.Length], Shops[i % Shops.Count], customers[(2 * shops) + (i % (customers.Length - (2 * shops)))]));
        }

        await Task.WhenAll(sales);
    }

    private async Task SellOneAsync(Uri server, (string Id, string Owner, string Cashier) shop, Customer payer)
    {
        var order = new
        {
            purpose = "sale",
            amount = new { amount = "0.01", currency = "USD" },
            subject = new { shop = shop.Id },
        };
        var http = Client(server);
        var made = await Customers.PostAsync(http, "/v1/payments", shop.Owner, order);
        var pay = $"/v1/payments/{made.GetProperty("code").GetString()}/pay";
        await Customers.PostAsync(http, pay, payer.Token, new { method = "wallet", wallet = payer.Wallet });
        paid.GetOrAdd(shop.Id, _ => []).Add(made.GetProperty("id").GetString()!);
    }

    private HttpClient Client(Uri server) => clients.GetOrAdd(server, address => new HttpClient { BaseAddress = address });

    private async Task<Guid> PersonAsync(Uri server, string token)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/me", UriKind.Relative));
        ask.Headers.Authorization = new("Bearer", token);
        using var answer = await Client(server).SendAsync(ask);
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return Ids.Read("usr", body.RootElement.GetProperty("id").GetString());
    }
}

/// <summary>A till that listens by server-sent events.</summary>
internal sealed class LiveTill(string shop, string token, Uri server) : IDisposable
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { PooledConnectionLifetime = Timeout.InfiniteTimeSpan })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly Lock gate = new();
    private readonly List<string> completed = [];
    private readonly List<double> times = [];
    private CancellationTokenSource? open;
    private string lastId = "";

    public string Shop => shop;

    public Uri Server => server;

    public int Count
    {
        get
        {
            lock (gate)
            {
                return completed.Count;
            }
        }
    }

    /// <summary>From the beginning of the transaction to the receipt, in milliseconds.</summary>
    public IReadOnlyList<double> Times
    {
        get
        {
            lock (gate)
            {
                return [.. times];
            }
        }
    }

    public void Forget()
    {
        lock (gate)
        {
            completed.Clear();
            times.Clear();
        }
    }

    /// <summary>Payments that it got never or more than once.</summary>
    public int Wrong(IReadOnlyCollection<string> paid)
    {
        lock (gate)
        {
            var once = completed.GroupBy(id => id, StringComparer.Ordinal).Where(group => group.Count() == 1).Select(group => group.Key);
            return paid.Except(once, StringComparer.Ordinal).Count() + (completed.Count - completed.Distinct(StringComparer.Ordinal).Count());
        }
    }

    public Task ConnectAsync() => OpenAsync(server);

    public Task ReconnectAsync(Uri other) => OpenAsync(other);

    public void Disconnect() => open?.Cancel();

    public void Dispose()
    {
        Disconnect();
        open?.Dispose();
    }

    private async Task OpenAsync(Uri where)
    {
        open?.Dispose();
        open = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(where, "/v1/events"));
        request.Headers.Authorization = new("Bearer", token);
        if (lastId.Length > 0)
        {
            request.Headers.Add("Last-Event-ID", lastId);
        }

        var answer = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, open.Token);
        answer.EnsureSuccessStatusCode();
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = ReadAsync(answer, opened, open.Token);
        await opened.Task;
    }

    private async Task ReadAsync(HttpResponseMessage answer, TaskCompletionSource opened, CancellationToken cancel)
    {
        try
        {
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancel));
            while (await reader.ReadLineAsync(cancel) is { } line)
            {
                if (line.StartsWith("data: ", StringComparison.Ordinal))
                {
                    Take(line["data: ".Length..]);
                    opened.TrySetResult();
                }
                else if (line.StartsWith("id: ", StringComparison.Ordinal))
                {
                    lastId = line["id: ".Length..];
                }
            }
        }
        catch (OperationCanceledException)
        {
            answer.Dispose();
        }
    }

    private void Take(string json)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var happened = JsonDocument.Parse(json);
        if (happened.RootElement.GetProperty("topic").GetString() is not "payments.completed")
        {
            return;
        }

        lock (gate)
        {
            completed.Add(happened.RootElement.GetProperty("payload").GetProperty("id").GetString()!);
            times.Add((now - happened.RootElement.GetProperty("at").GetDateTimeOffset()).TotalMilliseconds);
        }
    }
}
