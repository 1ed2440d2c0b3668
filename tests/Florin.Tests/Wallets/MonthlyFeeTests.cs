using Florin.Money;
using Florin.Tests.Ledger;
using Florin.Wallets;

namespace Florin.Tests.Wallets;

/// <summary>Each test has its own clock and database, since a run charges every wallet that is due.</summary>
public sealed class MonthlyFeeTests : IAsyncLifetime
{
    private static readonly TimeSpan Period = TimeSpan.FromDays(30);

    private readonly FlorinApp app = new();

    public async ValueTask InitializeAsync() => await app.InitializeAsync();

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task The_first_thirty_days_cost_nothing_and_then_a_fee_is_taken_once()
    {
        var purse = await (await Customer.NewAsync(app)).OpenAsync("KZT", "1000.00");
        await RunAsync(app);
        app.Clock.Wind(Period - TimeSpan.FromMinutes(5));
        await RunAsync(app);
        Assert.Equal(1000_00, await BalanceAsync(purse));
        app.Clock.Wind(TimeSpan.FromMinutes(5));
        await RunAsync(app);
        await RunAsync(app);
        Assert.Equal(800_00, await BalanceAsync(purse));
        Assert.Equal(200_00, await RevenueAsync("KZT"));
        Assert.Equal(1, await CountAsync("wallets.fee_charged", purse));
        await Book.CheckCleanAsync(app);
    }

    [Fact]
    public async Task Twelve_months_of_daily_runs_charge_exactly_twelve_fees()
    {
        var purse = await (await Customer.NewAsync(app)).OpenAsync("KZT", "10000.00");
        for (var day = 0; day < 12 * 30; day++)
        {
            app.Clock.Wind(TimeSpan.FromDays(1));
            await RunAsync(app);
        }

        Assert.Equal(10_000_00 - (12 * 200_00), await BalanceAsync(purse));
        Assert.Equal(12, await FeesAsync(purse));
        Assert.Equal(12, await CountAsync("wallets.fee_charged", purse));
    }

    [Fact]
    public async Task A_year_without_a_run_is_caught_up_period_by_period()
    {
        var purse = await (await Customer.NewAsync(app)).OpenAsync("KZT", "10000.00");
        var due = await DueAsync(purse);
        app.Clock.Wind(Period * 12);
        await RunAsync(app);
        Assert.Equal(12, await FeesAsync(purse));
        Assert.Equal(10_000_00 - (12 * 200_00), await BalanceAsync(purse));
        Assert.Equal(due + (Period * 12), await DueAsync(purse));
    }

    [Fact]
    public async Task Two_servers_at_once_charge_each_period_once()
    {
        await using var second = await app.SecondServerAsync();
        var purses = new List<Purse>();
        for (var i = 0; i < 20; i++)
        {
            purses.Add(await (await Customer.NewAsync(app)).OpenAsync("KZT", "1000.00"));
        }

        app.Clock.Wind(Period * 3);
        await Task.WhenAll(RunAsync(app), RunAsync(second), RunAsync(app), RunAsync(second));
        // A server that met the other at a wallet left the rest of its periods to it.
        await RunAsync(app);
        foreach (var purse in purses)
        {
            Assert.Equal(3, await FeesAsync(purse));
            Assert.Equal(400_00, await BalanceAsync(purse));
        }

        Assert.Equal(20 * 600_00, await RevenueAsync("KZT"));
        await Book.CheckCleanAsync(app);
    }

    [Fact]
    public async Task Short_money_blocks_the_wallet_until_exactly_what_is_owed_comes_in()
    {
        var purse = await (await Customer.NewAsync(app)).OpenAsync("KZT", "150.00");
        var other = await (await Customer.NewAsync(app)).OpenAsync("KZT");
        app.Clock.Wind(Period);
        await RunAsync(app);
        purse = purse with { Owner = purse.Owner.Again() };
        var blocked = await purse.ShowAsync();
        Assert.Equal("true", blocked.Text("blocked"));
        Assert.Equal("fee_owed", blocked.Text("blocked_reason"));
        Assert.Equal("200.00", blocked.Text("arrears.amount"));
        Assert.Equal("150.00", blocked.Text("balance.amount"));
        Assert.Equal(1, await CountAsync("wallets.fee_owed", purse));
        (await purse.WithdrawAsync("1.00")).MustRefuse(409, "wallet_blocked");
        (await purse.SendAsync(other, "1.00")).MustRefuse(409, "wallet_blocked");

        Assert.Equal("199.99", (await purse.DepositAsync("49.99")).Must(201).Text("balance.amount"));
        Assert.Equal("true", (await purse.ShowAsync()).Text("blocked"));
        Assert.Equal("0.00", (await purse.DepositAsync("0.01")).Must(201).Text("balance.amount"));
        var free = await purse.ShowAsync();
        Assert.Equal("false", free.Text("blocked"));
        Assert.Equal("0.00", free.Text("arrears.amount"));
        Assert.Equal(200_00, await RevenueAsync("KZT"));
        Assert.Equal(1, await CountAsync("wallets.fee_charged", purse));
        var entries = (await purse.Owner.GetAsync(purse.Path + "/entries")).Must(200).At("data");
        Assert.Equal("fee", entries[0].Text("kind"));
        Assert.Equal(entries[1].Text("posted_at"), entries[0].Text("posted_at"));
        await Book.CheckCleanAsync(app);
    }

