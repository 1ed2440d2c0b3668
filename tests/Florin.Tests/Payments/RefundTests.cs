using Florin.Payments;
using Florin.Platform;
using Florin.Tests.Wallets;

namespace Florin.Tests.Payments;

public sealed class RefundTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task Parts_go_back_to_the_wallet_until_all_is_back_and_never_more()
    {
        var (till, payer, bill) = await PaidAsync("10.00");
        var first = (await till.RefundAsync(bill, "4.00")).Must(201);
        Assert.Equal("completed", first.Text("state"));
        Assert.Equal("wallet", first.Text("destination"));
        Assert.Equal("partially_refunded", await bill.StateAsync());
        (await till.RefundAsync(bill, "6.01")).MustRefuse(409, "refund_too_large");
        (await till.RefundAsync(bill, "0.00")).MustRefuse(400, "amount_out_of_range");
        (await till.RefundAsync(bill)).Must(201);
        Assert.Equal("refunded", await bill.StateAsync());
        (await till.RefundAsync(bill, "0.01")).MustRefuse(409, "payment_not_refundable");
        Assert.Equal("10.00", await payer.BalanceAsync());
        Assert.Equal("0.00", await till.SettlementAsync());
        Assert.Equal("created completed refunded refunded", await bill.EventsAsync());
        Assert.Equal(2, (await payer.Owner.GetAsync($"/v1/payments/{bill.Id}/refunds")).Must(200).At("data").GetArrayLength());
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task The_same_key_refunds_once()
    {
        var (till, payer, bill) = await PaidAsync("10.00");
        var key = Customer.NewKey();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => till.RefundAsync(bill, key: key)));
        Assert.All(answers, answer => answer.Must(201));
        Assert.All(answers, answer => Assert.Equal(answers[0].Bytes, answer.Bytes));
        Assert.Equal("10.00", await payer.BalanceAsync());
        Assert.Equal(1, await bill.CountAsync("refunds"));
    }

    [Fact]
    public async Task Of_fifty_refunds_at_once_on_two_servers_no_more_goes_back_than_was_paid()
    {
        await using var second = await app.SecondServerAsync();
        var (till, payer, bill) = await PaidAsync("10.00");
        var elsewhere = till.Merchant.At(second);
        var body = """{"amount":{"amount":"3.00","currency":"USD"},"reason":"customer_request"}""";
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(i => (i % 2 == 0 ? till.Merchant : elsewhere).PostAsync($"/v1/payments/{bill.Id}/refunds", body))
        );
        Assert.Equal(3, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer => Assert.True(answer.MustRefuseAny() is "refund_too_large" or "already_done"));
        Assert.Equal("9.00", await payer.BalanceAsync());
        Assert.Equal("1.00", await till.SettlementAsync());
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task A_shop_that_spent_the_money_cannot_pay_it_back()
    {
        var (till, payer, bill) = await PaidAsync("10.00");
        var topUp = await Bill.TopUpAsync(app, payer, "10.00");
        (await topUp.PayAsync(till.Merchant, $$"""{"method":"cash","shop":"{{till.Shop}}"}""")).Must(200);
        (await till.RefundAsync(bill)).MustRefuse(402, "insufficient_funds");
        Assert.Equal("completed", await bill.StateAsync());
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task What_is_not_paid_or_not_theirs_cannot_be_refunded()
    {
        var (till, payer, bill) = await PaidAsync("10.00");
        (await till.RefundAsync(await till.AskAsync("1.00"))).MustRefuse(409, "payment_not_refundable");
        (await payer.Owner.PostAsync($"/v1/payments/{bill.Id}/refunds", "{}")).MustRefuse(403, "forbidden");
        var other = await Till.OpenAsync(app);
        (await other.RefundAsync(bill)).MustRefuse(404, "not_found");
        (await till.Merchant.PostAsync($"/v1/payments/{bill.Id}/refunds", """{"amount":{"amount":"1.00","currency":"EUR"}}""")).MustRefuse(
            422,
            "currency_mismatch"
        );
        (await till.Merchant.PostAsync($"/v1/payments/{bill.Id}/refunds", """{"reason":"bored"}""")).MustRefuse(400, "invalid_request");
        var finance = await Customer.NewAsync(app, roles: [Roles.Finance]);
        (await finance.PostAsync($"/v1/payments/{bill.Id}/refunds", "{}")).Must(201);
    }

    [Fact]
    public async Task A_deposit_is_a_top_up_that_finance_can_pay_back_through_the_gateway()
    {
        var wallet = await (await Customer.NewAsync(app)).OpenAsync("USD");
        var deposited = (await wallet.DepositAsync("10.00")).Must(201);
        var payment = deposited.Text("payment");
        var shown = (await wallet.Owner.GetAsync("/v1/payments/" + payment)).Must(200);
        Assert.Equal("top_up", shown.Text("purpose"));
        Assert.Equal("completed", shown.Text("state"));
        Assert.Equal("sandbox", shown.Text("method"));
        (await wallet.Owner.PostAsync($"/v1/payments/{payment}/refunds", "{}")).MustRefuse(403, "forbidden");

        var finance = await Customer.NewAsync(app, roles: [Roles.Finance]);
        var refund = (await finance.PostAsync($"/v1/payments/{payment}/refunds", """{"amount":{"amount":"4.00","currency":"USD"}}""")).Must(201);
        Assert.Equal("gateway", refund.Text("destination"));
        Assert.Equal("6.00", await wallet.BalanceAsync());
        Assert.Equal(
            "completed",
            await app.Database.ScalarAsync<string>("select state from payments.refunds where id = $1", Ids.Read("ref", refund.Text("id")))
        );
        (await finance.PostAsync($"/v1/payments/{payment}/refunds", """{"amount":{"amount":"6.01","currency":"USD"}}""")).MustRefuse(409, "refund_too_large");
        await Books.CheckAsync(app);
    }

    [Theory]
    [InlineData(1_000_000, 3, 7)]
    [InlineData(3, 1_000_000, 7)]
    [InlineData(999_983, 1_000_003, 11)]
    [InlineData(1, 100, 13)]
    public void Parts_of_what_was_taken_add_up_to_all_of_it_in_whatever_parts(long taken, long amount, int seed)
    {
        var chance = (uint)seed;
        for (var round = 0; round < 50; round++)
        {
            long given = 0;
            for (long before = 0; before < amount; )
            {
                chance = (chance * 1_664_525) + 1_013_904_223; // Numerical Recipes' generator: the same parts every time
                var part = 1 + (chance % Math.Min(amount - before, Math.Max(1, amount / 5)));
                var order = Order(taken, amount, part, before);
                Assert.InRange(order.PartOfTaken().Minor, 0, taken - given);
                given += order.PartOfTaken().Minor;
                before += part;
            }

            Assert.Equal(taken, given);
        }
    }

    private static RefundOrder Order(long taken, long amount, long part, long before)
    {
        var usd = Florin.Money.Currency.Of("USD");
        var kzt = Florin.Money.Currency.Of("KZT");
        var fact = new PaymentFact(
            Guid.Empty,
            "sale",
            new(amount, usd),
            0,
            Guid.Empty,
            Guid.Empty,
            "",
            1,
            null,
            "",
            "{}",
            null,
            null,
            "{}",
            Guid.Empty,
            default,
            default
        );
        return new RefundOrder(fact, null, null, new(taken, kzt), new(part, usd), new(before, usd));
    }

    private async Task<(Till Till, Purse Payer, Bill Bill)> PaidAsync(string amount)
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", amount);
        var bill = await till.AskAsync(amount);
        (await bill.PayAsync(payer)).Must(200);
        return (till, payer, bill);
    }
}
