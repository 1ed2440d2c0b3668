using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Florin.Fx;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Florin.Tests.Identity;

namespace Florin.Tests.Fx;

/// <summary>Quotes at the sandbox's fixed rates.</summary>
public sealed class QuotesTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_quote_shows_both_amounts_and_both_rates()
    {
        var http = (await SignedIn.AsAsync(app)).Http;
        var answer = await http.PostAsJsonAsync("/v1/quotes", Give("100.00", "USD", "KZT"), Cancel);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var quote = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal(("100.00", "50490.00", "1.00"), (Money(quote, "source_amount"), Money(quote, "target_amount"), Money(quote, "spread_amount")));
        Assert.Equal(("510", "504.9"), (quote.GetProperty("mid_rate").GetString(), quote.GetProperty("rate").GetString()));
        Assert.Equal(100, quote.GetProperty("spread_bps").GetInt32());
        Assert.Equal("open", quote.GetProperty("state").GetString());
        Assert.Equal(TimeSpan.FromSeconds(60), quote.GetProperty("expires_at").GetDateTimeOffset() - quote.GetProperty("created_at").GetDateTimeOffset());
        var again = await http.GetStringAsync("/v1/quotes/" + quote.GetProperty("id").GetString(), Cancel);
        Assert.Equal(await answer.Content.ReadAsStringAsync(Cancel), again);
    }

    [Fact]
    public async Task A_quote_for_what_is_wanted_credits_at_least_that()
    {
        var http = (await SignedIn.AsAsync(app)).Http;
        var quote = await CreateAsync(http, Want("100.00", "KZT", "USD"));
        Assert.Equal(("0.20", "100.98"), (Money(quote, "source_amount"), Money(quote, "target_amount")));
        quote = await CreateAsync(http, Want("1.00", "USD", "KZT"));
        Assert.Equal(("515.16", "1.00"), (Money(quote, "source_amount"), Money(quote, "target_amount")));
    }

    public static TheoryData<string, string> Malformed =>
        new()
        {
            { "source_amount", """{"from":"USD","to":"KZT"}""" },
            {
                "source_amount",
                """{"from":"USD","to":"KZT","source_amount":{"amount":"1.00","currency":"USD"},"target_amount":{"amount":"1.00","currency":"KZT"}}"""
            },
            { "source_amount", """{"from":"USD","to":"KZT","source_amount":{"amount":"1.00","currency":"EUR"}}""" },
            { "target_amount", """{"from":"USD","to":"KZT","target_amount":{"amount":"1.00","currency":"EUR"}}""" },
            { "source_amount", """{"from":"USD","to":"KZT","source_amount":{"amount":"1.001","currency":"USD"}}""" },
            { "source_amount", """{"from":"USD","to":"KZT","source_amount":{"amount":1,"currency":"USD"}}""" },
            { "to", """{"from":"USD","to":"XXX","source_amount":{"amount":"1.00","currency":"USD"}}""" },
        };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task Malformed_requests_name_the_field(string field, string body)
    {
        var http = (await SignedIn.AsAsync(app)).Http;
        var answer = await http.PostAsync("/v1/quotes", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Cancel);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal((400, "invalid_request"), ((int)answer.StatusCode, problem.GetProperty("code").GetString()));
        Assert.StartsWith(field, problem.GetProperty("errors").EnumerateObject().Single().Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_converted_is_refused()
    {
        var http = (await SignedIn.AsAsync(app)).Http;
        await AssertRefusedAsync(FxRefusals.AmountTooSmall, await http.PostAsJsonAsync("/v1/quotes", Give("3.00", "KZT", "USD"), Cancel));
        await AssertRefusedAsync(LedgerRefusals.AmountOutOfRange, await http.PostAsJsonAsync("/v1/quotes", Give("0.00", "KZT", "USD"), Cancel));
        await AssertRefusedAsync(LedgerRefusals.AmountOutOfRange, await http.PostAsJsonAsync("/v1/quotes", Give("10000000000000.00", "USD", "KZT"), Cancel));
        await AssertRefusedAsync(FxRefusals.SameCurrency, await http.PostAsJsonAsync("/v1/quotes", Give("3.00", "KZT", "KZT"), Cancel));
        await AssertRefusedAsync(FxRefusals.CurrencyNotSupported, await http.PostAsJsonAsync("/v1/quotes", Give("3", "JPY", "KZT"), Cancel));
    }

    [Fact]
    public async Task A_quote_is_its_owners_alone()
    {
        var alice = (await SignedIn.AsAsync(app)).Http;
        var bob = (await SignedIn.AsAsync(app)).Http;
        var address = "/v1/quotes/" + (await CreateAsync(alice, Give("1.00", "USD", "KZT"))).GetProperty("id").GetString();
        await AssertRefusedAsync(PlatformRefusals.NotFound, await bob.GetAsync(address, Cancel));
        await AssertRefusedAsync(PlatformRefusals.NotFound, await alice.GetAsync("/v1/quotes/" + Ids.Show("quo", Ids.New()), Cancel));
        await AssertRefusedAsync(PlatformRefusals.NotFound, await alice.GetAsync("/v1/quotes/nonsense", Cancel));
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.GetAsync(address, Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.PostAsJsonAsync("/v1/quotes", Give("1.00", "USD", "KZT"), Cancel)).StatusCode);
    }

    [Fact]
    public async Task One_idempotency_key_makes_one_quote()
    {
        var http = (await SignedIn.AsAsync(app)).Http;
        http.DefaultRequestHeaders.Add(Idempotency.Header, "once");
        var first = await http.PostAsJsonAsync("/v1/quotes", Give("1.00", "USD", "KZT"), Cancel);
        var again = await http.PostAsJsonAsync("/v1/quotes", Give("1.00", "USD", "KZT"), Cancel);
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(Cancel), await again.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        await AssertRefusedAsync(PlatformRefusals.IdempotencyKeyReused, await http.PostAsJsonAsync("/v1/quotes", Give("2.00", "USD", "KZT"), Cancel));
    }

    [Fact]
    public async Task An_expired_quote_can_be_seen_and_not_used()
    {
        var http = (await SignedIn.AsAsync(app)).Http;
        var (person, id) = await OwnedAsync(http, Give("1.00", "USD", "KZT"));
        var quotes = app.Get<Quotes>();
        var found = await quotes.FindAsync(person, id, Cancel);
        app.Clock.Wind(TimeSpan.FromSeconds(61));
        Assert.Equal("expired", (await http.GetFromJsonAsync<JsonElement>("/v1/quotes/" + Ids.Show("quo", id), Cancel)).GetProperty("state").GetString());
        Assert.Same(FxRefusals.QuoteExpired, (await Assert.ThrowsAsync<Refusal>(() => quotes.FindAsync(person, id, Cancel))).Reason);
        await Assert.ThrowsAsync<Refusal>(() => CommitAsync(quotes.Use(found, Ids.New())));
        Assert.Equal("open", await app.Database.ScalarAsync<string>("select state from fx.quotes where id = $1", id));
    }

    [Fact]
    public async Task A_quote_is_used_once_however_many_try()
    {
        var http = (await SignedIn.AsAsync(app)).Http;
        var (person, id) = await OwnedAsync(http, Give("1.00", "USD", "KZT"));
        var quotes = app.Get<Quotes>();
        var quote = await quotes.FindAsync(person, id, Cancel);
        Assert.Equal(new Amount(504_90, Currency.Of("KZT")), quote.Conversion.Credited);
        var outcomes = await Task.WhenAll(
            Enumerable
                .Range(0, 50)
                .Select(async _ =>
                {
                    try
                    {
                        await CommitAsync(quotes.Use(quote, Ids.New()));
                        return null;
                    }
                    catch (Refusal refusal)
                    {
                        return refusal.Reason;
                    }
                })
        );
        Assert.Single(outcomes, outcome => outcome is null);
        Assert.Equal(49, outcomes.Count(outcome => outcome == FxRefusals.QuoteUsed));
        Assert.Same(FxRefusals.QuoteUsed, (await Assert.ThrowsAsync<Refusal>(() => quotes.FindAsync(person, id, Cancel))).Reason);
        Assert.Equal("used", (await http.GetFromJsonAsync<JsonElement>("/v1/quotes/" + Ids.Show("quo", id), Cancel)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Anothers_quote_cannot_be_used()
    {
        var http = (await SignedIn.AsAsync(app)).Http;
        var (_, id) = await OwnedAsync(http, Give("1.00", "USD", "KZT"));
        Assert.Same(PlatformRefusals.NotFound, (await Assert.ThrowsAsync<Refusal>(() => app.Get<Quotes>().FindAsync(Ids.New(), id, Cancel))).Reason);
    }

    [Fact]
    public async Task The_current_rate_needs_no_quote()
    {
        var conversion = await app.Get<Quotes>().AtCurrentRateAsync(new Amount(100_00, Currency.Of("EUR")), Currency.Of("KZT"), Cancel);
        // 510 / 0.92 = 554.347826086956521739…, less one per cent
        Assert.Equal(54_880_43, conversion.Credited.Minor);
        Assert.Equal(100_00, conversion.Cost + conversion.Spread + conversion.Remainder);
    }

    [Fact]
    public async Task The_fixed_table_never_goes_stale()
    {
        app.Clock.Wind(TimeSpan.FromDays(400));
        var http = (await SignedIn.AsAsync(app)).Http;
        await CreateAsync(http, Give("1.00", "USD", "BDT"));
        var rates = await app.Http.GetFromJsonAsync<JsonElement>("/v1/rates?base=BDT", Cancel);
        Assert.All(rates.GetProperty("data").EnumerateArray(), line => Assert.Equal("fixed", line.GetProperty("source").GetString()));
        Assert.Equal(3, rates.GetProperty("data").GetArrayLength());
        Assert.Equal(HttpStatusCode.BadRequest, (await app.Http.GetAsync("/v1/rates?base=nope", Cancel)).StatusCode);
    }

    [Fact]
    public async Task Old_quotes_that_nobody_used_are_forgotten()
    {
        var http = (await SignedIn.AsAsync(app)).Http;
        var (person, used) = await OwnedAsync(http, Give("1.00", "USD", "KZT"));
        var quotes = app.Get<Quotes>();
        await CommitAsync(quotes.Use(await quotes.FindAsync(person, used, Cancel), Ids.New()));
        var (_, open) = await OwnedAsync(http, Give("1.00", "USD", "KZT"));
        app.Clock.Wind(TimeSpan.FromDays(6));
        await DeleteOldQuotes.Job.RunAsync(app.Services, Cancel);
        Assert.Equal(2L, await app.Database.ScalarAsync<long>("select count(*) from fx.quotes where id in ($1, $2)", used, open));
        app.Clock.Wind(TimeSpan.FromDays(2));
        await DeleteOldQuotes.Job.RunAsync(app.Services, Cancel);
        Assert.Equal(used, await app.Database.ScalarAsync<Guid>("select id from fx.quotes where id in ($1, $2)", used, open));
    }

    private static object Give(string amount, string from, string to) =>
        new
        {
            from,
            to,
            source_amount = new { amount, currency = from },
        };

    private static object Want(string amount, string to, string from) =>
        new
        {
            from,
            to,
            target_amount = new { amount, currency = to },
        };

    private static string? Money(JsonElement quote, string name) => quote.GetProperty(name).GetProperty("amount").GetString();

    private static async Task<JsonElement> CreateAsync(HttpClient http, object request)
    {
        var answer = await http.PostAsJsonAsync("/v1/quotes", request, Cancel);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }

    private static async Task AssertRefusedAsync(RefusalCode expected, HttpResponseMessage answer)
    {
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal((expected.Code, expected.Status), (problem.GetProperty("code").GetString(), (int)answer.StatusCode));
    }

    private async Task<(Guid Person, Guid Id)> OwnedAsync(HttpClient http, object request)
    {
        Assert.True(Ids.TryRead("quo", (await CreateAsync(http, request)).GetProperty("id").GetString(), out var id));
        return (await app.Database.ScalarAsync<Guid>("select person from fx.quotes where id = $1", id), id);
    }

    private Task<LedgerReceipt> CommitAsync(RowChange change)
    {
        var commit = new LedgerCommit();
        commit.Rows.Add(change);
        return app.Get<GeneralLedger>().CommitAsync(commit);
    }
}
