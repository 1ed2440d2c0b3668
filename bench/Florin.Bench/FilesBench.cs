using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace Florin.Bench;

/// <summary>
/// Files through two workers of which one is killed again and again: each counted once and rightly, none stuck, credits exact. Before that, one text of
/// 100 MB, and what memory it takes.
/// </summary>
internal static class FilesBench
{
    private const int Words = 60_000; // of one file: some 400 KB
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static async Task<int> RunAsync(string[] args)
    {
        var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1_000;
        var kills = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 15;
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["FLORIN_RATE_LIMITS"] = "off",
            ["FLORIN_DATA"] = Path.Combine(Environment.GetEnvironmentVariable("FLORIN_BENCH_DIR")!, "data"),
            ["FLORIN_FILE_LEASE_SECONDS"] = "3",
        };
        await using var server = await ServerProcess.StartAsync(ServerProcess.FreePort(), settings);
        using var http = new HttpClient { BaseAddress = server.Address, Timeout = Patience };
        var customer = (await Customers.SignUpAsync(server.Address, 1, "BDT", "1000000.00"))[0];
        await BuyAsync(http, customer, count + 2);
        var large = await MeasureLargeAsync(http, server, customer);

        var clock = Stopwatch.StartNew();
        var port = ServerProcess.FreePort();
        var other = await ServerProcess.StartAsync(port, settings);
        var sending = SendAsync(http, customer, count);
        for (var kill = 1; kill <= kills; kill++)
        {
            await EndedAsync((long)(count * 0.9) * kill / (kills + 1));
            await other.KillAsync();
            await other.DisposeAsync();
            other = await ServerProcess.StartAsync(port, settings);
            Console.Error.WriteLine($"  one of two servers killed {kill} times");
        }

