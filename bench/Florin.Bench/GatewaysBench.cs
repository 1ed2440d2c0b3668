using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;

namespace Florin.Bench;

/// <summary>
/// Charges at a small server that speaks Stripe's wire format, with the connection cut before and after everything that it is asked: all settle to
/// one truth by callbacks and inquiry, and nobody is charged twice.
/// </summary>
internal static class GatewaysBench
{
    private const int Callers = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    public static async Task<int> RunAsync(string[] args)
    {
        var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1000;
        var folder = Environment.GetEnvironmentVariable("FLORIN_BENCH_DIR") ?? Path.GetTempPath();
        var report = new Report($"Gateways: {count} charges, the connection cut at every stage");
        await using var stripe = await StripeServer.StartAsync();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["FLORIN_RATE_LIMITS"] = "off",
            ["FLORIN_DATA"] = Path.Combine(folder, "data"),
            ["FLORIN_PAYMENT_MINUTES"] = "600",
        };
        stripe.Settings(settings);
        await using var server = await ServerProcess.StartAsync(ServerProcess.FreePort(), settings);
        using var till = await BenchTill.OpenAsync(server.Address);
        var codes = await till.AskAsync(count);
        using var payers = new Payers(server.Address, stripe);
        var clock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(codes, new ParallelOptions { MaxDegreeOfParallelism = Callers }, async (code, _) => await payers.PayAsync(code));
        var paid = clock.Elapsed;
        stripe.Moods.Wild = false;
        var settled = await WaitAsync(stripe, clock);

        var (completed, credited, late, twice) = await CountAsync();
        var captured = stripe.Charges.Where(intent => intent.Status is "succeeded").Sum(intent => intent.AmountReceived);
        var refunded = stripe.Refunds.Sum(refund => refund.Amount);
        report.Add("charges", count, "payments begun at the gateway");
        report.Add("cuts", stripe.Moods.Lived, "requests cut, refused or answered late");
        report.Add("intents", stripe.Charges.Count, "charges at the gateway");
        report.Add("captured", stripe.Charges.Count(intent => intent.Status is "succeeded"), "captured there");
        report.Add("completed", completed, "payments completed here");
        report.Add("charged_twice", twice, "payments with more than one captured charge kept");
        report.Add("late", late, "captured too late, and paid back");
        report.Add("drift_minor_units", captured - refunded - credited, "captured less refunded less credited", "(must be 0)");
        report.Add("begun_s", paid.TotalSeconds, "to begin all, s");
        report.Add("settled_s", settled.TotalSeconds, "from the last one begun until all are settled, s");
        report.Add("faults", stripe.Faults.Count, "requests that the strict server disliked");
        await using var host = await LedgerHost.StartAsync(0);
        await host.VerifyAsync();
        report.Print();
        foreach (var fault in stripe.Faults.Distinct(StringComparer.Ordinal).Take(5))
        {
            Console.Error.WriteLine("  " + fault);
        }

        return captured == refunded + credited && twice == 0 && stripe.Faults.Count == 0 ? 0 : 1;
    }

    // Until the hub and the gateway agree on every charge that was captured.
    private static async Task<TimeSpan> WaitAsync(StripeServer stripe, Stopwatch clock)
    {
        var began = clock.Elapsed;
        while (clock.Elapsed - began < Patience)
        {
            var open = await ScalarAsync(
                """
                select (select count(*) from payments.attempts where state in ('live', 'abandoned') and gateway_reference = any($1))
                    + (select count(*) from payments.refunds where state = 'pending')
                    + (select count(*) from payments.attempts where state in ('live', 'abandoned') and gateway_reference is null)
                """,
                stripe.Charges.Where(intent => intent.Status is "succeeded" or "canceled").Select(intent => intent.Id).ToArray()
            );
            if (open == 0)
            {
                return clock.Elapsed - began;
            }

            await Task.Delay(500);
        }

        throw new InvalidOperationException("not all charges were settled in time");
    }

    private static async Task<(long Completed, long Credited, long Late, long Twice)> CountAsync() =>
        (
            await ScalarAsync("select count(*) from payments.payments where purpose = 'sale' and state = 'completed'"),
            await ScalarAsync("select coalesce(sum(balance), 0)::bigint from ledger.accounts where kind = 'shop' and currency = 'USD'"),
            await ScalarAsync("select count(*) from payments.attempts where state = 'late'"),
            await ScalarAsync(
                """
                select count(*) from (
                    select a.payment_id from payments.attempts a
                    where a.state in ('succeeded', 'late') and not exists (
                        select from payments.refunds r where r.attempt_id = a.id and r.state = 'completed')
                    group by 1 having count(*) > 1) twice
                """
            )
        );

    private static async Task<long> ScalarAsync(string sql, object? parameter = null)
    {
        await using var connection = new NpgsqlConnection(LedgerHost.Owner);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        if (parameter is not null)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>People who begin to pay by card, come back when the line is cut, pay, turn back or walk away; and the gateway that tells of it or not.</summary>
    private sealed class Payers(Uri server, StripeServer stripe) : IDisposable
    {
        private readonly HttpClient http = new() { BaseAddress = server };
        private readonly ConcurrentDictionary<string, bool> done = new(StringComparer.Ordinal);

        public void Dispose() => http.Dispose();

        public async Task PayAsync(string code)
        {
            stripe.Moods.Wild = true;
            // Half of those who get no answer come back with a new key: they chose to pay anew.
            for (var turn = 0; turn < 4; turn++)
            {
                using var request = Customers.Post($"/v1/payments/{code}/pay", null, new { method = "stripe" }, null);
                using var answer = await http.SendAsync(request);
                var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
                if ((int)answer.StatusCode is not (200 or 202))
                {
                    return;
                }

                if (body.GetProperty("attempt").GetProperty("next_action").ValueKind == JsonValueKind.Object)
                {
                    await FinishAsync(body.GetProperty("attempt").GetProperty("id").GetString()!);
                    return;
                }
            }
        }

        private async Task FinishAsync(string attempt)
        {
            var id = Guid.ParseExact(attempt[4..], "N");
            if (!done.TryAdd(attempt, true))
            {
                return;
            }

            switch (RandomNumberGenerator.GetInt32(10))
            {
                case < 8:
                    stripe.Succeed(id);
                    break;
                case 8:
                    stripe.Become(id, "canceled");
                    break;
                default:
                    return; // walks away
            }

            for (var copies = RandomNumberGenerator.GetInt32(3); copies > 0; copies--)
            {
                var intent = stripe.Of(id);
                var body = StripeServer.Event("payment_intent." + (intent.Status is "succeeded" ? "succeeded" : "canceled"), intent.Shape);
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/gateways/stripe/webhook", UriKind.Relative))
                {
                    Content = new ByteArrayContent(body),
                };
                request.Headers.Add("Stripe-Signature", StripeServer.Sign(body, TimeProvider.System.GetUtcNow()));
                using var answer = await http.SendAsync(request);
            }
        }
    }
}
