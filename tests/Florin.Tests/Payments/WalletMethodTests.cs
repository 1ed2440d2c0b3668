using Florin.Identity;
using Florin.Platform;
using Florin.Tests.Wallets;

namespace Florin.Tests.Payments;

public sealed class WalletMethodTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task A_signed_in_payer_pays_from_their_wallet_and_both_see_it()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "20.00");
        var bill = await till.AskAsync("5.00", more: ""","description":"Tea" """);
        var paid = (await bill.PayAsync(payer)).Must(200);
        Assert.Equal("completed", paid.Text("payment.state"));
        Assert.Equal("wallet", paid.Text("payment.method"));
        Assert.Equal("succeeded", paid.Text("attempt.state"));
        Assert.Equal("5.00", paid.Text("attempt.taken.amount"));
        Assert.Equal("15.00", await payer.BalanceAsync());
        Assert.Equal("5.00", await till.SettlementAsync());
        var entry = (await payer.Owner.GetAsync(payer.Path + "/entries")).Must(200).At("data")[0];
        Assert.Equal("sale", entry.Text("kind"));
        Assert.Equal("-5.00", entry.Text("amount.amount"));
        Assert.Equal("Tea", entry.Text("note"));
        Assert.Equal("created completed", await bill.EventsAsync());
        Assert.Equal(
            1,
            await app.Database.ScalarAsync<long>("select count(*) from activity.entries where subject = $1 and action = 'payments.paid'", payer.Owner.Id)
        );
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task The_same_key_pays_once_and_gets_the_same_answer_also_when_the_money_is_gone()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "5.00");
        var bill = await till.AskAsync("5.00");
        var key = Customer.NewKey();
        var first = await bill.PayAsync(payer, key: key);
        var second = await bill.PayAsync(payer, key: key);
        first.Must(200);
        Assert.True(second.Replayed);
        Assert.Equal(first.Bytes, second.Bytes);
        (await bill.PayAsync(payer)).MustRefuse(409, "payment_not_payable");
        Assert.Equal("0.00", await payer.BalanceAsync());
        Assert.Equal(1, await bill.CountAsync("attempts"));
    }

    [Fact]
    public async Task Of_fifty_payers_at_once_on_two_servers_one_pays()
    {
        await using var second = await app.SecondServerAsync();
        var till = await Till.OpenAsync(app);
        var payers = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ => await (await Customer.NewAsync(app)).OpenAsync("USD", "5.00")));
        var bill = await till.AskAsync("5.00");
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 50)
                .Select(i =>
                    (i % 2 == 0 ? payers[i % 10].Owner : payers[i % 10].Owner.At(second)).PostAsync(
                        $"/v1/payments/{bill.Code}/pay",
                        $$"""{"method":"wallet","wallet":"{{payers[i % 10].Id}}"}"""
                    )
                )
        );
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(
            answers.Where(answer => answer.Status != 200),
            answer => Assert.True(answer.MustRefuseAny() is "payment_not_payable" or "insufficient_funds")
        );
        Assert.Equal("5.00", await till.SettlementAsync());
        var left = await Task.WhenAll(payers.Select(payer => payer.BalanceAsync()));
        Assert.Single(left, balance => balance is "0.00");
        Assert.Equal("created completed", await bill.EventsAsync());
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task Cash_and_a_wallet_at_the_same_moment_cannot_both_collect()
    {
        for (var round = 0; round < 10; round++)
        {
            var till = await Till.OpenAsync(app);
            var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "5.00");
            var bill = await till.AskAsync("5.00");
            var answers = await Task.WhenAll(bill.PayAsync(payer), till.CashAsync(bill), bill.PayAsync(payer), till.CashAsync(bill));
            Assert.Single(answers, answer => answer.Status == 200);
            var byCash = await till.DrawerAsync() is "5.00";
            Assert.Equal(byCash ? "0.00" : "5.00", await till.SettlementAsync());
            Assert.Equal(byCash ? "5.00" : "0.00", await payer.BalanceAsync());
        }

        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task Who_is_short_pays_nothing_and_can_try_again()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "4.99");
        var bill = await till.AskAsync("5.00");
        (await bill.PayAsync(payer)).MustRefuse(402, "insufficient_funds");
        Assert.Equal("pending", await bill.StateAsync());
        (await payer.DepositAsync("0.01")).Must(201);
        (await bill.PayAsync(payer)).Must(200);
    }

    [Fact]
    public async Task Above_the_limit_the_signed_in_payer_gives_their_PIN()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app, pin: "4711")).OpenAsync("USD", "20.00");
        (await payer.Owner.SendAsync(HttpMethod.Patch, payer.Path, """{"pin_limit":{"amount":"5.00","currency":"USD"},"pin":"4711"}""")).Must(200);
        (await (await till.AskAsync("5.00")).PayAsync(payer)).Must(200);
        var bill = await till.AskAsync("5.01");
        (await bill.PayAsync(payer)).MustRefuse(403, "pin_required");
        (await bill.PayAsync(payer, ""","pin":"4712" """)).MustRefuse(403, "wrong_pin");
        (await bill.PayAsync(payer, ""","pin":"4711" """)).Must(200);
    }

    [Fact]
    public async Task At_a_till_the_payer_always_gives_their_PIN_and_five_wrong_ones_lock_it()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app, pin: "4711")).OpenAsync("USD", "20.00");
        var bill = await till.AskAsync("5.00");
        Task<Answered> PayAsync(string more) =>
            till.Merchant.PostAsync($"/v1/payments/{bill.Id}/pay", $$"""{"method":"wallet","payer":"{{payer.Number}}"{{more}}}""");

        (await PayAsync("")).MustRefuse(403, "wrong_pin");
        for (var i = 0; i < Pins.Tries; i++)
        {
            (await PayAsync(""","pin":"0000" """)).MustRefuse(403, "wrong_pin");
        }

        (await PayAsync(""","pin":"0000" """)).MustRefuse(403, "pin_locked");
        (await PayAsync(""","pin":"4711" """)).MustRefuse(403, "pin_locked");
        Assert.Equal("pending", await bill.StateAsync());

        var other = await (await Customer.NewAsync(app, pin: "4711")).OpenAsync("USD", "20.00");
        var paid = (await till.Merchant.PostAsync($"/v1/payments/{bill.Id}/pay", $$"""{"method":"wallet","payer":"{{other.Number}}","pin":"4711"}""")).Must(
            200
        );
        Assert.Equal($"usr_{other.Owner.Id:N}", paid.Text("payment.payer"));
        Assert.Equal("15.00", await other.BalanceAsync());
    }

    [Fact]
    public async Task Nobody_but_a_cashier_tries_other_peoples_PINs()
    {
        var till = await Till.OpenAsync(app);
        var victim = await (await Customer.NewAsync(app, pin: "4711")).OpenAsync("USD", "20.00");
        var stranger = await Customer.NewAsync(app);
        var bill = await till.AskAsync("5.00");
        (await bill.PayAsync(stranger, $$"""{"method":"wallet","payer":"{{victim.Number}}","pin":"0000"}""")).MustRefuse(403, "forbidden");
        Assert.Equal(0, await app.Database.ScalarAsync<int>("select pin_failures from identity.people where id = $1", victim.Owner.Id));
    }

    [Fact]
    public async Task Nobody_pays_their_own_sale_or_one_that_is_for_somebody_else()
    {
        var till = await Till.OpenAsync(app);
        var own = await till.Merchant.OpenAsync("USD", "20.00");
        var bill = await till.AskAsync("5.00");
        (await bill.PayAsync(own)).MustRefuse(409, "own_payment");

        var meant = await (await Customer.NewAsync(app)).OpenAsync("USD", "20.00");
        var other = await (await Customer.NewAsync(app)).OpenAsync("USD", "20.00");
        var named = await till.AskAsync("5.00", more: $$""","payer":"usr_{{meant.Owner.Id:N}}" """);
        (await named.PayAsync(other)).MustRefuse(403, "other_payer");
        (await named.PayAsync(other.Owner, """{"method":"sandbox"}""")).MustRefuse(403, "other_payer");
        (await named.PayAsync(meant)).Must(200);
        (await (await till.AskAsync("5.00")).PayAsync(other.Owner, $$"""{"method":"wallet","wallet":"{{meant.Id}}"}""")).MustRefuse(404, "not_found");
    }

    [Fact]
    public async Task A_wallet_of_another_currency_pays_at_the_rate_of_the_moment_and_gets_all_of_it_back()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("KZT", "50000.00");
        var bill = await till.AskAsync("5.00");
        var paid = (await bill.PayAsync(payer)).Must(200);
        Assert.Equal("KZT", paid.Text("attempt.taken.currency"));
        var taken = decimal.Parse(paid.Text("attempt.taken.amount"), System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(50000.00m - taken, decimal.Parse(await payer.BalanceAsync(), System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal("5.00", await till.SettlementAsync());

        foreach (var part in new[] { "0.01", "1.66", "1.67", "1.66" })
        {
            (await till.RefundAsync(bill, part)).Must(201);
        }

        Assert.Equal("refunded", await bill.StateAsync());
        Assert.Equal("50000.00", await payer.BalanceAsync());
        Assert.Equal("0.00", await till.SettlementAsync());
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task A_locked_quote_for_exactly_this_amount_pays_once()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("KZT", "50000.00");
        var bill = await till.AskAsync("5.00");
        async Task<string> QuoteAsync(string amount) =>
            (await payer.Owner.PostAsync("/v1/quotes", $$$"""{"from":"KZT","to":"USD","target_amount":{"amount":"{{{amount}}}","currency":"USD"}}"""))
                .Must(201)
                .Text("id");

        (await bill.PayAsync(payer, $$""","quote_id":"{{await QuoteAsync("6.00")}}" """)).MustRefuse(422, "quote_differs");
        var quote = await QuoteAsync("5.00");
        (await bill.PayAsync(payer, $$""","quote_id":"{{quote}}" """)).Must(200);
        (await (await till.AskAsync("5.00")).PayAsync(payer, $$""","quote_id":"{{quote}}" """)).MustRefuse(409, "quote_used");
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task A_guest_cannot_pay_by_wallet()
    {
        var till = await Till.OpenAsync(app);
        var bill = await till.AskAsync("5.00");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/v1/payments/{bill.Code}/pay", UriKind.Relative))
        {
            Content = new StringContent("""{"method":"wallet"}""", System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Add(Idempotency.Header, Customer.NewKey());
        using var answer = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, answer.StatusCode);
    }
}
