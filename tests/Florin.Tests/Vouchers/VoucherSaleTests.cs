using Florin.Ledger;
using Florin.Payments;
using Florin.Platform;
using Florin.Tests.Payments;
using Florin.Tests.Wallets;
using Florin.Vouchers;

namespace Florin.Tests.Vouchers;

/// <summary>Types, prices, discounts, stock, methods and gifts.</summary>
public sealed class VoucherSaleTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task Three_vouchers_come_with_their_payment_and_are_a_liability_until_they_are_used()
    {
        var stand = await VoucherStand.OpenAsync(app, more: ""","uses":2,"validity_days":45""");
        var payer = await WalletAsync("100.00");
        var before = await VoucherStand.HeldAsync(app, "voucher_liability");
        var vouchers = await stand.BuyAsync(payer, ""","quantity":3""");
        Assert.Equal(3, vouchers.Length);
        Assert.Equal(3, vouchers.Select(one => one.Text("code")).Distinct(StringComparer.Ordinal).Count());
        Assert.All(vouchers, one => Assert.Matches("^[2-9A-HJKMNP-Z]{12}$", one.Text("code")));
        Assert.All(
            vouchers,
            one =>
                Assert.Equal(
                    ("active", "2", "10.00", "44", "false"),
                    (one.Text("state"), one.Text("uses_left"), one.Text("paid.amount"), one.Text("days_left"), one.Text("gift"))
                )
        );
        Assert.Equal("70.00", await payer.BalanceAsync());
        Assert.Equal(before + 30_00, await VoucherStand.HeldAsync(app, "voucher_liability"));

        var stats = (await payer.Owner.GetAsync("/v1/vouchers/stats")).Must(200);
        Assert.Equal(("3", "3", "0", "30.00"), (stats.Text("total"), stats.Text("active"), stats.Text("used"), stats.At("value")[0].Text("amount")));
        var code = vouchers[0].Text("code");
        Assert.Equal(vouchers[0].Text("id"), (await payer.Owner.GetAsync("/v1/vouchers/" + code.ToLowerInvariant())).Must(200).Text("id"));
        (await (await Customer.NewAsync(app)).GetAsync("/v1/vouchers/" + code)).MustRefuse(404, "not_found");
        Assert.Equal("issued", (await payer.Owner.GetAsync($"/v1/vouchers/{code}/history")).Must(200).At("data")[0].Text("kind"));
        (await payer.Owner.GetAsync($"/v1/vouchers/{code}/qr?format=svg")).Must200("image/svg+xml");
        await VoucherStand.CheckBooksAsync(app);
    }

    [Fact]
    public async Task The_price_is_the_servers_and_what_makes_no_sense_is_refused()
    {
        var stand = await VoucherStand.OpenAsync(app);
        var buyer = await Customer.NewAsync(app);
        (
            await buyer.PostAsync(
                "/v1/payments",
                $$$"""{"purpose":"voucher","amount":{"amount":"0.01","currency":"USD"},"subject":{"type":"{{{stand.Type}}}"}}"""
            )
        ).MustRefuse(400, "invalid_request");
        (await buyer.PostAsync("/v1/payments", """{"purpose":"voucher"}""")).MustRefuse(400, "invalid_request");
        foreach (var wrong in new[] { "0", "11", "-1", "1.5", "\"1\"", "99999999999" })
        {
            (await stand.OrderAsync(buyer, $",\"quantity\":{wrong}")).MustRefuse(400, "invalid_request");
        }

        (await stand.OrderAsync(buyer, ""","currency":"KZT" """)).MustRefuse(422, "voucher_not_priced");
        (await stand.OrderAsync(buyer, ""","currency":"XXQ" """)).MustRefuse(400, "invalid_request");
        (await stand.OrderAsync(buyer, ""","discount":"NOPE" """)).MustRefuse(422, "discount_not_valid");
        (await stand.OrderAsync(buyer, ""","gift_to":"0000000000" """)).MustRefuse(422, "nobody_to_give");
        (await buyer.PostAsync("/v1/payments", $$$"""{"purpose":"voucher","subject":{"type":"vty_{{{Guid.NewGuid():N}}}"}}""")).MustRefuse(404, "not_found");
        await stand.ChangeAsync("""{"active":false}""");
        (await stand.OrderAsync(buyer)).MustRefuse(409, "voucher_type_not_sold");
        (await buyer.GetAsync("/v1/voucher-types/" + stand.Type)).MustRefuse(404, "not_found");
        (await stand.Admin.SendAsync(HttpMethod.Delete, "/v1/voucher-types/" + stand.Type)).Must(204);
        (await stand.OrderAsync(buyer)).MustRefuse(404, "not_found");
        var taken = $$"""{"code":"{{stand.Code}}","name":"x","prices":[{"amount":"1.00","currency":"USD"}]}""";
        (await stand.Admin.PostAsync("/v1/voucher-types", taken)).MustRefuse(409, "voucher_type_exists");
        (await buyer.PostAsync("/v1/voucher-types", taken)).MustRefuse(403, "forbidden");
    }

    [Fact]
    public async Task A_changed_type_changes_nothing_that_was_sold_or_is_being_paid()
    {
        var stand = await VoucherStand.OpenAsync(app, more: ""","uses":2,"validity_days":10""");
        var payer = await WalletAsync("100.00");
        var sold = (await stand.BuyAsync(payer))[0];
        var open = await stand.AskAsync(payer.Owner);
        await stand.ChangeAsync(
            """{"name":"Other","uses":5,"validity_days":99,"service_type":"other","prices":[{"amount":"77.00","currency":"USD"}],"active":false}"""
        );
        (await open.PayAsync(payer)).Must(200);
        Assert.Equal("80.00", await payer.BalanceAsync());
        var paid = (await VoucherStand.OfAsync(payer.Owner, open))[0];
        var now = (await payer.Owner.GetAsync("/v1/vouchers/" + sold.Text("id"))).Must(200);
        Assert.Equal(sold.GetRawText(), now.GetRawText());
        foreach (var one in new[] { now, paid })
        {
            Assert.Equal(
                ("Exam Results", "2", "10.00", stand.Code, "9"),
                (one.Text("name"), one.Text("uses"), one.Text("price.amount"), one.Text("service_type"), one.Text("days_left"))
            );
        }
    }

    [Fact]
    public async Task Discounts_take_off_what_they_say_and_never_all_of_it()
    {
        var stand = await VoucherStand.OpenAsync(app);
        var other = await VoucherStand.OpenAsync(app);
        var buyer = await Customer.NewAsync(app);
        async Task<string> PriceAsync(string discount, int quantity) =>
            (await stand.OrderAsync(buyer, $$""","quantity":{{quantity}},"discount":"{{discount}}" """)).Must(201).Text("amount.amount");

        Assert.Equal("20.10", await PriceAsync(await stand.DiscountAsync("\"percent_bps\":3300"), 3));
        Assert.Equal("0.01", await PriceAsync(await stand.DiscountAsync("\"percent_bps\":10000"), 3));
        var fixedSum = await stand.DiscountAsync("\"amounts\":[{\"amount\":\"12.34\",\"currency\":\"USD\"}]");
        Assert.Equal("7.66", await PriceAsync(fixedSum.ToLowerInvariant(), 2));
        Assert.Equal("0.01", await PriceAsync(fixedSum, 1));
        var only = await stand.DiscountAsync($"\"percent_bps\":1000,\"types\":[\"{stand.Type}\"]");
        Assert.Equal("9.00", await PriceAsync(only, 1));
        (await other.OrderAsync(buyer, $$""","discount":"{{only}}" """)).MustRefuse(422, "discount_not_valid");
        var euros = await stand.DiscountAsync("\"amounts\":[{\"amount\":\"1.00\",\"currency\":\"EUR\"}]");
        (await stand.OrderAsync(buyer, $$""","discount":"{{euros}}" """)).MustRefuse(422, "discount_not_valid");

        // One voucher of three bears the minor unit that does not divide.
        var payer = await WalletAsync("100.00");
        var shares = (await stand.BuyAsync(payer, $$""","quantity":3,"discount":"{{await stand.DiscountAsync("\"percent_bps\":1667")}}" """))
            .Select(one => one.Text("paid.amount"))
            .ToArray();
        Assert.Equal(["8.34", "8.33", "8.33"], shares); // 30.00 less 5.00, rounded down from 5.001
        foreach (
            var wrong in new[]
            {
                "\"percent_bps\":10001",
                "\"percent_bps\":0",
                "\"max_uses\":1",
                "\"percent_bps\":1,\"amounts\":[]",
                "\"amounts\":[]",
                "\"percent_bps\":1,\"types\":[\"vty_x\"]",
            }
        )
        {
            var body = $$"""{"code":"WRONG-ONE","valid_from":"2026-01-01T00:00:00Z","valid_until":"2030-01-01T00:00:00Z",{{wrong}}}""";
            (await stand.Admin.PostAsync("/v1/voucher-discounts", body)).MustRefuse(400, "invalid_request");
        }

        await VoucherStand.CheckBooksAsync(app);
    }

    [Fact]
    public async Task A_discount_that_was_switched_off_or_used_up_meanwhile_takes_no_money()
    {
        var stand = await VoucherStand.OpenAsync(app);
        var payer = await WalletAsync("100.00");
        var mine = await stand.DiscountAsync("\"percent_bps\":5000"); // once a person
        var two = new[]
        {
            await stand.AskAsync(payer.Owner, $$""","discount":"{{mine}}" """),
            await stand.AskAsync(payer.Owner, $$""","discount":"{{mine}}" """),
        };
        (await two[0].PayAsync(payer)).Must(200);
        (await two[1].PayAsync(payer)).MustRefuse(409, "discount_used_up");
        (await stand.OrderAsync(payer.Owner, $$""","discount":"{{mine}}" """)).MustRefuse(409, "discount_used_up");
        var off = await stand.DiscountAsync("\"percent_bps\":5000");
        var late = await stand.AskAsync(payer.Owner, $$""","discount":"{{off}}" """);
        var listed = (await stand.Admin.GetAsync("/v1/voucher-discounts"))
            .Must(200)
            .At("data")
            .EnumerateArray()
            .Single(one => one.Text("code").Equals(off, StringComparison.Ordinal));
        (await stand.Admin.SendAsync(HttpMethod.Patch, "/v1/voucher-discounts/" + listed.Text("id"), """{"active":false}""")).Must(200);
        (await late.PayAsync(payer)).MustRefuse(409, "discount_used_up");
        (await stand.OrderAsync(payer.Owner, $$""","discount":"{{off}}" """)).MustRefuse(422, "discount_not_valid");
        Assert.Equal("95.00", await payer.BalanceAsync());
        await VoucherStand.CheckBooksAsync(app);
    }

    [Fact]
    public async Task Cash_at_a_till_buys_a_voucher_and_the_shop_pays()
    {
        var stand = await VoucherStand.OpenAsync(app);
        var till = await Till.OpenAsync(app);
        (await (await till.AskAsync("30.00")).PayAsync(await WalletAsync("30.00"))).Must(200);
        var buyer = await Customer.NewAsync(app);
        var bill = await stand.AskAsync(buyer);
        (await bill.PayAsync(buyer, $$"""{"method":"cash","shop":"{{till.Shop}}"}""")).MustRefuse(403, "forbidden");
        (await bill.PayAsync(till.Merchant, $$"""{"method":"cash","shop":"{{till.Shop}}"}""")).Must(200);
        Assert.Equal("20.00", await till.SettlementAsync());
        Assert.Equal("10.00", await till.DrawerAsync());
        Assert.Single(await VoucherStand.OfAsync(buyer, bill));
        (await VoucherStand.RefundAsync(app, bill)).Must(201);
        Assert.Equal("30.00", await till.SettlementAsync());
        Assert.Equal("cancelled", (await VoucherStand.OfAsync(buyer, bill))[0].Text("state"));
        await VoucherStand.CheckBooksAsync(app);
    }

    [Fact]
    public async Task A_gift_is_seen_by_its_receiver_alone_and_given_on_it_gets_a_new_code()
    {
        var stand = await VoucherStand.OpenAsync(app);
        var payer = await WalletAsync("100.00");
        var (second, third) = (await WalletAsync("0.01"), await WalletAsync("0.01"));
        var bill = await stand.AskAsync(payer.Owner, $$""","gift_to":"{{second.Number}}" """);
        (await bill.PayAsync(payer)).Must(200);
        Assert.Empty(await VoucherStand.OfAsync(payer.Owner, bill));
        var gift = Assert.Single(await VoucherStand.OfAsync(second.Owner, bill));
        Assert.Equal("true", gift.Text("gift"));
        Assert.Equal("null", gift.Text("paid"));
        var code = gift.Text("code");

        (await payer.Owner.PostAsync($"/v1/vouchers/{code}/gift", $$"""{"to":"{{third.Number}}"}""")).MustRefuse(404, "not_found");
        (await second.Owner.PostAsync($"/v1/vouchers/{code}/gift", """{"to":"0000000000"}""")).MustRefuse(422, "nobody_to_give");
        (await second.Owner.PostAsync($"/v1/vouchers/{code}/gift", $$"""{"to":"{{second.Number}}"}""")).MustRefuse(422, "nobody_to_give");
        var key = Customer.NewKey();
        var given = await second.Owner.PostAsync($"/v1/vouchers/{code}/gift", $$"""{"to":"{{third.Number}}"}""", key);
        given.Must(200);
        Assert.Equal(given.Bytes, (await second.Owner.PostAsync($"/v1/vouchers/{code}/gift", $$"""{"to":"{{third.Number}}"}""", key)).Bytes);
        Assert.Empty(await VoucherStand.OfAsync(second.Owner, bill));
        var now = Assert.Single(await VoucherStand.OfAsync(third.Owner, bill));
        Assert.NotEqual(code, now.Text("code"));
        (await VoucherStand.RedeemAsync(second.Owner, code)).MustRefuse(422, "voucher_not_valid");
        (await VoucherStand.RedeemAsync(third.Owner, now.Text("code"))).Must(201);
        var told = await app.Database.ScalarAsync<long>(
            "select count(*) from platform.outbox where topic in ('vouchers.issued', 'vouchers.given') and payload::text like '%' || $1 || '%'",
            code
        );
        Assert.Equal(0, told); // no code leaves the house by an event
    }

    [Fact]
    public async Task A_gift_to_somebody_whose_account_ended_is_refused_or_stays_with_whoever_paid()
    {
        var stand = await VoucherStand.OpenAsync(app);
        var (payer, gone) = (await WalletAsync("100.00"), await WalletAsync("1.00"));
        var bill = await stand.AskAsync(payer.Owner, $$""","gift_to":"{{gone.Number}}" """);
        await app.Database.ScalarAsync<int>("update identity.people set deactivated_at = now() where id = $1", gone.Owner.Id);
        (await stand.OrderAsync(payer.Owner, $$""","gift_to":"{{gone.Number}}" """)).MustRefuse(422, "nobody_to_give");
        (await bill.PayAsync(payer)).Must(200);
        var voucher = Assert.Single(await VoucherStand.OfAsync(payer.Owner, bill));
        (await payer.Owner.PostAsync($"/v1/vouchers/{voucher.Text("code")}/gift", $$"""{"to":"{{gone.Number}}"}""")).MustRefuse(422, "nobody_to_give");
        (await VoucherStand.RedeemAsync(payer.Owner, voucher.Text("code"))).Must(201);
    }

    [Fact]
    public async Task Changes_of_a_discount_at_once_do_not_undo_each_other()
    {
        var stand = await VoucherStand.OpenAsync(app);
        var code = await stand.DiscountAsync("\"percent_bps\":1000,\"max_uses\":7");
        var id = await app.Database.ScalarAsync<Guid>("select id from vouchers.discounts where code = $1", code);
        var path = "/v1/voucher-discounts/" + Ids.Show("vds", id);
        var changes = Enumerable.Range(0, 24).Select(i => i == 8 ? """{"active":false}""" : $$"""{"description":"{{i}}"}""");
        var answers = await Task.WhenAll(changes.Select(change => stand.Admin.SendAsync(HttpMethod.Patch, path, change)));
        Assert.All(answers, answer => answer.Must(200));
        var now = (await stand.Admin.SendAsync(HttpMethod.Patch, path, """{"max_per_person":null}""")).Must(200);
        Assert.Equal(("false", "7", "null"), (now.Text("active"), now.Text("max_uses"), now.Text("max_per_person")));
        Assert.Equal("null", (await stand.Admin.SendAsync(HttpMethod.Patch, path, """{"max_uses":null}""")).Must(200).Text("max_uses"));
        (await stand.Admin.SendAsync(HttpMethod.Patch, path, """{"valid_until":"2001-01-01T00:00:00Z"}""")).MustRefuse(400, "invalid_request");
    }

    [Fact]
    public async Task What_is_sold_out_takes_no_money_and_what_a_gateway_collected_goes_back()
    {
        var stand = await VoucherStand.OpenAsync(app, more: ""","stock":2""");
        var payer = await WalletAsync("100.00");
        (await stand.OrderAsync(payer.Owner, ""","quantity":3""")).MustRefuse(409, "voucher_sold_out");
        var (byCard, byWallet, late) = (
            await stand.AskAsync(payer.Owner),
            await stand.AskAsync(payer.Owner, ""","quantity":2"""),
            await stand.AskAsync(payer.Owner)
        );
        var attempt = await BeginAsync(byCard, payer.Owner);
        (await byWallet.PayAsync(payer)).Must(200);
        await CaptureAsync(attempt);
        Assert.Equal("pending", await byCard.StateAsync());
        Assert.Equal("late", await byCard.AttemptsAsync());
        app.Clock.Wind(TimeSpan.FromMinutes(5));
        await app.Get<RefundSending>().RunAsync(TestContext.Current.CancellationToken);
        app.Clock.Wind(TimeSpan.FromHours(2));
        await app.Get<RefundSending>().RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal("completed", await app.Database.ScalarAsync<string>("select state from payments.refunds where payment_id = $1", byCard.Key));
        (await late.PayAsync(payer.Owner.Again(), """{"method":"sandbox"}""")).MustRefuse(409, "voucher_sold_out"); // nobody is asked for a card in vain
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select stock::bigint from vouchers.types where id = $1", Ids.Read("vty", stand.Type)));
        await VoucherStand.CheckBooksAsync(app);
    }

    [Fact]
    public async Task A_code_that_another_voucher_has_is_passed_over()
    {
        var stand = await VoucherStand.OpenAsync(app);
        var payer = await WalletAsync("100.00");
        var first = (await stand.BuyAsync(payer))[0].Text("code");
        var fact = (await app.Get<PaymentFacts>().FindAsync((await stand.AskAsync(payer.Owner)).Key, TestContext.Current.CancellationToken))!;
        var cash = await app.Get<HouseAccounts>().IdAsync(HouseAccount.Cash, fact.Amount.Currency, TestContext.Current.CancellationToken);
        var commit = new LedgerCommit { Postings = { new PostingDraft("test", new Move(cash, fact.Account, fact.Amount.Minor)) } };
        string[] codes = [first, "22222222222A", first, first];
        VoucherIssue.AddTo(commit, fact, VoucherOrder.Of(fact), payer.Owner.Id, codes, app.Clock.GetUtcNow());
        await app.Get<GeneralLedger>().CommitAsync(commit);
        Assert.Equal("22222222222A", await app.Database.ScalarAsync<string>("select code from vouchers.vouchers where payment_id = $1", fact.Id));
        var many = VoucherCode.Draw(10);
        Assert.Equal(40, many.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task The_samples_are_made_once()
    {
        var samples = app.Get<VoucherSamples>();
        var made = await samples.SeedAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await samples.SeedAsync(TestContext.Current.CancellationToken));
        Assert.Equal(4, made);
        var all = (await (await Customer.NewAsync(app)).GetAsync("/v1/voucher-types?limit=100")).Must(200).At("data").EnumerateArray();
        Assert.Equal(
            ["Document Verification 15.00", "Exam Results Checking 10.00", "Placement Application 35.00", "School Application 25.00"],
            all.Where(type => type.Text("code") is "result_check" or "school_application" or "placement_application" or "certificate_verification")
                .Select(type => $"{type.Text("name")} {type.At("prices")[0].Text("amount")}")
                .Order(StringComparer.Ordinal)
        );
    }

    private async Task<Purse> WalletAsync(string balance) => await (await Customer.NewAsync(app)).OpenAsync("USD", balance);

    private static async Task<Guid> BeginAsync(Bill bill, Customer payer) =>
        Ids.Read("att", (await bill.PayAsync(payer, """{"method":"sandbox"}""")).Must(202).Text("attempt.id"));

    // The money is taken at the gateway, and found by asking.
    private async Task CaptureAsync(Guid attempt)
    {
        await app.Database.ScalarAsync<int>("update gateways.sandbox_charges set state = 'captured', ended_at = now() where attempt = $1", attempt);
        await app.Get<Settlement>().AskAsync(attempt, TestContext.Current.CancellationToken);
    }
}