    [Fact]
    public async Task Months_owed_add_up_and_an_incoming_transfer_pays_them_all()
    {
        var purse = await (await Customer.NewAsync(app)).OpenAsync("KZT");
        app.Clock.Wind(Period * 2);
        var rich = await (await Customer.NewAsync(app)).OpenAsync("KZT", "5000.00");
        await RunAsync(app);
        app.Clock.Wind(Period);
        await RunAsync(app);
        rich = rich with { Owner = rich.Owner.Again() };
        purse = purse with { Owner = purse.Owner.Again() };
        Assert.Equal("600.00", (await purse.ShowAsync()).Text("arrears.amount"));
        (await rich.SendAsync(purse, "599.99")).Must(201);
        Assert.Equal("true", (await purse.ShowAsync()).Text("blocked"));
        (await rich.SendAsync(purse, "10.01")).Must(201);
        Assert.Equal("false", (await purse.ShowAsync()).Text("blocked"));
        Assert.Equal("10.00", await purse.BalanceAsync());
        Assert.Equal(1, await CountAsync("wallets.fee_charged", purse));
        Assert.Equal(3, await CountAsync("wallets.fee_owed", purse));
    }

    [Fact]
    public async Task Other_currencies_pay_what_it_is_worth_rounded_half_to_even()
    {
        var ada = await Customer.NewAsync(app);
        var usd = await ada.OpenAsync("USD", "10.00");
        var eur = await ada.OpenAsync("EUR", "10.00");
        app.Clock.Wind(Period);
        await RunAsync(app);
        Assert.Equal(10_00 - 39, await BalanceAsync(usd)); // 200 / 510 = 0.3922
        Assert.Equal(10_00 - 36, await BalanceAsync(eur)); // 200 × 0.92 / 510 = 0.3608
        Assert.Equal(39, await RevenueAsync("USD"));
    }

    [Fact]
    public async Task A_currency_can_have_a_fee_of_its_own_and_none_at_all()
    {
        await using var own = new FlorinApp { Settings = { ["FLORIN_FEE_USD"] = "0.50", ["FLORIN_FEE_EUR"] = "0" } };
        await own.InitializeAsync();
        var ada = await Customer.NewAsync(own);
        var usd = await ada.OpenAsync("USD", "10.00");
        var eur = await ada.OpenAsync("EUR", "10.00");
        own.Clock.Wind(Period);
        await RunAsync(own);
        ada = ada.Again();
        Assert.Equal("9.50", await (usd with { Owner = ada }).BalanceAsync());
        Assert.Equal("10.00", await (eur with { Owner = ada }).BalanceAsync());
    }

    [Fact]
    public async Task A_conversion_that_fails_stops_nobody_elses_fee_and_is_caught_up()
    {
        // A provider that never answered: no rate is known but a currency's to itself.
        await using var broken = new FlorinApp { Settings = { ["FLORIN_FX_URL"] = "http://127.0.0.1:9" } };
        await broken.InitializeAsync();
        var ada = await Customer.NewAsync(broken);
        var usd = await ada.OpenAsync("USD", "10.00");
        var kzt = await ada.OpenAsync("KZT", "1000.00");
        broken.Clock.Wind(Period);
        await RunAsync(broken);
        ada = ada.Again();
        Assert.Equal("10.00", await (usd with { Owner = ada }).BalanceAsync());
        Assert.Equal("800.00", await (kzt with { Owner = ada }).BalanceAsync());

        await broken.Database.ScalarAsync<int>(
            "insert into fx.rates (base, quote, rate, fetched_at, source) values ('USD', 'KZT', 500, $1, 'test'), ('USD', 'USD', 1, $1, 'test')",
            broken.Clock.GetUtcNow().UtcDateTime
        );
        await using var healed = await broken.SecondServerAsync();
        await RunAsync(healed);
        Assert.Equal("9.60", await (usd with { Owner = ada }).BalanceAsync());
        Assert.Equal("800.00", await (kzt with { Owner = ada }).BalanceAsync());
    }

    [Fact]
    public async Task A_frozen_or_closed_wallet_stops_nobody_elses_fee()
    {
        var ada = await Customer.NewAsync(app);
        var closed = await ada.OpenAsync("KZT");
        (await ada.SendAsync(HttpMethod.Delete, closed.Path)).Must(204);
        var open = await (await Customer.NewAsync(app)).OpenAsync("KZT", "1000.00");
        app.Clock.Wind(Period);
        await RunAsync(app);
        Assert.Equal(800_00, await BalanceAsync(open));
        Assert.Equal(0, await FeesAsync(closed));
    }

    private static Task RunAsync(FlorinApp at) => MonthlyFee.Job.RunAsync(at.Services, TestContext.Current.CancellationToken);

    private Task<long> BalanceAsync(Purse purse) =>
        app.Database.ScalarAsync<long>(
            "select balance from ledger.accounts where id = (select account_id from wallets.wallets where number = $1)",
            purse.Number
        );

    private Task<long> FeesAsync(Purse purse) =>
        app.Database.ScalarAsync<long>(
            "select count(*) from ledger.entries e join ledger.postings p on p.id = e.posting_id "
                + "where p.kind = 'fee' and e.account_id = (select account_id from wallets.wallets where number = $1)",
            purse.Number
        );

    private Task<long> CountAsync(string topic, Purse purse) =>
        app.Database.ScalarAsync<long>("select count(*) from platform.outbox where topic = $1 and aggregate = $2", topic, purse.Key);

    private Task<long> RevenueAsync(string currency) =>
        app.Database.ScalarAsync<long>("select balance from ledger.accounts where code = $1", "fee_revenue:" + currency);

    private async Task<DateTime> DueAsync(Purse purse) =>
        await app.Database.ScalarAsync<DateTime>("select fee_next_due_at from wallets.wallets where number = $1", purse.Number);
}
