using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Florin.Fx;
using Florin.Platform;
using Florin.Tests.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Florin.Tests.Fx;

/// <summary>Rates from a provider: a server on a database and a provider of its own for each test.</summary>
public sealed class RatesTests : IAsyncLifetime
{
    private ProviderServer provider = null!;
    private FlorinApp app = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        provider = await ProviderServer.StartAsync();
        provider.Rates(""" "EUR":0.9,"KZT":500,"BDT":120 """);
        app = new FlorinApp();
        app.Settings["FLORIN_FX_URL"] = provider.Url;
        app.Settings["FLORIN_FX_TIMEOUT_SECONDS"] = "1";
        app.Settings["FLORIN_PASSWORD_ITERATIONS"] = "1000";
        await app.InitializeAsync();
        await FirstFetchAsync(app);
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        await provider.DisposeAsync();
    }

    [Fact]
    public async Task They_are_fetched_at_the_start_and_anybody_may_look()
    {
        var rates = await ListAsync("USD");
        Assert.Equal("500", rates["KZT"].GetProperty("mid").GetString());
        Assert.Equal("127.0.0.1", rates["KZT"].GetProperty("source").GetString());
        Assert.False(rates["KZT"].GetProperty("stale").GetBoolean());
        Assert.Equal(["BDT", "EUR", "KZT"], rates.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("555.555555555555555555", (await ListAsync("EUR"))["KZT"].GetProperty("mid").GetString());
    }

    [Fact]
    public async Task They_are_read_digit_by_digit_and_never_as_a_double()
    {
        provider.Rates(""" "EUR":0.9,"KZT":500.123456789012,"BDT":1.199999999999e2 """);
        await RefreshAsync();
        var rates = await ListAsync("USD");
        Assert.Equal("500.123456789012", rates["KZT"].GetProperty("mid").GetString());
        Assert.Equal("119.9999999999", rates["BDT"].GetProperty("mid").GetString());
    }

    [Fact]
    public async Task A_request_never_asks_the_provider()
    {
        var calls = provider.Calls;
        app.Get<Rates>().Forget();
        Assert.Equal(HttpStatusCode.Created, (await QuoteAsync()).StatusCode);
        await ListAsync("USD");
        Assert.Equal(calls, provider.Calls);
    }

    [Fact]
    public async Task Too_old_they_are_refused_until_they_are_fetched_again()
    {
        app.Clock.Wind(TimeSpan.FromHours(24) - TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Created, (await QuoteAsync()).StatusCode);
        app.Clock.Wind(TimeSpan.FromMinutes(2));
        await AssertRefusedAsync(FxRefusals.RateStale, await QuoteAsync());
        Assert.True((await ListAsync("USD"))["KZT"].GetProperty("stale").GetBoolean());
        await RefreshAsync();
        Assert.Equal(HttpStatusCode.Created, (await QuoteAsync()).StatusCode);
    }

    public static TheoryData<string> Failures => ["error", "malformed", "cut", "other base", "no rates", "usd is not usd", "hangs", "too much", "elsewhere"];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Where_the_provider_fails_the_old_ones_stay(string failure)
    {
        var calls = provider.Calls;
        provider.Respond = Fail(failure);
        app.Clock.Wind(TimeSpan.FromMinutes(5));
        await RefreshAsync();
        Assert.Equal(calls + 1, provider.Calls);
        Assert.Equal("500", (await ListAsync("USD"))["KZT"].GetProperty("mid").GetString());
        Assert.Equal(HttpStatusCode.Created, (await QuoteAsync()).StatusCode);
    }

    [Fact]
    public async Task Where_the_provider_is_down_the_old_ones_stay()
    {
        await provider.DisposeAsync();
        await RefreshAsync();
        Assert.Equal("500", (await ListAsync("USD"))["KZT"].GetProperty("mid").GetString());
    }

    [Fact]
    public async Task A_rate_that_is_no_sane_number_is_left_out_and_the_old_one_stays()
    {
        provider.Rates(""" "EUR":0.91,"KZT":-3,"BDT":"121","JPY":0,"GBP":1e-30,"CHF":1e20,"XYZ":5 """);
        await RefreshAsync();
        var rates = await ListAsync("USD");
        Assert.Equal("0.91", rates["EUR"].GetProperty("mid").GetString());
        Assert.Equal("500", rates["KZT"].GetProperty("mid").GetString());
        Assert.Equal("120", rates["BDT"].GetProperty("mid").GetString());
        Assert.Equal(4L, await app.Database.ScalarAsync<long>("select count(*) from fx.rates"));
    }

    [Fact]
    public async Task A_currency_that_the_provider_does_not_know_is_refused()
    {
        await using var other = await ProviderServer.StartAsync();
        other.Rates(""" "EUR":0.9 """);
        await using var server = new FlorinApp();
        server.Settings["FLORIN_FX_URL"] = other.Url;
        await server.InitializeAsync();
        await FirstFetchAsync(server);
        await AssertRefusedAsync(FxRefusals.RateUnavailable, await QuoteAsync(server));
    }

    [Fact]
    public async Task A_small_step_is_taken_at_once()
    {
        provider.Rates(""" "EUR":0.9,"KZT":550,"BDT":108 """);
        await RefreshAsync();
        var rates = await ListAsync("USD");
        Assert.Equal("550", rates["KZT"].GetProperty("mid").GetString());
        Assert.Equal("108", rates["BDT"].GetProperty("mid").GetString());
    }

    [Fact]
    public async Task A_jump_is_kept_aside_until_three_fetches_in_a_row_have_brought_it()
    {
        provider.Rates(""" "EUR":0.91,"KZT":600,"BDT":120 """);
        await RefreshAsync();
        provider.Rates(""" "EUR":0.91,"KZT":610,"BDT":120 """);
        await RefreshAsync();
        var rates = await ListAsync("USD");
        Assert.Equal("500", rates["KZT"].GetProperty("mid").GetString());
        Assert.Equal("0.91", rates["EUR"].GetProperty("mid").GetString());
        await RefreshAsync();
        Assert.Equal("610", (await ListAsync("USD"))["KZT"].GetProperty("mid").GetString());
        Assert.Equal(0L, await app.Database.ScalarAsync<long>("select count(*) from fx.suspect_rates"));
    }

    [Theory]
    [InlineData(500)] // back to normal
    [InlineData(50)] // another jump
    public async Task A_jump_that_something_else_interrupts_is_counted_anew(int between)
    {
        foreach (var kzt in new[] { 600, 600, between, 600, 600 })
        {
            provider.Rates($""" "KZT":{kzt} """);
            await RefreshAsync();
            Assert.Equal("500", (await ListAsync("USD"))["KZT"].GetProperty("mid").GetString());
        }

        await RefreshAsync();
        Assert.Equal("600", (await ListAsync("USD"))["KZT"].GetProperty("mid").GetString());
    }

    [Fact]
    public async Task A_rate_that_a_jump_keeps_from_being_renewed_goes_stale()
    {
        app.Clock.Wind(TimeSpan.FromHours(25));
        provider.Rates(""" "EUR":0.9,"KZT":600,"BDT":120 """);
        await RefreshAsync();
        await AssertRefusedAsync(FxRefusals.RateStale, await QuoteAsync());
    }

    [Fact]
    public async Task Finance_staff_may_accept_exactly_the_jump_that_they_saw()
    {
        provider.Rates(""" "KZT":600.5 """);
        await RefreshAsync();
        var finance = (await SignedIn.AsAsync(app, Roles.Finance)).Http;
        var seen = (await finance.GetFromJsonAsync<JsonElement>("/v1/rates/suspects", Cancel)).GetProperty("data")[0];
        Assert.Equal(
            ("KZT", "500", "600.5", 1),
            (
                seen.GetProperty("currency").GetString(),
                seen.GetProperty("in_use").GetString(),
                seen.GetProperty("rate").GetString(),
                seen.GetProperty("times").GetInt32()
            )
        );

        await AssertRefusedAsync(FxRefusals.SuspectRateChanged, await AcceptAsync(finance, "KZT", "601"));
        await AssertRefusedAsync(PlatformRefusals.NotFound, await AcceptAsync(finance, "EUR", "0.9"));
        var answer = await AcceptAsync(finance, "KZT", "600.5");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("500", (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("before").GetString());
        Assert.Equal("600.5", (await ListAsync("USD"))["KZT"].GetProperty("mid").GetString());
        Assert.Equal(1L, await app.Database.ScalarAsync<long>("select count(*) from activity.entries where action = 'fx.rate_accepted' and actor is not null"));
        await AssertRefusedAsync(PlatformRefusals.NotFound, await AcceptAsync(finance, "KZT", "600.5"));
    }

    [Theory]
    [InlineData(Roles.Customer)]
    [InlineData(Roles.Support)]
    [InlineData(Roles.Auditor)]
    [InlineData(Roles.Admin)]
    public async Task Nobody_else_may_accept_a_jump(string role)
    {
        provider.Rates(""" "KZT":600 """);
        await RefreshAsync();
        var http = (await SignedIn.AsAsync(app, role)).Http;
        Assert.Equal(HttpStatusCode.Forbidden, (await AcceptAsync(http, "KZT", "600")).StatusCode);
        Assert.Equal("500", (await ListAsync("USD"))["KZT"].GetProperty("mid").GetString());
    }

    [Fact]
    public async Task A_second_server_uses_what_the_first_has_fetched_and_asks_nobody()
    {
        var calls = provider.Calls;
        await using var second = await app.SecondServerAsync();
        await FirstFetchAsync(second);
        Assert.Equal(calls, provider.Calls);
        Assert.Equal(HttpStatusCode.Created, (await QuoteAsync(second)).StatusCode);
    }

    [Fact]
    public async Task Two_servers_that_fetch_at_once_do_not_break_the_table()
    {
        await using var second = await app.SecondServerAsync();
        await FirstFetchAsync(second);
        provider.Rates(""" "EUR":0.92,"KZT":600,"BDT":121,"GBP":0.8 """);
        await Task.WhenAll(RefreshAsync(), RefreshAsync(second));
        Assert.Equal("500", (await ListAsync("USD"))["KZT"].GetProperty("mid").GetString());
        Assert.Equal("0.92", (await ListAsync("USD"))["EUR"].GetProperty("mid").GetString());
        Assert.InRange(await app.Database.ScalarAsync<int>("select times from fx.suspect_rates where quote = 'KZT'"), 1, 2);
    }

    private static Func<HttpContext, Task> Fail(string failure) =>
        failure switch
        {
            "error" => http => Say(http, 500, """{"base":"USD","rates":{"KZT":501}}"""),
            "malformed" => http => Say(http, 200, "<html>busy</html>"),
            "cut" => http => Say(http, 200, """{"base":"USD","rates":{"KZT":501"""),
            "other base" => http => Say(http, 200, """{"base":"EUR","rates":{"KZT":501}}"""),
            "no rates" => http => Say(http, 200, """{"base":"USD","rates":{}}"""),
            "usd is not usd" => http => Say(http, 200, """{"base":"USD","rates":{"USD":1.1,"KZT":501}}"""),
            "hangs" => http => Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default),
            "too much" => http => Say(http, 200, """{"base":"USD","rates":{"KZT":501}}""" + new string(' ', RateProvider.MaxAnswer)),
            "elsewhere" => http =>
            {
                http.Response.Redirect("/elsewhere");
                return Task.CompletedTask;
            },
            _ => throw new ArgumentOutOfRangeException(nameof(failure)),
        };

    private static Task Say(HttpContext http, int status, string text)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsync(text);
    }

    private static Task FirstFetchAsync(FlorinApp server) => server.Services.GetServices<IHostedService>().OfType<FirstRates>().Single().ExecuteTask!;

    private static Task<HttpResponseMessage> AcceptAsync(HttpClient http, string currency, string rate) =>
        http.PostAsJsonAsync("/v1/rates/accept", new { currency, rate }, Cancel);

    private static async Task AssertRefusedAsync(RefusalCode expected, HttpResponseMessage answer)
    {
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal((expected.Code, expected.Status), (problem.GetProperty("code").GetString(), (int)answer.StatusCode));
    }

    private Task RefreshAsync(FlorinApp? server = null) => RefreshRates.RunAsync((server ?? app).Services, Cancel);

    private async Task<HttpResponseMessage> QuoteAsync(FlorinApp? server = null)
    {
        var http = (await SignedIn.AsAsync(server ?? app)).Http;
        return await http.PostAsJsonAsync(
            "/v1/quotes",
            new
            {
                from = "USD",
                to = "KZT",
                source_amount = new { amount = "1.00", currency = "USD" },
            },
            Cancel
        );
    }

    private async Task<Dictionary<string, JsonElement>> ListAsync(string unit)
    {
        var answer = await app.Http.GetFromJsonAsync<JsonElement>("/v1/rates?base=" + unit, Cancel);
        return answer.GetProperty("data").EnumerateArray().ToDictionary(line => line.GetProperty("currency").GetString()!, StringComparer.Ordinal);
    }
}
