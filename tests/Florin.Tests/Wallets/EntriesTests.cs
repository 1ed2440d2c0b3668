using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Florin.Money;

namespace Florin.Tests.Wallets;

public sealed class EntriesTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task Two_hundred_entries_are_paged_without_a_gap_while_more_arrive()
    {
        var from = await (await Customer.NewAsync(app)).OpenAsync("KZT", "1000.00");
        var to = await (await Customer.NewAsync(app)).OpenAsync("KZT");
        await Task.WhenAll(Enumerable.Range(1, 200).Select(i => from.SendAsync(to, $"{i % 7}.{i % 90 + 10}")));
        var seqs = new List<long>();
        var balance = (await to.ShowAsync()).Text("balance.amount");
        string? cursor = null;
        do
        {
            var page = (await to.Owner.GetAsync($"{to.Path}/entries?limit=33" + (cursor is null ? "" : "&cursor=" + cursor))).Must(200);
            foreach (var entry in page.At("data").EnumerateArray())
            {
                Assert.Equal(balance, entry.Text("balance_after.amount"));
                balance = Less(balance, entry.Text("amount.amount"));
                seqs.Add(entry.At("seq").GetInt64());
            }

            cursor = page.At("next_cursor").GetString();
            (await from.SendAsync(to, "0.01")).Must(201);
        } while (cursor is not null);

        Assert.Equal(Enumerable.Range(1, 200).Reverse().Select(i => (long)i), seqs);
        Assert.Equal("0.00", balance);
        (await to.Owner.GetAsync(to.Path + "/entries?limit=101")).MustRefuse(400, "invalid_request");
        (await to.Owner.GetAsync(to.Path + "/entries?limit=0")).MustRefuse(400, "invalid_request");
        (await to.Owner.GetAsync(to.Path + "/entries?cursor=nonsense")).MustRefuse(400, "invalid_request");
    }

    [Fact]
    public async Task A_statement_adds_up_in_every_format()
    {
        var purse = await (await Customer.NewAsync(app)).OpenAsync("USD", "100.00");
        var other = await (await Customer.NewAsync(app)).OpenAsync("USD");
        for (var i = 0; i < 30; i++)
        {
            (await purse.SendAsync(other, "1.07", """,  "note":"=1+1, \"so\" <b>" """)).Must(201);
        }

        (await purse.WithdrawAsync("0.50")).Must(201);
        var json = (await purse.Owner.GetAsync(purse.Path + "/statement")).Must(200);
        Assert.Equal("0.00", json.Text("opening_balance.amount"));
        Assert.Equal("67.40", json.Text("closing_balance.amount"));
        Assert.Equal("Ada Lovelace", json.Text("owner"));
        var entries = json.At("entries").EnumerateArray().ToList();
        Assert.Equal(32, entries.Count);
        Assert.Equal(67.40m, entries.Sum(entry => Decimal(entry.Text("amount.amount"))));
        Assert.Equal(other.Number, entries[5].Text("counterpart.wallet"));

        var csv = await purse.Owner.GetAsync(purse.Path + "/statement?format=csv");
        csv.Must200("text/csv");
        Assert.Equal(1 + 1 + 32 + 1, csv.Body.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("closing_balance", csv.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(",=1+1", csv.Body, StringComparison.Ordinal);

        var camt = await purse.Owner.SendAsync(HttpMethod.Get, purse.Path + "/statement", accept: "application/xml");
        camt.Must200("application/xml");
        var xml = XDocument.Parse(camt.Body);
        XNamespace ns = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08";
        Assert.Equal(32, xml.Descendants(ns + "Ntry").Count());
        Assert.Equal(
            67.40m,
            xml.Descendants(ns + "Ntry")
                .Sum(entry =>
                    Decimal(entry.Element(ns + "Amt")!.Value)
                    * (string.Equals(entry.Element(ns + "CdtDbtInd")!.Value, "DBIT", StringComparison.Ordinal) ? -1 : 1)
                )
        );

        (await purse.Owner.SendAsync(HttpMethod.Get, purse.Path + "/statement", accept: "text/csv")).Must200("text/csv");
        (await purse.Owner.GetAsync(purse.Path + "/statement?format=pdf")).MustRefuse(400, "invalid_request");
        (await purse.Owner.GetAsync(purse.Path + "/statement?from=yesterday")).MustRefuse(400, "invalid_request");
        (await purse.Owner.GetAsync(purse.Path + "/statement?from=2999-01-01")).MustRefuse(400, "invalid_request");
        var none = (await purse.Owner.GetAsync(purse.Path + "/statement?from=2020-01-01&to=2020-01-31")).Must(200);
        Assert.Equal(0, none.At("entries").GetArrayLength());
        Assert.Equal("0.00", none.Text("closing_balance.amount"));
        Assert.Equal("2020-02-01T00:00:00.000000Z", none.Text("to"));
    }

    [Fact]
    public async Task The_balance_at_an_instant_and_a_statement_between_two_follow_the_book()
    {
        var purse = await (await Customer.NewAsync(app)).OpenAsync("KZT");
        var times = new List<DateTimeOffset>();
        for (var i = 1; i <= 5; i++)
        {
            app.Clock.Wind(TimeSpan.FromMinutes(1));
            times.Add((await purse.DepositAsync("10.00")).Must(201).At("posted_at").GetDateTimeOffset());
        }

        Assert.Equal("0.00", await BalanceAtAsync(purse, times[0].AddTicks(-10)));
        Assert.Equal("10.00", await BalanceAtAsync(purse, times[0]));
        Assert.Equal("30.00", await BalanceAtAsync(purse, times[2]));
        Assert.Equal("30.00", await BalanceAtAsync(purse, times[3].AddTicks(-10), "occurred"));
        Assert.Equal("50.00", (await purse.Owner.GetAsync(purse.Path + "/balance")).Must(200).Text("balance.amount"));
        (await purse.Owner.GetAsync(purse.Path + "/balance?as_of=9999-12-31T23:59:59Z")).MustRefuse(400, "invalid_request");
        (await purse.Owner.GetAsync(purse.Path + "/balance?basis=guessed")).MustRefuse(400, "invalid_request");

        var part = (
            await purse.Owner.GetAsync($"{purse.Path}/statement?from={times[1]:yyyy-MM-dd'T'HH:mm:ss.ffffff}Z&to={times[3]:yyyy-MM-dd'T'HH:mm:ss.ffffff}Z")
        ).Must(200);
        Assert.Equal("10.00", part.Text("opening_balance.amount"));
        Assert.Equal("30.00", part.Text("closing_balance.amount"));
        Assert.Equal(2, part.At("entries").GetArrayLength());
    }

    private static async Task<string> BalanceAtAsync(Purse purse, DateTimeOffset at, string basis = "posted") =>
        (await purse.Owner.GetAsync($"{purse.Path}/balance?as_of={at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.ffffff}Z&basis={basis}"))
            .Must(200)
            .Text("balance.amount");

    private static decimal Decimal(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);

    private static string Less(string balance, string amount) => (Decimal(balance) - Decimal(amount)).ToString("0.00", CultureInfo.InvariantCulture);
}