        await sending;
        await EndedAsync(count);
        var elapsed = clock.Elapsed;
        await other.DisposeAsync();
        return await ReportAsync(count, kills, elapsed, large);
    }

    private static async Task BuyAsync(HttpClient http, Customer customer, int count)
    {
        for (var left = count; left > 0; left -= 100)
        {
            var order = new { purpose = "file_credit", subject = new { service = "word_count", quantity = Math.Min(left, 100) } };
            var payment = (await Customers.PostAsync(http, "/v1/payments", customer.Token, order)).GetProperty("id").GetString();
            await Customers.PostAsync(http, $"/v1/payments/{payment}/pay", customer.Token, new { method = "wallet", wallet = customer.Wallet });
        }
    }

    // A small one first, so that the code is compiled and the pools are filled; then 100 MB.
    private static async Task<(double Before, double Peak, double Seconds)> MeasureLargeAsync(HttpClient http, ServerProcess server, Customer customer)
    {
        await CountAsync(2 * 1024 * 1024);
        GC.Collect();
        var before = server.ResidentMegabytes;
        var peak = before;
        var clock = Stopwatch.StartNew();
        var counting = CountAsync(100 * 1024 * 1024);
        while (!counting.IsCompleted)
        {
            peak = Math.Max(peak, server.ResidentMegabytes);
            await Task.WhenAny(counting, Task.Delay(20));
        }

        await counting;
        return (before, peak, clock.Elapsed.TotalSeconds);

        async Task CountAsync(long bytes)
        {
            var sent = await SendAsync(http, customer, new LongText(bytes), "large.txt");
            var address = "/v1/files/" + sent.GetProperty("id").GetString();
            JsonElement file;
            do
            {
                await Task.Delay(50);
                file = await ShowAsync(http, customer, address);
            } while (file.GetProperty("state").GetString() is "processing");

            if (file.GetProperty("result").GetProperty("words").GetInt64() != bytes / LongText.Line.Length * LongText.WordsInLine)
            {
                throw new InvalidOperationException($"a text was counted wrongly: {file}");
            }
        }
    }

    private static async Task<JsonElement> ShowAsync(HttpClient http, Customer customer, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", customer.Token);
        using var answer = await http.SendAsync(request);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }

    // Of ten files one is no text after all, which shows far behind its beginning.
    private static Task SendAsync(HttpClient http, Customer customer, int count)
    {
        var good = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("word ক Қала. ", Words / 3)));
        byte[] bad = [.. good, 0];
        return Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            async (i, _) => await SendAsync(http, customer, new ByteArrayContent(i % 10 == 9 ? bad : good), $"{i}.txt")
        );
    }

    private static async Task<JsonElement> SendAsync(HttpClient http, Customer customer, HttpContent content, string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/files", UriKind.Relative));
        request.Content = new MultipartFormDataContent { { content, "file", name } };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", customer.Token);
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(text).RootElement : throw new InvalidOperationException($"{(int)answer.StatusCode} {text}");
    }

    private static async Task EndedAsync(long wanted)
    {
        for (var clock = Stopwatch.StartNew(); await ScalarAsync("select count(*) - 2 from files.files where state <> 'processing'") < wanted; )
        {
            if (clock.Elapsed > Patience)
            {
                throw new InvalidOperationException("the files were not worked on");
            }

            await Task.Delay(20);
        }
    }

    private static async Task<int> ReportAsync(int count, int kills, TimeSpan elapsed, (double Before, double Peak, double Seconds) large)
    {
        var bad = count / 10;
        var stuck = await ScalarAsync("select count(*) from files.files where state = 'processing'");
        var wrong = await ScalarAsync(
            $"select count(*) from files.files where filename <> 'large.txt' and state = 'completed' and (result->>'words')::bigint <> {Words / 3 * 3}"
        );
        var failed = await ScalarAsync("select count(*) from files.files where state = 'failed' and failure = 'not_text'");
        var doubled = await ScalarAsync(
            "select count(*) from (select from ledger.postings where kind = 'file_credit_spent' group by reference having count(*) > 1) twice"
        );
        var unearned = await ScalarAsync(
            "select abs((select sum(balance)::bigint from ledger.accounts where kind = 'file_revenue') - (select sum(price * spent)::bigint from files.credit_lots))"
                + " + abs((select sum(balance)::bigint from ledger.accounts where kind = 'file_credit_liability') - (select sum(price * (available + held))::bigint from files.credit_lots))"
        );
        var spent = await ScalarAsync("select sum(spent)::bigint from files.credit_lots");
        var free = await ScalarAsync("select sum(available)::bigint from files.credit_lots");
        var again = await ScalarAsync("select count(*) from files.files where tries > 1");
        await using var host = await LedgerHost.StartAsync(0);
        await host.VerifyAsync();
        var report = new Report($"Files: {count} through two servers of which one is killed {kills} times, and one of 100 MB; the book is clean");
        report.Add("files", count, "files");
        report.Add("server_kills", kills, "kill -9 of one of two servers");
        report.Add("taken_over", again, "files that were begun more than once");
        report.Add("stuck", stuck, "files that did not end", "(must be 0)");
        report.Add("wrong", wrong, "counted wrongly", "(must be 0)");
        report.Add("doubled", doubled, "whose credit was spent twice", "(must be 0)");
        report.Add("failed", failed, "failed since they are no text", $"(must be {bad})");
        report.Add("spent", spent, "credits spent", $"(must be {count + 2 - bad})");
        report.Add("free", free, "credits given back", $"(must be {bad})");
        report.Add("book_differs", unearned, "poisha between the book and the credits", "(must be 0)");
        report.Add("seconds", elapsed.TotalSeconds, "seconds, sending included");
        report.Add("megabytes_before", large.Before, "MB in memory before the file of 100 MB");
        report.Add("megabytes_more", large.Peak - large.Before, "MB more while it was sent and counted", "(must be below 64)");
        report.Add("large_seconds", large.Seconds, "seconds for it");
        report.Print();
        var exact = stuck == 0 && wrong == 0 && doubled == 0 && unearned == 0 && failed == bad && free == bad && spent == count + 2 - bad;
        return exact && large.Peak - large.Before < 64 ? 0 : 1;
    }

    private static async Task<long> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(LedgerHost.Owner);
        await connection.OpenAsync();
#pragma warning disable CA2100 // constants of this file
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>A text that is made while it is sent.</summary>
    private sealed class LongText(long bytes) : HttpContent
    {
        public const int WordsInLine = 5;
        public static readonly byte[] Line = Encoding.UTF8.GetBytes("আমি can't count ұлан 3,141.5\n");

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var piece = Enumerable.Repeat(Line, 1_000).SelectMany(line => line).ToArray();
            var lines = bytes / Line.Length;
            for (; lines >= 1_000; lines -= 1_000)
            {
                await stream.WriteAsync(piece);
            }

            await stream.WriteAsync(piece.AsMemory(0, (int)lines * Line.Length));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes / Line.Length * Line.Length;
            return true;
        }
    }
}
