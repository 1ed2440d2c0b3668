using Florin.Platform;
using Florin.Tests.Wallets;

namespace Florin.Tests.Payments;

public sealed class CashAndFeeTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task Cash_for_a_sale_goes_into_the_drawer_and_credits_no_account()
    {
        var till = await Till.OpenAsync(app);
        var bill = await till.AskAsync("5.00");
        (await till.CashAsync(bill)).Must(200);
        Assert.Equal("5.00", await till.DrawerAsync());
        Assert.Equal("0.00", await till.SettlementAsync());
        (await till.CashAsync(bill)).MustRefuse(409, "payment_not_payable");
        (await till.RefundAsync(bill, "2.00")).Must(201);
        Assert.Equal("3.00", await till.DrawerAsync());
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task Only_the_shops_people_say_that_they_took_cash()
    {
        var till = await Till.OpenAsync(app);
        var other = await Till.OpenAsync(app);
        var payer = await Customer.NewAsync(app);
        var bill = await till.AskAsync("5.00");
        (await bill.PayAsync(payer, """{"method":"cash"}""")).MustRefuse(403, "forbidden");
        (await bill.PayAsync(other.Merchant, """{"method":"cash"}""")).MustRefuse(403, "forbidden");
        (await bill.PayAsync(other.Merchant, $$"""{"method":"cash","shop":"{{other.Shop}}"}""")).MustRefuse(403, "forbidden");

        var cashier = await Customer.NewAsync(app, roles: [Roles.Cashier]);
        await app.Database.ScalarAsync<int>("insert into shops.members values ($1, $2, now())", Ids.Read("shp", till.Shop), cashier.Id);
        (await bill.PayAsync(cashier, """{"method":"cash"}""")).Must(200);
        (await cashier.PostAsync($"/v1/payments/{bill.Id}/refunds", "{}")).MustRefuse(403, "forbidden");
    }

    [Fact]
    public async Task Cash_for_a_top_up_is_paid_by_the_shop_which_keeps_the_notes_and_refused_where_it_is_short()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "30.00");
        (await (await till.AskAsync("10.00")).PayAsync(payer)).Must(200);
        var cash = $$"""{"method":"cash","shop":"{{till.Shop}}"}""";

        var large = await Bill.TopUpAsync(app, payer, "10.01");
        (await large.PayAsync(till.Merchant, cash)).MustRefuse(402, "insufficient_funds");
        Assert.Equal("pending", await large.StateAsync());

        var small = await Bill.TopUpAsync(app, payer, "4.00");
        (await small.PayAsync(payer.Owner, cash)).MustRefuse(403, "forbidden");
        (await small.PayAsync(till.Merchant, """{"method":"cash"}""")).MustRefuse(400, "invalid_request");
        (await small.PayAsync(till.Merchant, cash)).Must(200);
        Assert.Equal("24.00", await payer.BalanceAsync());
        Assert.Equal("6.00", await till.SettlementAsync());
        Assert.Equal("4.00", await till.DrawerAsync());
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task A_plan_takes_its_share_and_its_fixed_sum_in_the_same_commit_and_a_later_change_does_not_touch_it()
    {
        var admin = await Customer.NewAsync(app, roles: [Roles.Admin]);
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "100.00");
        var plan = "p" + Guid.NewGuid().ToString("N")[..8];
        (
            await admin.SendAsync(
                HttpMethod.Put,
                "/v1/shop-plans/" + plan,
                """{"percent_bps":250,"fixed":[{"amount":"0.30","currency":"USD"},{"amount":"100.00","currency":"KZT"}]}"""
            )
        ).Must(200);
        (await till.Merchant.SendAsync(HttpMethod.Put, $"/v1/shops/{till.Shop}/plan", $$"""{"plan":"{{plan}}"}""")).MustRefuse(403, "forbidden");
        (await admin.SendAsync(HttpMethod.Put, $"/v1/shops/{till.Shop}/plan", """{"plan":"none"}""")).MustRefuse(422, "unknown_plan");
        (await admin.SendAsync(HttpMethod.Put, $"/v1/shops/{till.Shop}/plan", $$"""{"plan":"{{plan}}"}""")).Must(200);

        var revenue = await RevenueAsync();
        var bill = await till.AskAsync("10.01");
        (await admin.SendAsync(HttpMethod.Put, "/v1/shop-plans/" + plan, """{"percent_bps":5000}""")).Must(200);
        (await bill.PayAsync(payer)).Must(200);
        Assert.Equal(revenue + 55, await RevenueAsync()); // 2.5 % of 10.01 is 0.25, and 0.30
        Assert.Equal("9.46", await till.SettlementAsync());
        Assert.Equal("89.99", await payer.BalanceAsync());

        (await till.CashAsync(await till.AskAsync("10.00"))).Must(200);
        Assert.Equal(revenue + 55, await RevenueAsync()); // cash never passes through the house
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task A_fee_never_takes_more_than_the_sale()
    {
        var admin = await Customer.NewAsync(app, roles: [Roles.Admin]);
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "1.00");
        var plan = "p" + Guid.NewGuid().ToString("N")[..8];
        (await admin.SendAsync(HttpMethod.Put, "/v1/shop-plans/" + plan, """{"percent_bps":100,"fixed":[{"amount":"5.00","currency":"USD"}]}""")).Must(200);
        (await admin.SendAsync(HttpMethod.Put, $"/v1/shops/{till.Shop}/plan", $$"""{"plan":"{{plan}}"}""")).Must(200);
        (await (await till.AskAsync("0.20")).PayAsync(payer)).Must(200);
        Assert.Equal("0.00", await till.SettlementAsync());
        await Books.CheckAsync(app);
    }

    private Task<long> RevenueAsync() =>
        app.Database.ScalarAsync<long>("select coalesce(sum(balance), 0)::bigint from ledger.accounts where code = 'fee_revenue:USD'");
}
