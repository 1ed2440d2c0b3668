using System.Globalization;
using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Payments;
using Florin.Tests.Wallets;

namespace Florin.Tests.Shops;

public sealed class TakingsTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static readonly string[] Columns =
    [
        "bucket",
        "gross.amount",
        "refunded.amount",
        "fees.amount",
        "net.amount",
        "payments",
        "refunds",
        "average.amount",
    ];
    private const string Zone = "Asia/Almaty";

    private sealed record Fact(DateTimeOffset At, string Method, string? Customer, decimal Amount, decimal Fee, bool Refund);

    [Fact]
    public async Task Takings_are_what_a_plain_recount_of_sales_and_refunds_gives()
    {
        var till = await Till.OpenAsync(app);
        await GiveFeesAsync(till);
        var payers = await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ => await (await Customer.NewAsync(app)).OpenAsync("USD", "1000.00")));
        var facts = new List<Fact>();
        for (var i = 0; i < 40; i++)
        {
            app.Clock.Wind(TimeSpan.FromMinutes(47 + (i * 89 % 211)));
            var cents = 100 + (i * 7919 % 2_900);
            var byCash = i % 4 == 3;
            var payer = payers[i % 3];
            var bill = await till.AskAsync((cents / 100m).ToString("0.00", CultureInfo.InvariantCulture));
            var paid = (
                byCash ? await till.CashAsync(bill) : await bill.PayAsync(payer.Owner.Again(), $$"""{"method":"wallet","wallet":"{{payer.Id}}"}""")
            ).Must(200);
            var customer = byCash ? null : Ids.Show("usr", payer.Owner.Id);
            var fee = byCash ? 0 : (cents * 250 / 10_000 + 30) / 100m;
            facts.Add(new Fact(paid.At("payment.completed_at").GetDateTimeOffset(), byCash ? "cash" : "wallet", customer, cents / 100m, fee, Refund: false));
            if (i % 5 == 4)
            {
                app.Clock.Wind(TimeSpan.FromHours(9));
                var back = (await till.RefundAsync(bill, "0.50")).Must(201);
                facts.Add(new Fact(back.At("ended_at").GetDateTimeOffset(), byCash ? "cash" : "wallet", customer, 0.50m, 0, Refund: true));
            }
        }

        var first = facts.Min(fact => fact.At);
        var range = $"from={Stamp(first)}&to={Stamp(app.Clock.GetUtcNow().AddSeconds(1))}&tz={Zone}";
        var zone = TimeZoneInfo.FindSystemTimeZoneById(Zone);
        DateTime Local(Fact fact) => TimeZoneInfo.ConvertTime(fact.At, zone).DateTime;
        await CompareAsync(till, range + "&by=day", facts, fact => Local(fact).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        await CompareAsync(till, range + "&by=hour", facts, fact => Local(fact).ToString("yyyy-MM-dd'T'HH':00'", CultureInfo.InvariantCulture));
        await CompareAsync(till, range + "&by=method", facts, fact => fact.Method);
        await CompareAsync(till, range + "&by=customer", facts, fact => fact.Customer);
        await CompareAsync(till, range + "&by=reason", facts, fact => fact.Refund ? "customer_request" : null);

        var half = facts.Where(fact => fact.At >= facts[20].At && fact.At < facts[30].At).ToList();
        await CompareAsync(till, $"from={Stamp(facts[20].At)}&to={Stamp(facts[30].At)}&by=method", half, fact => fact.Method);
        var customers = (await GetAsync(till, range + "&by=customer")).At("data");
        Assert.Equal("Ada Lovelace", customers[0].Text("name"));
        var gross = customers.EnumerateArray().Select(row => decimal.Parse(row.Text("gross.amount"), CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(gross.OrderDescending(), gross);
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task Without_a_stretch_of_time_it_is_thirty_days_and_another_shops_money_is_not_in_it()
    {
        var till = await Till.OpenAsync(app);
        var other = await Till.OpenAsync(app);
        (await till.CashAsync(await till.AskAsync("5.00"))).Must(200);
        (await till.CashAsync(await till.AskAsync("500.00", "KZT"))).Must(200);
        (await other.CashAsync(await other.AskAsync("7.00"))).Must(200);
        await till.AskAsync("9.00"); // nobody pays it
        var takings = await GetAsync(till, "tz=UTC");
        Assert.Equal("KZT 500.00, USD 5.00", string.Join(", ", takings.At("totals").EnumerateArray().Select(Gross).Order(StringComparer.Ordinal)));
        Assert.Equal(29, (takings.At("to").GetDateTimeOffset() - takings.At("from").GetDateTimeOffset()).Days);
        Assert.Equal(0, (await GetAsync(till, "from=2020-01-01&to=2020-12-31")).At("data").GetArrayLength());
    }

    [Fact]
    public async Task It_comes_as_CSV_too_by_name_or_by_header()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "9.00");
        await app.Database.ScalarAsync<int>("update identity.people set first_name = '=1+1', last_name = 'x' where id = $1", payer.Owner.Id);
        (await (await till.AskAsync("9.00")).PayAsync(payer)).Must(200);
        var asked = await till.Merchant.GetAsync($"/v1/shops/{till.Shop}/takings?by=customer&format=csv");
        asked.Must200("text/csv");
        var id = Ids.Show("usr", payer.Owner.Id);
        Assert.Equal(
            "bucket,start,name,currency,gross,refunded,fees,net,payments,refunds,average\r\n" + $"{id},,'=1+1 x,USD,9.00,0.00,0.00,9.00,1,0,9.00\r\n",
            asked.Body
        );
        var accepted = await till.Merchant.SendAsync(HttpMethod.Get, $"/v1/shops/{till.Shop}/takings?by=customer", accept: "text/csv");
        Assert.Equal(asked.Body, accepted.Body);
    }

    [Theory]
    [InlineData("by=week")]
    [InlineData("tz=Mars/Olympus")]
    [InlineData("tz=XYZ%2B5")]
    [InlineData("tz='%3Bselect")]
    [InlineData("from=2026-01-02&to=2026-01-01")]
    [InlineData("from=2020-01-01&to=2026-01-01")]
    [InlineData("from=2026-01-01&to=2026-03-01&by=hour")]
    [InlineData("from=yesterday")]
    [InlineData("format=pdf")]
    public async Task What_cannot_be_asked_is_refused(string query)
    {
        var till = await Till.OpenAsync(app);
        (await till.Merchant.GetAsync($"/v1/shops/{till.Shop}/takings?{query}")).MustRefuse(400, "invalid_request");
    }

    private static string Gross(JsonElement row) => $"{row.Text("gross.currency")} {row.Text("gross.amount")}";

    private static string Stamp(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static async Task<JsonElement> GetAsync(Till till, string query) =>
        (await till.Merchant.GetAsync($"/v1/shops/{till.Shop}/takings?{query}")).Must(200);

    private static async Task CompareAsync(Till till, string query, List<Fact> facts, Func<Fact, string?> bucket)
    {
        var answer = await GetAsync(till, query);
        var wanted = facts.GroupBy(bucket, StringComparer.Ordinal).Where(group => group.Key is not null).Select(group => Line(group.Key!, group));
        Assert.Equal(wanted.Order(StringComparer.Ordinal), answer.At("data").EnumerateArray().Select(Line).Order(StringComparer.Ordinal));
        Assert.Equal([Line("null", facts)], answer.At("totals").EnumerateArray().Select(Line));
    }

    private static string Line(string bucket, IEnumerable<Fact> facts)
    {
        var sales = facts.Where(fact => !fact.Refund).ToList();
        var refunds = facts.Where(fact => fact.Refund).ToList();
        var (gross, back, fees) = (sales.Sum(fact => fact.Amount), refunds.Sum(fact => fact.Amount), sales.Sum(fact => fact.Fee));
        var average = sales.Count == 0 ? 0 : decimal.Round(gross / sales.Count, 2, MidpointRounding.ToEven);
        return FormattableString.Invariant(
            $"{bucket} {gross:0.00} {back:0.00} {fees:0.00} {gross - back - fees:0.00} {sales.Count} {refunds.Count} {average:0.00}"
        );
    }

    private static string Line(JsonElement row) => string.Join(' ', Columns.Select(name => row.Text(name)));

    private async Task GiveFeesAsync(Till till)
    {
        var admin = await Customer.NewAsync(app, roles: [Roles.Admin]);
        var plan = "p" + Guid.NewGuid().ToString("N")[..8];
        var terms = """{"percent_bps":250,"fixed":[{"amount":"0.30","currency":"USD"}]}""";
        (await admin.SendAsync(HttpMethod.Put, "/v1/shop-plans/" + plan, terms)).Must(200);
        (await admin.SendAsync(HttpMethod.Put, $"/v1/shops/{till.Shop}/plan", $$"""{"plan":"{{plan}}"}""")).Must(200);
    }
}
