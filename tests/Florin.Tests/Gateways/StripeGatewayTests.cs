using Florin.Bench;
using Florin.Gateways.Stripe;
using Florin.Payments;

namespace Florin.Tests.Gateways;

public sealed class StripeGatewayTests : IClassFixture<StripeApp>
{
    private readonly FlorinApp app;
    private readonly StripeServer stripe;

    public StripeGatewayTests(StripeApp fixture)
    {
        app = fixture.App;
        stripe = fixture.Stripe;
        stripe.Reset();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private StripeGateway Gateway => app.Get<StripeGateway>();

    [Fact]
    public async Task A_charge_waits_for_the_payer_and_is_captured_when_they_have_paid()
    {
        var charge = GatewayRig.Charge("12.34", "USD");
        Assert.True(Gateway.Offers(charge.Payment));
        var started = await Gateway.StartAsync(charge, Cancel);
        Assert.Equal(ChargeState.Waiting, started.State);
        var intent = Assert.Single(stripe.Charges);
        Assert.Equal((intent.Id, 1234L, "usd"), (started.Reference, intent.Amount, intent.Currency));
        Assert.Equal(new NextAction("stripe", ClientSecret: intent.ClientSecret, PublishableKey: "pk_test_florin"), started.Next);
        Assert.Equal(charge.Payment.Id.ToString("N"), intent.Metadata["payment"]);
        Assert.Equal(charge.Payment.Description, intent.Description);

        charge = charge with { Reference = started.Reference };
        stripe.Succeed(charge.Attempt);
        var paid = await Gateway.InquireAsync(charge, Cancel);
        Assert.Equal((ChargeState.Captured, charge.Amount), (paid.State, paid.Captured));
        Assert.Empty(stripe.Faults);
    }

    [Fact]
    public async Task Another_amount_than_we_asked_for_is_reported_as_it_arrived()
    {
        var charge = await StartedAsync("12.34", "USD");
        stripe.Succeed(charge.Attempt, received: 1000);
        Assert.Equal(GatewayRig.Money("10.00", "USD"), (await Gateway.InquireAsync(charge, Cancel)).Captured);
    }

    [Theory]
    [InlineData("requires_payment_method", ChargeState.Waiting, true)]
    [InlineData("requires_confirmation", ChargeState.Waiting, true)]
    [InlineData("requires_action", ChargeState.Waiting, true)]
    [InlineData("processing", ChargeState.Waiting, false)]
    [InlineData("requires_capture", ChargeState.Waiting, false)]
    [InlineData("canceled", ChargeState.Cancelled, false)]
    [InlineData("something_new", ChargeState.Unknown, false)]
    public async Task Every_status_has_its_meaning(string status, ChargeState state, bool next)
    {
        var charge = await StartedAsync();
        stripe.Become(charge.Attempt, status);
        var report = await Gateway.InquireAsync(charge, Cancel);
        Assert.Equal((state, next, charge.Reference), (report.State, report.Next is not null, report.Reference));
    }

    [Fact]
    public async Task A_declined_card_waits_for_another_one_and_says_why()
    {
        var charge = await StartedAsync();
        stripe.Decline(charge.Attempt, "insufficient_funds");
        var report = await Gateway.InquireAsync(charge, Cancel);
        Assert.Equal((ChargeState.Waiting, "insufficient_funds"), (report.State, report.FailureCode));
        Assert.Equal("Your card has insufficient funds.", report.FailureText);
        Assert.NotNull(report.Next);
    }

    [Theory]
    [InlineData(Stage.Before, 0)]
    [InlineData(Stage.After, 0)]
    [InlineData(Stage.Before, 409)]
    [InlineData(Stage.Before, 429)]
    [InlineData(Stage.Before, 500)]
    [InlineData(Stage.After, 503)]
    public async Task A_start_that_fails_once_is_repeated_with_its_key_and_makes_one_charge(Stage stage, int status)
    {
        Misbehave(stage, status);
        var charge = GatewayRig.Charge();
        var started = await Gateway.StartAsync(charge, Cancel);
        Assert.Equal(ChargeState.Waiting, started.State);
        Assert.Single(stripe.Charges);
        Assert.True(stripe.Moods.Over);
        Assert.All(stripe.Requests, request => Assert.Equal($"POST /v1/payment_intents {charge.Attempt:N}", request));
        Assert.Empty(stripe.Faults);
    }

    [Theory]
    [InlineData(Stage.After, 0)]
    [InlineData(Stage.After, 500)]
    [InlineData(Stage.Before, 429)]
    public async Task A_start_that_keeps_failing_is_unknown_and_is_found_by_its_key_later(Stage stage, int status)
    {
        for (var i = 0; i < 3; i++)
        {
            Misbehave(stage, status);
        }

        var charge = GatewayRig.Charge();
        Assert.Equal(new GatewayReport(ChargeState.Unknown), await Gateway.StartAsync(charge, Cancel));
        var found = await Gateway.InquireAsync(charge, Cancel);
        Assert.Equal((ChargeState.Waiting, Assert.Single(stripe.Charges).Id), (found.State, found.Reference));
    }

    [Fact]
    public async Task A_hanging_server_is_given_up_and_unknown()
    {
        stripe.Moods.HangNext(Stage.After);
        stripe.Moods.HangNext(Stage.After);
        stripe.Moods.HangNext(Stage.After);
        Assert.Equal(ChargeState.Unknown, (await Gateway.StartAsync(GatewayRig.Charge(), Cancel)).State);
        Assert.Single(stripe.Charges);
    }

    [Fact]
    public async Task A_long_retry_after_is_not_waited_for()
    {
        stripe.Moods.AnswerNext(Stage.Before, 429, retryAfter: 3600);
        Assert.Equal(ChargeState.Unknown, (await Gateway.StartAsync(GatewayRig.Charge(), Cancel)).State);
        Assert.Empty(stripe.Charges);
    }

    [Fact]
    public async Task A_start_whose_key_stripe_has_forgotten_is_not_repeated()
    {
        var old = GatewayRig.Charge(startedAt: TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(24));
        var report = await Gateway.InquireAsync(old, Cancel);
        Assert.Equal((ChargeState.Failed, "never_started"), (report.State, report.FailureCode));
        Assert.Empty(stripe.Requests);
    }

    [Theory]
    [InlineData(
        402,
        """{"error":{"type":"card_error","code":"card_declined","decline_code":"lost_card","message":"Declined."}}""",
        ChargeState.Failed,
        "lost_card"
    )]
    [InlineData(400, """{"error":{"type":"invalid_request_error","code":"amount_too_small","message":"Too small."}}""", ChargeState.Failed, "amount_too_small")]
    [InlineData(400, """{"error":{"type":"idempotency_error","message":"Same key."}}""", ChargeState.Unknown, null)]
    [InlineData(401, """{"error":{"type":"invalid_request_error","message":"Invalid API Key."}}""", ChargeState.Failed, "gateway_refuses_us")]
    [InlineData(400, "<html>a proxy</html>", ChargeState.Unknown, null)]
    [InlineData(200, "{}", ChargeState.Unknown, null)]
    [InlineData(200, "{", ChargeState.Unknown, null)]
    public async Task A_refused_start_failed_only_where_stripe_itself_says_so(int status, string body, ChargeState state, string? code)
    {
        stripe.Moods.AnswerNext(Stage.Before, status, body);
        var report = await Gateway.StartAsync(GatewayRig.Charge(), Cancel);
        Assert.Equal((state, code), (report.State, report.FailureCode));
        Assert.DoesNotContain("API Key", report.FailureText ?? "", StringComparison.Ordinal); // not for the payer
    }

    [Theory]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(500)]
    public async Task An_inquiry_that_is_refused_says_nothing_of_the_charge(int status)
    {
        var charge = await StartedAsync();
        for (var i = 0; i < 3; i++)
        {
            stripe.Moods.AnswerNext(Stage.Before, status, """{"error":{"type":"invalid_request_error","code":"resource_missing","message":"x"}}""");
        }

        var report = await Gateway.InquireAsync(charge, Cancel);
        Assert.Equal((ChargeState.Unknown, charge.Reference), (report.State, report.Reference));
    }

