using System.Text.Json;
using Florin.Payments;
using Florin.Platform;
using Florin.Tests.Wallets;

namespace Florin.Tests.Payments;

/// <summary>Every gateway × every purpose × every end, with books and states after each.</summary>
public abstract partial class GatewayMatrixTests<TDriver> : IClassFixture<GatewayAndApp<TDriver>>, IAsyncLifetime
    where TDriver : GatewayDriver, new()
{
    private const string Currency = GatewayAndApp<TDriver>.Currency;
    private readonly GatewayAndApp<TDriver> both;
    private readonly TDriver gateway;
    private readonly FlorinApp app;
    private (long Charges, decimal Refunded, long Held) before;

    protected GatewayMatrixTests(GatewayAndApp<TDriver> both)
    {
        this.both = both;
        gateway = both.Gateway;
        app = both.App;
    }

    public static TheoryData<string> Purposes => new("sale", "top_up");

    public async ValueTask InitializeAsync()
    {
        gateway.CannotCancel = false;
        before = (await gateway.CountChargesAsync(), await gateway.SumRefundedAsync(), await both.HeldAsync());
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(Purposes))]
    public async Task A_payer_who_pays_completes_it_once_however_often_the_gateway_says_so(string purpose)
    {
        var (bill, attempt, credited) = await BeginAsync(purpose);
        Assert.Equal("processing", await bill.StateAsync());
        await gateway.SucceedAsync(attempt);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => gateway.CallBackAsync(attempt)));
        await AskAsync();
        Assert.Equal("completed", await bill.StateAsync());
        Assert.Equal("succeeded", await bill.AttemptsAsync());
        Assert.Equal("100.00", await credited());
        Assert.Equal("created processing completed", await bill.EventsAsync());
        await EndAsync();
    }

    [Theory]
    [MemberData(nameof(Purposes))]
    public async Task A_declined_card_fails_the_attempt_and_not_the_payment(string purpose)
    {
        var (bill, attempt, credited) = await BeginAsync(purpose);
        await gateway.DeclineAsync(attempt);
        await gateway.CallBackAsync(attempt);
        if (await bill.AttemptsAsync() is "live")
        {
            return; // the gateway lets the payer try another card
        }

        Assert.Equal("failed", await bill.AttemptsAsync());
        Assert.Equal("pending", await bill.StateAsync());
        var again = await PayAsync(bill);
        await gateway.SucceedAsync(again);
        await gateway.CallBackAsync(again);
        Assert.Equal("failed succeeded", await bill.AttemptsAsync());
        Assert.Equal("100.00", await credited());
        await EndAsync();
    }

    [Theory]
    [MemberData(nameof(Purposes))]
    public async Task A_payer_who_turns_back_can_pay_otherwise(string purpose)
    {
        var (bill, attempt, credited) = await BeginAsync(purpose);
        await gateway.TurnBackAsync(attempt);
        Assert.Equal("pending", await bill.StateAsync());
        Assert.DoesNotContain("live", await bill.AttemptsAsync(), StringComparison.Ordinal);
        Assert.Equal("0.00", await credited());
        await EndAsync();
    }

    [Theory]
    [MemberData(nameof(Purposes))]
    public async Task A_lost_callback_is_found_by_asking(string purpose)
    {
        var (bill, attempt, credited) = await BeginAsync(purpose);
        await gateway.SucceedAsync(attempt);
        await AskAsync();
        Assert.Equal("completed", await bill.StateAsync());
        Assert.Equal("100.00", await credited());
        await gateway.CallBackAsync(attempt); // and comes all the same
        Assert.Equal("100.00", await credited());
        await EndAsync();
    }

    [Theory]
    [MemberData(nameof(Purposes))]
    public async Task Money_that_comes_after_expiry_goes_to_suspense_and_back(string purpose)
    {
        var (bill, attempt, credited) = await BeginAsync(purpose);
        app.Clock.Wind(TimeSpan.FromMinutes(30) + ExpirePayments.Grace + TimeSpan.FromSeconds(1));
        gateway.CannotCancel = true;
        await app.Get<ExpirePayments>().RunAsync(CancellationToken.None);
        Assert.Equal("expired", await bill.StateAsync());
        await gateway.SucceedAsync(attempt);
        await gateway.CallBackAsync(attempt);
        await gateway.CallBackAsync(attempt);
        Assert.Equal("expired", await bill.StateAsync());
        Assert.Equal("late", await bill.AttemptsAsync());
        Assert.Equal("0.00", await credited());
        Assert.Equal(1, await bill.CountAsync("refunds"));
        await SettleLateAsync(bill);
        await EndAsync();
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select coalesce(sum(balance), 0)::bigint from ledger.accounts where kind = 'suspense'"));
        Assert.Equal(before.Held, await both.HeldAsync());
    }

    [Theory]
    [MemberData(nameof(Purposes))]
    public async Task Card_and_cash_cannot_both_collect(string purpose)
    {
        var (bill, attempt, credited) = await BeginAsync(purpose);
        gateway.CannotCancel = true;
        var till = await Till.OpenAsync(app);
        if (purpose is "sale")
        {
            (await bill.PayAsync(merchant!.Again(), """{"method":"cash"}""")).Must(200);
        }
        else
        {
            var rich = await (await Customer.NewAsync(app)).OpenAsync(Currency, "100.00");
            (await (await till.AskAsync("100.00", Currency)).PayAsync(rich)).Must(200);
            (await bill.PayAsync(till.Merchant, $$"""{"method":"cash","shop":"{{till.Shop}}"}""")).Must(200);
        }

        Assert.Equal("completed", await bill.StateAsync());
        await gateway.SucceedAsync(attempt);
        await gateway.CallBackAsync(attempt);
        Assert.Equal("late succeeded", await bill.AttemptsAsync());
        Assert.Equal(purpose is "sale" ? "0.00" : "100.00", await credited());
        await SettleLateAsync(bill);
        await EndAsync();
    }

    [Theory]
    [MemberData(nameof(Purposes))]
    public async Task A_gateway_that_was_faster_than_cash_wins(string purpose)
    {
        var (bill, attempt, credited) = await BeginAsync(purpose);
        await gateway.SucceedAsync(attempt);
        var payee = purpose is "sale" ? merchant! : null;
        if (payee is not null)
        {
            (await bill.PayAsync(payee, """{"method":"cash"}""")).MustRefuse(409, "payment_already_paid");
        }
        else
        {
            await AskAsync();
        }

        Assert.Equal("completed", await bill.StateAsync());
        Assert.Equal("100.00", await credited());
        await EndAsync();
    }

    [Theory]
    [MemberData(nameof(Purposes))]
    public async Task A_forged_callback_has_no_effect(string purpose)
    {
        var (bill, attempt, credited) = await BeginAsync(purpose);
        await gateway.ForgeAsync(attempt);
        Assert.Equal("processing", await bill.StateAsync());
        Assert.Equal("0.00", await credited());
        await EndAsync();
    }

    [Theory]
    [MemberData(nameof(Purposes))]
    public async Task A_callback_with_another_amount_is_not_believed(string purpose)
    {
        var (bill, attempt, credited) = await BeginAsync(purpose);
        await gateway.SucceedAsync(attempt);
        await gateway.CallBackAsync(attempt, amount: "1.00");
        Assert.Equal("completed", await bill.StateAsync());
        Assert.Equal("100.00", await credited());
        await EndAsync();
    }

    [Theory]
    [MemberData(nameof(Purposes))]
    public async Task A_gateway_that_took_another_amount_does_not_pay_and_the_money_goes_back(string purpose)
    {
        var (bill, attempt, credited) = await BeginAsync(purpose);
        if (!await gateway.SucceedWithAsync(attempt, "99.00"))
        {
            return; // our own gateway cannot do that
        }

        await gateway.CallBackAsync(attempt);
        await AskAsync();
        Assert.NotEqual("completed", await bill.StateAsync());
        Assert.Equal("0.00", await credited());
        if (await bill.AttemptsAsync() is "late")
        {
            await SettleLateAsync(bill);
            Assert.Equal("pending", await bill.StateAsync());
        }

        await EndAsync();
    }

    [Theory]
    [MemberData(nameof(Purposes))]
    public async Task Fifty_reports_at_once_on_two_servers_book_once(string purpose)
    {
        await using var second = await app.SecondServerAsync();
        var (bill, attempt, credited) = await BeginAsync(purpose);
        await gateway.SucceedAsync(attempt);
        await Task.WhenAll(
            Enumerable.Range(0, 50).Select(i => (i % 2 == 0 ? app : second).Get<Settlement>().AskAsync(attempt, TestContext.Current.CancellationToken))
        );
        Assert.Equal("completed", await bill.StateAsync());
        Assert.Equal("100.00", await credited());
        Assert.Equal("created processing completed", await bill.EventsAsync());
        await EndAsync();
    }

    [Theory]
    [MemberData(nameof(Purposes))]
    public async Task A_gateway_whose_answer_is_lost_is_not_charged_twice(string purpose)
    {
        gateway.LoseNextAnswer();
        var (bill, attempt, credited) = await BeginAsync(purpose);
        Assert.Equal("live", await bill.AttemptsAsync());
        await AskAsync();
        await gateway.SucceedAsync(attempt);
        await AskAsync();
        Assert.Equal("completed", await bill.StateAsync());
        Assert.Equal("100.00", await credited());
        Assert.Equal(before.Charges + 1, await gateway.CountChargesAsync());
        await EndAsync();
    }

    [Fact]
    public async Task A_refund_of_a_sale_goes_back_the_way_that_the_gateway_allows_and_never_twice()
    {
        var (bill, attempt, credited) = await BeginAsync("sale");
        await gateway.SucceedAsync(attempt);
        await gateway.CallBackAsync(attempt);
        var body = """{"amount":{"amount":"60.00","currency":"BDT"}}""";
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => merchant!.Again().PostAsync($"/v1/payments/{bill.Id}/refunds", body)));
        var refund = Assert.Single(answers, answer => answer.Status == 201).Must(201);
        Assert.Equal("40.00", await credited());
        if (gateway.PaysBack)
        {
            Assert.Equal("gateway", refund.Text("destination"));
            await SendRefundsAsync();
            Assert.Equal("6000", await RefundedAsync(bill));
            Assert.Equal(before.Refunded + 60.00m, await gateway.SumRefundedAsync());
        }
        else
        {
            Assert.Equal("wallet", refund.Text("destination"));
            Assert.Equal("60.00", await Again(payer!).BalanceAsync());
        }

        Assert.Equal("partially_refunded", await bill.StateAsync());
        await EndAsync();
    }

    [Fact]
    public async Task A_refund_whose_answer_is_lost_is_made_once()
    {
        if (!gateway.PaysBack)
        {
            return;
        }

        var (bill, attempt, credited) = await BeginAsync("sale");
        await gateway.SucceedAsync(attempt);
        await gateway.CallBackAsync(attempt);
        gateway.LoseNextAnswer();
        (await merchant!.Again().PostAsync($"/v1/payments/{bill.Id}/refunds", "{}")).Must(201);
        await SendRefundsAsync();
        Assert.Equal("refunded", await bill.StateAsync());
        Assert.Equal(before.Refunded + 100.00m, await gateway.SumRefundedAsync());
        Assert.Equal("0.00", await credited());
        await EndAsync();
    }

    [Fact]
    public async Task Ten_declined_attempts_end_a_payment()
    {
        var (bill, first, _) = await BeginAsync("sale");
        var attempt = first;
        for (var i = 0; i < 10; i++)
        {
            await gateway.DeclineAsync(attempt);
            await gateway.CallBackAsync(attempt);
            if (await bill.AttemptsAsync() is "live")
            {
                return; // such a gateway counts by itself
            }

            if (i < 9)
            {
                attempt = await PayAsync(bill);
            }
        }

        Assert.Equal("failed", await bill.StateAsync());
        (await bill.PayAsync(payer!.Owner, gateway.Body)).MustRefuse(409, "payment_not_payable");
        await EndAsync();
    }

    private Customer? merchant;
    private Purse? payer;

    private async Task<(Bill Bill, Guid Attempt, Func<Task<string>> Credited)> BeginAsync(string purpose)
    {
        payer = await (await Customer.NewAsync(app)).OpenAsync(Currency);
        Bill bill;
        Func<Task<string>> credited;
        if (purpose is "sale")
        {
            var till = await Till.OpenAsync(app);
            merchant = till.Merchant;
            bill = await till.AskAsync("100.00", Currency);
            credited = () => till.SettlementAsync(Currency);
        }
        else
        {
            bill = await Bill.TopUpAsync(app, payer, "100.00");
            credited = () => Again(payer).BalanceAsync();
        }

        return (bill, await PayAsync(bill), credited);
    }

    private async Task<Guid> PayAsync(Bill bill)
    {
        var answer = (await bill.PayAsync(payer!.Owner.Again(), gateway.Body)).Must(202);
        return Ids.Read("att", answer.Text("attempt.id"));
    }

    private static Purse Again(Purse wallet) => wallet with { Owner = wallet.Owner.Again() };

    /// <summary>The schedule's next turn.</summary>
    private async Task AskAsync()
    {
        app.Clock.Wind(TimeSpan.FromMinutes(11));
        await AskGateways.RunAsync(app.Services, TestContext.Current.CancellationToken);
    }

    private async Task SendRefundsAsync()
    {
        app.Clock.Wind(TimeSpan.FromMinutes(70));
        await app.Get<RefundSending>().RunAsync(TestContext.Current.CancellationToken);
    }

    private async Task<string> RefundedAsync(Bill bill) =>
        (await app.Database.ScalarAsync<long>("select refunded from payments.payments where id = $1", bill.Key)).ToString(
            System.Globalization.CultureInfo.InvariantCulture
        );

    // By itself where the gateway can; by staff where it cannot.
    private async Task SettleLateAsync(Bill bill)
    {
        if (!gateway.PaysBack)
        {
            var finance = await Customer.NewAsync(app, roles: [Roles.Finance]);
            var late = Assert.Single((await finance.GetAsync("/v1/refunds?state=pending&late=true")).Must(200).At("data").EnumerateArray());
            Assert.Equal(bill.Id, late.Text("payment"));
            Assert.Equal("manual", late.Text("destination"));
            var settle = """{"outcome":"completed","reference":"bank 4711"}""";
            (await finance.PostAsync($"/v1/refunds/{late.Text("id")}/settle", """{"outcome":"failed","reference":"x"}""")).MustRefuse(409, "refund_not_manual");
            var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => finance.PostAsync($"/v1/refunds/{late.Text("id")}/settle", settle)));
            Assert.Single(answers, answer => answer.Status == 200);
        }

        Assert.Equal(
            "completed",
            await app.Database.ScalarAsync<string>("select state from payments.refunds where payment_id = $1 and reason = 'late_money'", bill.Key)
        );
    }

    private async Task EndAsync()
    {
        Assert.Empty(gateway.Faults);
        await Books.CheckAsync(app);
    }
}
