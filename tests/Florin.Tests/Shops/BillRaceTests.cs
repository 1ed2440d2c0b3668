using Florin.Tests.Payments;
using Florin.Tests.Wallets;

namespace Florin.Tests.Shops;

/// <summary>R5: whatever happens to one bill at one moment, it is paid once or not at all, and the books are exact.</summary>
public sealed class BillRaceTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task Of_fifty_payments_by_wallet_one_pays()
    {
        var desk = await Desk.OpenAsync(app);
        var customer = await desk.CustomerAsync("500.00");
        var bill = await desk.BillAsync(customer.Owner, "5.00");
        OneOf(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => bill.PayAsync(customer))));
        Assert.Equal(("495.00", "5.00"), (await customer.BalanceAsync(), await desk.HoldsAsync("settlement")));
        Assert.Equal("created completed", await bill.Payment.EventsAsync());
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task Of_fifty_clicks_on_cash_one_fills_the_drawer()
    {
        var desk = await Desk.OpenAsync(app);
        var (customer, cashier) = (await desk.CustomerAsync(), await desk.CashierAsync());
        var bill = await desk.BillAsync(customer.Owner, "5.00");
        OneOf(await Task.WhenAll(Enumerable.Range(0, 50).Select(i => bill.CashAsync(i % 2 == 0 ? desk.Owner : cashier))));
        Assert.Equal(("5.00", "0.00"), (await desk.HoldsAsync("drawer"), await desk.HoldsAsync("settlement")));
        Assert.Equal("created completed", await bill.Payment.EventsAsync());
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task Of_cash_wallet_and_cancelling_at_once_one_happens()
    {
        for (var round = 0; round < 5; round++)
        {
            var desk = await Desk.OpenAsync(app);
            var customer = await desk.CustomerAsync("500.00");
            var bill = await desk.BillAsync(customer.Owner, "5.00");
            var paying = Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? bill.PayAsync(customer) : bill.CashAsync(desk.Owner)).ToList();
            var cancelling = Enumerable.Range(0, 10).Select(_ => bill.CancelAsync(desk.Owner)).ToList();
            var (paid, cancelled) = (await Task.WhenAll(paying), await Task.WhenAll(cancelling));
            var state = await bill.Payment.StateAsync();
            if (state is "cancelled")
            {
                // Who finds it cancelled has what they wanted; nobody has paid.
                Assert.All(paid, answer => answer.MustRefuse(409, "payment_not_payable"));
                Assert.All(cancelled, answer => answer.Must(200));
            }
            else
            {
                OneOf(paid);
                Assert.All(cancelled, answer => answer.MustRefuse(409, "payment_already_paid"));
            }

            var balances = (await customer.BalanceAsync(), await desk.HoldsAsync("settlement"), await desk.HoldsAsync("drawer"));
            Assert.Contains(balances, state is "cancelled" ? [("500.00", "0.00", "0.00")] : new[] { ("495.00", "5.00", "0.00"), ("500.00", "0.00", "5.00") });
        }

        await Books.CheckAsync(app);
    }

    private static void OneOf(Answered[] answers)
    {
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => answer.MustRefuse(409, "payment_not_payable"));
    }
}
