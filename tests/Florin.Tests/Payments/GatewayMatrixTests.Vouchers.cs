using Florin.Tests.Vouchers;
using Florin.Tests.Wallets;

namespace Florin.Tests.Payments;

/// <summary>What a gateway has to do with vouchers.</summary>
public abstract partial class GatewayMatrixTests<TDriver>
{
    [Fact]
    public async Task A_card_buys_the_last_voucher_and_the_money_of_who_came_too_late_goes_back()
    {
        var stand = await VoucherStand.OpenAsync(app, "100.00", Currency, ""","stock":1""");
        payer = await (await Customer.NewAsync(app)).OpenAsync(Currency);
        var (first, late) = (await stand.AskAsync(payer.Owner), await stand.AskAsync(payer.Owner));
        var (quick, slow) = (await PayAsync(first), await PayAsync(late));
        await gateway.SucceedAsync(quick);
        await gateway.CallBackAsync(quick);
        Assert.Equal("completed", await first.StateAsync());
        Assert.Equal("active", Assert.Single(await VoucherStand.OfAsync(payer.Owner, first)).Text("state"));
        await gateway.SucceedAsync(slow);
        await gateway.CallBackAsync(slow);
        Assert.Equal("late", await late.AttemptsAsync());
        Assert.Empty(await VoucherStand.OfAsync(payer.Owner, late));
        await SettleLateAsync(late);
        await VoucherStand.CheckBooksAsync(app);
        await EndAsync();
    }
}
