using Florin.Platform;
using Florin.Tests.Payments;
using Florin.Wallets;

namespace Florin.Tests.Wallets;

public sealed class CardTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private const string Pin = "4071";

    [Fact]
    public async Task Up_to_its_limit_a_card_pays_by_itself_and_its_owner_sees_it()
    {
        var till = await Till.OpenAsync(app);
        var (payer, card) = await CardAsync();
        var bill = await till.AskAsync("10.00");
        var key = Customer.NewKey();
        var paid = await TapAsync(till, bill, card, key: key);
        Assert.Equal("completed", paid.Must(200).Text("payment.state"));
        Assert.Equal(Ids.Show("usr", payer.Owner.Id), paid.Must(200).Text("payment.payer"));
        Assert.Equal("90.00", await payer.BalanceAsync());
        Assert.Equal("10.00", await till.SettlementAsync());
        var again = await TapAsync(till, bill, card, key: key);
        Assert.True(again.Replayed);
        Assert.Equal(paid.Bytes, again.Bytes);
        Assert.NotEqual("null", (await payer.Owner.GetAsync("/v1/me/cards")).Must(200).At("data")[0].Text("last_used_at"));
        (await till.RefundAsync(bill)).Must(201);
        Assert.Equal("100.00", await payer.BalanceAsync());
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task The_token_is_in_one_answer_and_nowhere_else()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app, Pin)).OpenAsync("USD", "100.00");
        var key = Customer.NewKey();
        var body = $$"""{"wallet":"{{payer.Id}}","name":"Tag","pin":"{{Pin}}"}""";
        var made = (await payer.Owner.PostAsync("/v1/me/cards", body, key)).Must(201);
        var token = made.Text("token");
        Assert.Matches("^flc_[0-9a-f]{64}$", token);
        Assert.Equal("10.00", made.Text("card.pin_limit.amount"));
        Assert.Equal("200.00", made.Text("card.day_limit.amount"));
        (await payer.Owner.PostAsync("/v1/me/cards", body, key)).MustRefuse(409, "answer_not_kept");
        var ticket = (await TapAsync(till, await till.AskAsync("50.00"), token)).MustRefuse(403, "pin_needed").Text("ticket");
        (await TapAsync(till, await till.AskAsync("1.00"), token)).Must(200);
        foreach (var secret in new[] { token, ticket })
        {
            Assert.Equal(
                0,
                await app.Database.ScalarAsync<long>(
                    """
                    select (select count(*) from platform.outbox where payload::text like $1) + (select count(*) from activity.entries where details::text like $1)
                        + (select count(*) from platform.idempotency where convert_from(body, 'UTF8') like $1)
                        + (select count(*) from payments.attempts where source::text like $1)
                        + (select count(*) from wallets.cards c where c::text like $1) + (select count(*) from wallets.card_tickets t where t::text like $1)
                    """,
                    $"%{secret[4..]}%"
                )
            );
        }
    }

    [Fact]
    public async Task Above_its_limit_the_till_gets_a_ticket_that_pays_once_with_the_PIN()
    {
        var till = await Till.OpenAsync(app);
        var (payer, card) = await CardAsync();
        var bill = await till.AskAsync("10.01");
        var refused = (await TapAsync(till, bill, card)).MustRefuse(403, "pin_needed");
        var ticket = refused.Text("ticket");
        Assert.Equal("pending", await bill.StateAsync());
        Assert.Equal("4", (await FinishAsync(till, bill, ticket, "9999")).MustRefuse(403, "wrong_pin").Text("tries_left"));
        (await bill.PayAsync(till.Merchant, $$"""{"method":"wallet","ticket":"{{ticket}}"}""")).MustRefuse(403, "wrong_pin");
        var key = Customer.NewKey();
        var paid = await FinishAsync(till, bill, ticket, Pin, key);
        paid.Must(200);
        Assert.Equal("89.99", await payer.BalanceAsync());
        Assert.Equal(paid.Bytes, (await FinishAsync(till, bill, ticket, Pin, key)).Bytes);
        (await FinishAsync(till, bill, ticket, Pin)).MustRefuse(409, "payment_not_payable");
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task A_ticket_is_for_one_payment_at_one_till_and_for_five_minutes()
    {
        var till = await Till.OpenAsync(app);
        var cashier = await Customer.NewAsync(app, roles: [Roles.Cashier]);
        await app.Database.ScalarAsync<int>("insert into shops.members values ($1, $2, now())", Ids.Read("shp", till.Shop), cashier.Id);
        var (payer, card) = await CardAsync();
        var bill = await till.AskAsync("20.00", more: ""","expires_in":3600""");
        var ticket = (await TapAsync(till, bill, card)).MustRefuse(403, "pin_needed").Text("ticket");
        (await FinishAsync(till, await till.AskAsync("20.00"), ticket, Pin)).MustRefuse(403, "card_not_accepted");
        (await bill.PayAsync(cashier, $$"""{"method":"wallet","ticket":"{{ticket}}","pin":"{{Pin}}"}""")).MustRefuse(403, "card_not_accepted");
        app.Clock.Wind(CardTaps.TicketLife + TimeSpan.FromSeconds(1));
        (await FinishAsync(till, bill, ticket, Pin)).MustRefuse(403, "card_not_accepted");
        Assert.Equal("100.00", (await payer.Owner.Again().GetAsync(payer.Path)).Must(200).Text("balance.amount"));
    }

    [Fact]
    public async Task Card_and_PIN_together_pay_above_the_limit_and_a_limit_of_zero_always_asks()
    {
        var till = await Till.OpenAsync(app);
        var (payer, card) = await CardAsync(more: ""","pin_limit":{"amount":"0.00","currency":"USD"}""");
        (await TapAsync(till, await till.AskAsync("0.01"), card)).MustRefuse(403, "pin_needed");
        (await TapAsync(till, await till.AskAsync("30.00"), card, $",\"pin\":\"{Pin}\"")).Must(200);
        (await TapAsync(till, await till.AskAsync("30.00"), card, ",\"pin\":\"9999\"")).MustRefuse(403, "wrong_pin");
        Assert.Equal("70.00", await payer.BalanceAsync());
    }

    [Fact]
    public async Task A_card_in_another_currency_is_measured_by_what_leaves_its_wallet()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app, Pin)).OpenAsync("KZT", "50000.00");
        var card = await MakeAsync(payer);
        (await TapAsync(till, await till.AskAsync("1.00"), card)).Must(200);
        (await TapAsync(till, await till.AskAsync("15.00"), card)).MustRefuse(403, "pin_needed");
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task A_card_pays_at_tills_only_and_names_the_payer_alone()
    {
        var till = await Till.OpenAsync(app);
        var (payer, card) = await CardAsync();
        var finder = await (await Customer.NewAsync(app)).OpenAsync("USD");
        var bill = await till.AskAsync("5.00");
        var tap = $$"""{"method":"wallet","card":"{{card}}"}""";
        (await bill.PayAsync(finder.Owner, tap)).MustRefuse(403, "forbidden");
        (await bill.PayAsync(payer.Owner, tap)).MustRefuse(403, "forbidden");
        (await (await Bill.TopUpAsync(app, finder, "5.00")).PayAsync(finder.Owner, tap)).MustRefuse(403, "forbidden");
        (await TapAsync(till, bill, card, $",\"wallet\":\"{payer.Id}\"")).MustRefuse(400, "invalid_request");
        (await TapAsync(till, bill, card, $",\"payer\":\"{payer.Number}\"")).MustRefuse(400, "invalid_request");
        (await TapAsync(till, bill, card, ",\"ticket\":\"x\"")).MustRefuse(400, "invalid_request");
        Assert.Equal("100.00", await payer.BalanceAsync());
    }

    [Fact]
    public async Task An_unknown_and_a_revoked_card_are_alike_and_too_many_of_them_close_the_reader()
    {
        await using var second = await app.SecondServerAsync();
        var till = await Till.OpenAsync(app);
        var other = await Till.OpenAsync(app);
        var (payer, card) = await CardAsync();
        var id = (await payer.Owner.GetAsync("/v1/me/cards")).Must(200).At("data")[0].Text("id");
        var ticket = (await TapAsync(till, await till.AskAsync("50.00"), card)).MustRefuse(403, "pin_needed").Text("ticket");
        (await payer.Owner.SendAsync(HttpMethod.Delete, "/v1/me/cards/" + id)).Must(204);
        (await payer.Owner.SendAsync(HttpMethod.Delete, "/v1/me/cards/" + id)).Must(204);
        var bill = await till.AskAsync("5.00");
        var revoked = (await TapAsync(till, bill, card)).MustRefuse(403, "card_not_accepted");
        var elsewhere = await till.Merchant.At(second).PostAsync($"/v1/payments/{bill.Id}/pay", $$"""{"method":"wallet","card":"{{card}}"}""");
        elsewhere.MustRefuse(403, "card_not_accepted");
        (await FinishAsync(till, bill, ticket, Pin)).MustRefuse(403, "card_not_accepted");
        var unknown = (await TapAsync(till, bill, "flc_" + new string('0', 64))).MustRefuse(403, "card_not_accepted");
        Assert.Equal(revoked.Text("title"), unknown.Text("title"));
        Assert.Equal(4, await app.Database.ScalarAsync<int>("select misses from wallets.card_misses where till = $1", till.Merchant.Id));
        Assert.Equal(
            4,
            await app.Database.ScalarAsync<long>("select count(*) from activity.entries where action = 'wallets.card_refused' and actor = $1", till.Merchant.Id)
        );

        var fresh = await MakeAsync(payer);
        for (var miss = 4; miss < CardTaps.MostMisses; miss++)
        {
            (await TapAsync(till, bill, "flc_x")).MustRefuse(403, "card_not_accepted");
        }

        (await TapAsync(till, bill, fresh)).MustRefuse(429, "rate_limited");
        (await TapAsync(other, await other.AskAsync("5.00"), fresh)).Must(200);
        app.Clock.Wind(CardTaps.MissesCount);
        (await TapAsync(till, bill, fresh)).Must(200);
    }

    [Fact]
    public async Task Fifty_taps_at_once_pay_a_payment_once()
    {
        await using var second = await app.SecondServerAsync();
        var till = await Till.OpenAsync(app);
        var cards = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => CardAsync("5.00")));
        var bill = await till.AskAsync("5.00");
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 50)
                .Select(i =>
                    (i % 2 == 0 ? till.Merchant : till.Merchant.At(second)).PostAsync(
                        $"/v1/payments/{bill.Id}/pay",
                        $$"""{"method":"wallet","card":"{{cards[i % 5].Card}}"}"""
                    )
                )
        );
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(
            answers.Where(answer => answer.Status != 200),
            answer => Assert.True(answer.MustRefuseAny() is "payment_not_payable" or "insufficient_funds")
        );
        Assert.Equal("5.00", await till.SettlementAsync());
        Assert.Equal("created completed", await bill.EventsAsync());
        await Books.CheckAsync(app);
    }

    [Theory]
    [InlineData(""","day_payments":1""")]
    [InlineData(""","day_limit":{"amount":"9.99","currency":"USD"},"pin_limit":{"amount":"5.00","currency":"USD"}""")]
    public async Task Of_fifty_payments_at_once_a_day_that_allows_one_takes_one_and_the_next_day_another(string cap)
    {
        await using var second = await app.SecondServerAsync();
        var till = await Till.OpenAsync(app);
        var (payer, card) = await CardAsync("300.00", cap);
        var bills = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => till.AskAsync("5.00")));
        var answers = await Task.WhenAll(
            bills.Select(
                (bill, i) =>
                    (i % 2 == 0 ? till.Merchant : till.Merchant.At(second)).PostAsync(
                        $"/v1/payments/{bill.Id}/pay",
                        $$"""{"method":"wallet","card":"{{card}}"}"""
                    )
            )
        );
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => answer.MustRefuse(409, "card_day_limit"));
        (await TapAsync(till, await till.AskAsync("5.00"), card, $",\"pin\":\"{Pin}\"")).MustRefuse(409, "card_day_limit");
        Assert.Equal("295.00", await payer.BalanceAsync());
        app.Clock.Wind(TimeSpan.FromDays(1));
        (await TapAsync(till, await till.AskAsync("5.00"), card)).Must(200);
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task Cash_and_a_card_at_the_same_moment_cannot_both_collect()
    {
        for (var round = 0; round < 10; round++)
        {
            var till = await Till.OpenAsync(app);
            var (payer, card) = await CardAsync("5.00");
            var bill = await till.AskAsync("5.00");
            var answers = await Task.WhenAll(TapAsync(till, bill, card), till.CashAsync(bill), TapAsync(till, bill, card), till.CashAsync(bill));
            Assert.Single(answers, answer => answer.Status == 200);
            var byCash = await till.DrawerAsync() is "5.00";
            Assert.Equal(byCash ? "0.00" : "5.00", await till.SettlementAsync());
            Assert.Equal(byCash ? "5.00" : "0.00", await payer.BalanceAsync());
        }

        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task A_ticket_pays_once_however_many_bring_it_at_once()
    {
        var till = await Till.OpenAsync(app);
        var (payer, card) = await CardAsync();
        var bill = await till.AskAsync("20.00");
        var ticket = (await TapAsync(till, bill, card)).MustRefuse(403, "pin_needed").Text("ticket");
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => FinishAsync(till, bill, ticket, Pin)));
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal("80.00", await payer.BalanceAsync());
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task Making_one_takes_the_PIN_and_an_own_open_wallet_and_nobody_has_more_than_ten()
    {
        var payer = await (await Customer.NewAsync(app, Pin)).OpenAsync("USD");
        var other = await (await Customer.NewAsync(app, Pin)).OpenAsync("USD");
        (await TryAsync(payer, pin: "9999")).MustRefuse(403, "wrong_pin");
        (await payer.Owner.PostAsync("/v1/me/cards", $$"""{"wallet":"{{payer.Id}}","name":"Tag"}""")).MustRefuse(403, "wrong_pin");
        (await other.Owner.PostAsync("/v1/me/cards", $$"""{"wallet":"{{payer.Id}}","name":"Tag","pin":"{{Pin}}"}""")).MustRefuse(404, "not_found");
        (await TryAsync(payer, ""","day_limit":{"amount":"1.00","currency":"USD"}""")).MustRefuse(400, "invalid_request");
        (await TryAsync(payer, ""","pin_limit":{"amount":"1.00","currency":"KZT"}""")).MustRefuse(422, "currency_mismatch");
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => TryAsync(payer)));
        Assert.Equal(Card.LiveAtMost, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer => answer.MustRefuse(409, "card_limit_reached"));
        var live = (await payer.Owner.GetAsync("/v1/me/cards")).Must(200).At("data");
        Assert.Equal(Card.LiveAtMost, live.GetArrayLength());
        (await payer.Owner.SendAsync(HttpMethod.Delete, "/v1/me/cards/" + live[0].Text("id"))).Must(204);
        (await TryAsync(payer)).Must(201);
    }

    [Fact]
    public async Task A_new_card_asks_for_the_PIN_no_later_than_its_wallet_does()
    {
        var payer = await (await Customer.NewAsync(app, Pin)).OpenAsync("USD");
        (await payer.Owner.SendAsync(HttpMethod.Patch, payer.Path, $$$"""{"pin_limit":{"amount":"3.00","currency":"USD"},"pin":"{{{Pin}}}"}""")).Must(200);
        Assert.Equal("3.00", (await TryAsync(payer)).Must(201).Text("card.pin_limit.amount"));
    }

    private static Task<Answered> TapAsync(Till till, Bill bill, string card, string more = "", string? key = null) =>
        till.Merchant.PostAsync($"/v1/payments/{bill.Id}/pay", $$"""{"method":"wallet","card":"{{card}}"{{more}}}""", key);

    private static Task<Answered> FinishAsync(Till till, Bill bill, string ticket, string pin, string? key = null) =>
        till.Merchant.PostAsync($"/v1/payments/{bill.Id}/pay", $$"""{"method":"wallet","ticket":"{{ticket}}","pin":"{{pin}}"}""", key);

    private static Task<Answered> TryAsync(Purse payer, string more = "", string pin = Pin) =>
        payer.Owner.Again().PostAsync("/v1/me/cards", $$"""{"wallet":"{{payer.Id}}","name":"Tag","pin":"{{pin}}"{{more}}}""");

    private static async Task<string> MakeAsync(Purse payer, string more = "") => (await TryAsync(payer, more)).Must(201).Text("token");

    private async Task<(Purse Payer, string Card)> CardAsync(string balance = "100.00", string more = "")
    {
        var payer = await (await Customer.NewAsync(app, Pin)).OpenAsync("USD", balance);
        return (payer, await MakeAsync(payer, more));
    }
}
