using Florin.Bench;
using Florin.Gateways.Stripe;
using Florin.Payments;
using Florin.Tests.Payments;
using Customer = Florin.Tests.Wallets.Customer;

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

    // docs.stripe.com/currencies: what Stripe counts otherwise than ISO 4217, and amounts that it cannot say.
    [Theory]
    [InlineData("UGX", "5", 500, "2", 200, null, null)]
    [InlineData("ISK", "7", 700, "7", 700, null, null)]
    [InlineData("JPY", "500", 500, "1", 1, null, null)]
    [InlineData("MGA", "12.00", 12, "5.00", 5, "12.20", "0.50")]
    [InlineData("KWD", "5.120", 5120, "1.010", 1010, "5.124", "1.001")]
    public async Task An_amount_is_charged_and_paid_back_exactly_or_refused_before_anything_moves(
        string currency,
        string amount,
        long units,
        string part,
        long partUnits,
        string? tooFine,
        string? partTooFine
    )
    {
        var till = await Till.OpenAsync(app);
        var payer = await Customer.NewAsync(app);
        if (tooFine is not null)
        {
            var unsayable = await till.AskAsync(tooFine, currency);
            (await unsayable.PayAsync(payer, """{"method":"stripe"}""")).MustRefuse(422, "method_not_offered");
            Assert.Empty(stripe.Charges);
        }

        var bill = await till.AskAsync(amount, currency);
        (await bill.PayAsync(payer, """{"method":"stripe"}""")).Must(202);
        var intent = Assert.Single(stripe.Charges);
        Assert.Equal((units, currency.ToLowerInvariant()), (intent.Amount, intent.Currency));
        var attempt = Guid.ParseExact(intent.Metadata["attempt"], "N");
        stripe.Succeed(attempt);
        await app.Get<Settlement>().AskAsync(attempt, Cancel);
        Assert.Equal("completed", await bill.StateAsync());
        var taken = await till.SettlementAsync(currency);
        if (partTooFine is not null)
        {
            (await till.RefundAsync(bill, partTooFine)).MustRefuse(422, "refund_not_in_steps");
            Assert.Equal((taken, 0), (await till.SettlementAsync(currency), await bill.CountAsync("refunds")));
        }

        (await till.RefundAsync(bill, part)).Must(201);
        Assert.Equal(partUnits, Assert.Single(stripe.Refunds).Amount);
        Assert.Empty(stripe.Faults);
    }

    private async Task<GatewayCharge> PaidAsync()
    {
        var charge = GatewayRig.Charge();
        charge = charge with { Reference = (await Gateway.StartAsync(charge, Cancel)).Reference };
        stripe.Succeed(charge.Attempt);
        return charge;
    }
}