    [Fact]
    public async Task Cancelling_stops_a_charge_and_is_safe_to_repeat()
    {
        var charge = await StartedAsync();
        stripe.Moods.CutNext(Stage.Before);
        Assert.Equal(ChargeState.Cancelled, (await Gateway.CancelAsync(charge, Cancel)).State);
        Assert.Equal(ChargeState.Cancelled, (await Gateway.CancelAsync(charge, Cancel)).State);
        Assert.Contains($"POST /v1/payment_intents/{charge.Reference}/cancel {charge.Attempt:N}:cancel", stripe.Requests);
        Assert.Empty(stripe.Faults);
    }

    [Fact]
    public async Task Cancelling_what_was_paid_reports_the_money()
    {
        var charge = await StartedAsync();
        stripe.Succeed(charge.Attempt);
        Assert.Equal(ChargeState.Captured, (await Gateway.CancelAsync(charge, Cancel)).State);
    }

    [Fact]
    public async Task Cancelling_without_a_reference_finds_the_charge_first()
    {
        var charge = await StartedAsync();
        Assert.Equal(ChargeState.Cancelled, (await Gateway.CancelAsync(charge with { Reference = null }, Cancel)).State);
        Assert.Equal("canceled", Assert.Single(stripe.Charges).Status);
    }

    [Fact]
    public async Task An_amount_that_stripe_cannot_say_is_not_offered()
    {
        var charge = GatewayRig.Charge("1.235", "KWD");
        Assert.False(Gateway.Offers(charge.Payment));
        var report = await Gateway.StartAsync(charge, Cancel);
        Assert.Equal((ChargeState.Failed, "amount_not_supported"), (report.State, report.FailureCode));
        Assert.Empty(stripe.Requests);
    }

    private void Misbehave(Stage stage, int status)
    {
        if (status == 0)
        {
            stripe.Moods.CutNext(stage);
        }
        else
        {
            stripe.Moods.AnswerNext(stage, status, "{}", retryAfter: 0);
        }
    }

    private async Task<GatewayCharge> StartedAsync(string amount = "12.34", string currency = "USD")
    {
        var charge = GatewayRig.Charge(amount, currency);
        return charge with { Reference = (await Gateway.StartAsync(charge, Cancel)).Reference };
    }
}
