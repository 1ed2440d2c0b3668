using Florin.Platform;
using Florin.Tests.Payments;
using Florin.Tests.Wallets;
using Florin.Wallets;

namespace Florin.Tests.Shops;

/// <summary>What people at a till cannot do with the money and the PINs of others.</summary>
public sealed class TillSafetyTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private const string Pin = "4071";

    [Fact]
    public async Task A_cashier_does_not_pay_themself_out_of_the_shops_account_by_claiming_cash()
    {
        var desk = await SoldAsync("50.00");
        var cashier = await desk.CashierAsync();
        var purse = await cashier.OpenAsync("USD");
        var own = await Bill.TopUpAsync(app, purse, "10.00");
        (await own.PayAsync(cashier, Cash(desk))).MustRefuse(403, "forbidden");
        (await desk.LimitAsync("20.00")).Must(200);
        (await own.PayAsync(cashier, Cash(desk))).MustRefuse(403, "forbidden");
        Assert.Equal("50.00", await desk.HoldsAsync("settlement"));
        (await own.PayAsync(desk.Owner, Cash(desk))).Must(200);
        Assert.Equal("40.00", await desk.HoldsAsync("settlement"));
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task A_cashier_takes_cash_for_others_up_to_the_limit_and_the_owner_is_told()
    {
        var desk = await SoldAsync("50.00");
        var cashier = await desk.CashierAsync();
        var purse = await (await Customer.NewAsync(app)).OpenAsync("USD");
        (await (await Bill.TopUpAsync(app, purse, "1.00")).PayAsync(cashier, Cash(desk))).MustRefuse(403, "cash_above_limit");
        (await desk.LimitAsync("4.00")).Must(200);
        (await (await Bill.TopUpAsync(app, purse, "4.01")).PayAsync(cashier, Cash(desk))).MustRefuse(403, "cash_above_limit");
        var taken = await Bill.TopUpAsync(app, purse, "4.00");
        (await taken.PayAsync(cashier, Cash(desk))).Must(200);
        Assert.Equal("4.00", await purse.BalanceAsync());
        Assert.Equal(
            1,
            await app.Database.ScalarAsync<long>(
                "select count(*) from activity.entries where action = 'shops.cash_taken' and subject = $1 and actor = $2",
                desk.Owner.Id,
                cashier.Id
            )
        );
        Assert.Equal(
            1,
            await app.Database.ScalarAsync<long>(
                "select count(*) from platform.outbox where topic = 'shops.cash_taken' and aggregate = $1 and $2 = any(audience)",
                taken.Key,
                desk.Owner.Id
            )
        );
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task Who_paid_gives_nothing_back_to_themself_as_cashier_or_finance()
    {
        var desk = await Desk.OpenAsync(app);
        var cashier = await desk.CashierAsync();
        (await desk.LimitAsync("20.00")).Must(200);
        (await Desk.AcceptAsync(cashier, (await desk.LinkAsync(Desk.FreshAddress())).Text("sandbox_code"))).Must(200);
        var purse = await cashier.OpenAsync("USD", "20.00");
        var bill = await desk.BillAsync(cashier, "5.00");
        (await bill.PayAsync(purse)).Must(200);
        (await bill.RefundAsync(cashier, "5.00")).MustRefuse(403, "forbidden");
        (await bill.RefundAsync(cashier.As([Roles.Finance]), "5.00")).MustRefuse(403, "forbidden");
        Assert.Equal("15.00", await purse.BalanceAsync());
        (await bill.RefundAsync(await desk.CashierAsync(), "2.00")).Must(201);
        (await bill.RefundAsync(await Customer.NewAsync(app, roles: [Roles.Finance]), "3.00")).Must(201);
        Assert.Equal("20.00", await purse.BalanceAsync());
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task A_till_has_thirty_wrong_PINs_in_ten_minutes_whosever_they_are()
    {
        var till = await Till.OpenAsync(app);
        var other = await Till.OpenAsync(app);
        var payers = new Purse[8];
        for (var i = 0; i < payers.Length; i++)
        {
            payers[i] = await (await Customer.NewAsync(app, Pin)).OpenAsync("USD", "5.00");
        }

        var bill = await till.AskAsync("1.00", more: ""","expires_in":3600""");
        for (var miss = 0; miss < CardTaps.MostMisses; miss++)
        {
            (await AskPinAsync(till, bill, payers[miss / 5], "9999")).MustRefuse(403, "wrong_pin");
        }

        (await AskPinAsync(till, bill, payers[6], "9999")).MustRefuse(429, "rate_limited");
        (await AskPinAsync(till, bill, payers[6], Pin)).MustRefuse(429, "rate_limited");
        Assert.Equal(0, await app.Database.ScalarAsync<int>("select pin_failures from identity.people where id = $1", payers[6].Owner.Id));
        (await AskPinAsync(other, await other.AskAsync("1.00"), payers[6], Pin)).Must(200);
        app.Clock.Wind(CardTaps.MissesCount);
        (await AskPinAsync(till, bill, payers[7], Pin)).Must(200);
    }

    [Fact]
    public async Task A_closed_account_pays_at_no_till_however_it_is_named()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app, Pin)).OpenAsync("USD", "5.00");
        await app.Database.ScalarAsync<int>("update identity.people set deactivated_at = now() where id = $1", payer.Owner.Id);
        var bill = await till.AskAsync("1.00");
        (await AskPinAsync(till, bill, payer, Pin)).MustRefuse(422, "payer_unknown");
        (await bill.PayAsync(till.Merchant, $$"""{"method":"wallet","payer":"c{{payer.Owner.Id:N}}","pin":"{{Pin}}"}""")).MustRefuse(422, "payer_unknown");
        Assert.Equal("pending", await bill.StateAsync());
    }

    private static string Cash(Desk desk) => $$"""{"method":"cash","shop":"{{desk.Shop}}"}""";

    private static Task<Answered> AskPinAsync(Till till, Bill bill, Purse payer, string pin) =>
        bill.PayAsync(till.Merchant, $$"""{"method":"wallet","payer":"{{payer.Number}}","pin":"{{pin}}"}""");

    private async Task<Desk> SoldAsync(string sales)
    {
        var desk = await Desk.OpenAsync(app);
        var customer = await desk.CustomerAsync(sales);
        (await (await desk.BillAsync(customer.Owner, sales)).PayAsync(customer)).Must(200);
        return desk;
    }
}
