using Florin.Bench;
using Florin.Gateways.AamarPay;
using Florin.Money;
using Florin.Payments;

namespace Florin.Tests.Gateways;

public sealed class AamarPayGatewayTests : IClassFixture<AamarPayApp>
{
    private readonly FlorinApp app;
    private readonly AamarPayServer aamarPay;

    public AamarPayGatewayTests(AamarPayApp fixture)
    {
        app = fixture.App;
        aamarPay = fixture.AamarPay;
        aamarPay.Reset();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private AamarPayGateway Gateway => app.Get<AamarPayGateway>();

    [Fact]
    public async Task A_charge_leads_the_payer_to_the_gateway_s_page_and_is_captured_by_its_check()
    {
        var charge = GatewayRig.Charge("100.50", "BDT");
        Assert.True(Gateway.Offers(charge.Payment));
        Assert.False(Gateway.Offers(GatewayRig.Charge("1.00", "USD").Payment)); // the store takes BDT alone
        var started = await Gateway.StartAsync(charge, Cancel);
        var theirs = Assert.Single(aamarPay.Charges);
        Assert.Equal((ChargeState.Waiting, "redirect"), (started.State, started.Next!.Type));
        Assert.Equal($"{aamarPay.Url}/paynow.php?track={theirs.Number}", started.Next.Url);
        Assert.Equal("100.50", theirs.Fields["amount"]);
        Assert.Equal($"https://pay.example.org/v1/gateways/aamarpay/{charge.Attempt:N}/success", theirs.Fields["success_url"]);

        Assert.Equal(ChargeState.Waiting, (await Gateway.InquireAsync(charge, Cancel)).State);
        aamarPay.Become(charge.Attempt, "Successful");
        var paid = await Gateway.InquireAsync(charge, Cancel);
        Assert.Equal((ChargeState.Captured, charge.Amount, theirs.Number), (paid.State, paid.Captured, paid.Reference));
        Assert.Empty(aamarPay.Faults);
    }

    [Theory]
    [InlineData("Successful", "2", ChargeState.Captured)]
    [InlineData("Successful", "7", ChargeState.Waiting)] // it contradicts itself
    [InlineData("Failed", "7", ChargeState.Failed)]
    [InlineData("Expired", "0", ChargeState.Failed)]
    [InlineData("Cancelled", "0", ChargeState.Cancelled)]
    [InlineData("Pending", "0", ChargeState.Waiting)]
    [InlineData("Something new", "9", ChargeState.Waiting)]
    public async Task Every_status_has_its_meaning(string status, string code, ChargeState state)
    {
        var charge = await StartedAsync();
        aamarPay.Become(charge.Attempt, status, code);
        Assert.Equal(state, (await Gateway.InquireAsync(charge, Cancel)).State);
        Assert.Equal(state, (await Gateway.CancelAsync(charge, Cancel)).State); // there is no call to cancel: what holds is said
    }

    [Theory]
    [InlineData("100", "100.00")]
    [InlineData("100.5", "100.50")]
    [InlineData("99.9900", "99.99")]
    public async Task The_amount_is_reported_as_the_gateway_says_it(string theirs, string read)
    {
        var charge = await StartedAsync();
        aamarPay.Become(charge.Attempt, "Successful").Amount = theirs;
        Assert.Equal(GatewayRig.Money(read, "BDT"), (await Gateway.InquireAsync(charge, Cancel)).Captured);
    }

    [Fact]
    public async Task Another_s_number_or_store_is_not_believed()
    {
        var charge = await StartedAsync();
        var theirs = aamarPay.Become(charge.Attempt, "Successful");
        theirs.MerchantNumber = Guid.NewGuid().ToString("N");
        Assert.Equal(ChargeState.Unknown, (await Gateway.InquireAsync(charge, Cancel)).State);
        theirs.MerchantNumber = charge.Attempt.ToString("N");
        theirs.Store = "another";
        Assert.Equal(ChargeState.Unknown, (await Gateway.InquireAsync(charge, Cancel)).State);
        theirs.Store = AamarPayServer.StoreId;
        theirs.Amount = "1.005";
        Assert.Equal(ChargeState.Unknown, (await Gateway.InquireAsync(charge, Cancel)).State);
        theirs.Amount = "1.00";
        theirs.Currency = "USD";
        Assert.Equal(GatewayRig.Money("1.00", "USD"), (await Gateway.InquireAsync(charge, Cancel)).Captured); // whoever asks compares
    }

    [Theory]
    [InlineData("""{"status":"Invalid","msg":"No transaction found"}""", ChargeState.Waiting, ChargeState.Failed)]
    [InlineData("Invalid store id", ChargeState.Unknown, ChargeState.Unknown)]
    [InlineData("<html>maintenance</html>", ChargeState.Unknown, ChargeState.Unknown)]
    [InlineData("", ChargeState.Unknown, ChargeState.Unknown)]
    public async Task A_number_that_is_not_known_waits_for_a_day(string answer, ChargeState today, ChargeState tomorrow)
    {
        aamarPay.NotFound = answer;
        var charge = GatewayRig.Charge("10.00", "BDT");
        Assert.Equal(today, (await Gateway.InquireAsync(charge, Cancel)).State);
        Assert.Equal(tomorrow, (await Gateway.InquireAsync(charge with { StartedAt = charge.StartedAt.AddHours(-25) }, Cancel)).State);
    }

    [Fact]
    public async Task A_start_whose_answer_is_lost_is_unknown_and_begun_once_more_it_is_not_failed()
    {
        aamarPay.Moods.CutNext(Stage.After);
        var charge = GatewayRig.Charge("10.00", "BDT");
        Assert.Equal(ChargeState.Unknown, (await Gateway.StartAsync(charge, Cancel)).State);
        Assert.Single(aamarPay.Charges);
        Assert.Equal(ChargeState.Waiting, (await Gateway.StartAsync(charge, Cancel)).State); // refused as a duplicate, and therefore looked up
        aamarPay.Become(charge.Attempt, "Successful");
        Assert.Equal(ChargeState.Captured, (await Gateway.StartAsync(charge, Cancel)).State);
        Assert.Empty(aamarPay.Faults);
    }

    [Fact]
    public async Task A_refused_start_fails_with_the_gateway_s_words()
    {
        aamarPay.Moods.AnswerNext(Stage.Before, 200, """{"result":"false","reason":"Currency is not allowed"}""");
        var report = await Gateway.StartAsync(GatewayRig.Charge("10.00", "BDT"), Cancel);
        Assert.Equal((ChargeState.Failed, "Currency is not allowed"), (report.State, report.FailureText));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(302)]
    public async Task A_check_that_is_not_answered_is_unknown(int status)
    {
        var charge = await StartedAsync();
        for (var i = 0; i < 3; i++)
        {
            aamarPay.Moods.AnswerNext(Stage.Before, status);
        }

        Assert.Equal(ChargeState.Unknown, (await Gateway.InquireAsync(charge, Cancel)).State);
    }

    [Fact]
    public async Task A_payer_without_a_phone_is_told_what_is_missing()
    {
        var charge = GatewayRig.Charge("10.00", "BDT") with { Contact = new PayerContact("Rahim", "rahim@example.org", null) };
        var report = await Gateway.StartAsync(charge, Cancel);
        Assert.Equal((ChargeState.Failed, "payer_details_missing"), (report.State, report.FailureCode));
        Assert.Empty(aamarPay.Charges);
    }

    [Fact]
    public async Task It_cannot_pay_back()
    {
        Assert.Null(Gateway.RefundStep(Currency.Of("BDT")));
        Assert.Equal(RefundState.Failed, (await Gateway.RefundAsync(GatewayRig.Refund(await StartedAsync(), "1.00"), Cancel)).State);
    }

    private async Task<GatewayCharge> StartedAsync()
    {
        var charge = GatewayRig.Charge("100.00", "BDT");
        await Gateway.StartAsync(charge, Cancel);
        return charge;
    }
}
