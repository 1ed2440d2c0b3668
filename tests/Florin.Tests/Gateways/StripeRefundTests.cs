using Florin.Bench;
using Florin.Gateways.Stripe;
using Florin.Payments;

namespace Florin.Tests.Gateways;

public sealed class StripeRefundTests : IClassFixture<StripeApp>
{
    private readonly FlorinApp app;
    private readonly StripeServer stripe;

    public StripeRefundTests(StripeApp fixture)
    {
        app = fixture.App;
        stripe = fixture.Stripe;
        stripe.Reset();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private StripeGateway Gateway => app.Get<StripeGateway>();

    [Theory]
    [InlineData(RefundReasons.Duplicate, "duplicate")]
    [InlineData(RefundReasons.Fraudulent, "fraudulent")]
    [InlineData(RefundReasons.CustomerRequest, "requested_by_customer")]
    [InlineData(RefundReasons.SystemError, "requested_by_customer")]
    [InlineData(RefundReasons.Late, "requested_by_customer")]
    public async Task A_refund_goes_back_with_a_reason_that_stripe_knows(string reason, string theirs)
    {
        var charge = await PaidAsync();
        var report = await Gateway.RefundAsync(GatewayRig.Refund(charge, "2.34", reason), Cancel);
        var refund = Assert.Single(stripe.Refunds);
        Assert.Equal((RefundState.Completed, refund.Id), (report.State, report.Reference));
        Assert.Equal((theirs, 234L), (refund.Reason, refund.Amount));
        Assert.Empty(stripe.Faults);
    }

    [Theory]
    [InlineData("pending", RefundState.Pending)]
    [InlineData("requires_action", RefundState.Pending)]
    [InlineData("succeeded", RefundState.Completed)]
    [InlineData("failed", RefundState.Failed)]
    [InlineData("canceled", RefundState.Failed)]
    [InlineData("something_new", RefundState.Unknown)]
    public async Task Every_status_of_a_refund_has_its_meaning(string status, RefundState state)
    {
        var charge = await PaidAsync();
        stripe.RefundStatus = status;
        var refund = GatewayRig.Refund(charge, "1.00");
        var report = await Gateway.RefundAsync(refund, Cancel);
        Assert.Equal(state, report.State);
        Assert.Equal(report, await Gateway.InquireRefundAsync(refund with { Reference = report.Reference }, Cancel));
        Assert.Equal(report, await Gateway.InquireRefundAsync(refund, Cancel)); // found without a reference too
    }

    [Fact]
    public async Task A_refund_whose_answer_is_lost_is_unknown_and_found_afterwards_even_when_its_key_is_forgotten()
    {
        var charge = await PaidAsync();
        var refund = GatewayRig.Refund(charge, "5.00");
        stripe.Moods.AnswerNext(Stage.Before, 200, """{"data":[]}"""); // nothing there yet
        for (var i = 0; i < 3; i++)
        {
            stripe.Moods.CutNext(Stage.After);
        }

        Assert.Equal(RefundState.Unknown, (await Gateway.RefundAsync(refund, Cancel)).State);
        Assert.Single(stripe.Refunds);
        stripe.ForgetKeys();
        Assert.Equal(RefundState.Completed, (await Gateway.RefundAsync(refund, Cancel)).State);
        Assert.Single(stripe.Refunds); // the control: without looking first there would be two
        Assert.Empty(stripe.Faults);
    }

    [Fact]
    public async Task Nothing_is_sent_where_it_cannot_be_looked_first()
    {
        var charge = await PaidAsync();
        for (var i = 0; i < 3; i++)
        {
            stripe.Moods.AnswerNext(Stage.Before, 500);
        }

        Assert.Equal(RefundState.Unknown, (await Gateway.RefundAsync(GatewayRig.Refund(charge, "1.00"), Cancel)).State);
        Assert.Empty(stripe.Refunds);
    }

    [Fact]
    public async Task A_refund_that_is_not_there_is_unknown_and_not_failed()
    {
        var charge = await PaidAsync();
        Assert.Equal(RefundState.Unknown, (await Gateway.InquireRefundAsync(GatewayRig.Refund(charge, "1.00"), Cancel)).State);
    }

    [Fact]
    public async Task More_than_was_captured_is_refused_for_good()
    {
        var charge = await PaidAsync();
        Assert.Equal(RefundState.Completed, (await Gateway.RefundAsync(GatewayRig.Refund(charge, "12.00"), Cancel)).State);
        var report = await Gateway.RefundAsync(GatewayRig.Refund(charge, "0.35"), Cancel);
        Assert.Equal((RefundState.Failed, "charge_already_refunded"), (report.State, report.FailureText));
    }

    private async Task<GatewayCharge> PaidAsync()
    {
        var charge = GatewayRig.Charge();
        charge = charge with { Reference = (await Gateway.StartAsync(charge, Cancel)).Reference };
        stripe.Succeed(charge.Attempt);
        return charge;
    }
}
