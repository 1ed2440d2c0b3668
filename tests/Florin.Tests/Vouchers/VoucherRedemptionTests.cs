using Florin.Payments;
using Florin.Platform;
using Florin.Tests.Payments;
using Florin.Tests.Wallets;
using Florin.Vouchers;
using Microsoft.Extensions.DependencyInjection;

namespace Florin.Tests.Vouchers;

/// <summary>Redeeming, undoing, expiring, reminding and paying back.</summary>
public sealed class VoucherRedemptionTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task Owner_and_verifier_redeem_and_for_everybody_else_a_right_code_is_as_good_as_a_wrong_one()
    {
        var stand = await VoucherStand.OpenAsync(app, more: ""","uses":3""");
        var owner = await WalletAsync();
        var (verifier, stranger) = (await Customer.NewAsync(app), await Customer.NewAsync(app));
        await stand.GrantAsync(verifier);
        await (await VoucherStand.OpenAsync(app)).GrantAsync(stranger); // of another service
        var voucher = (await stand.BuyAsync(owner))[0];
        var code = voucher.Text("code");
        var wrong = await VoucherStand.RedeemAsync(stranger, "ABCDEFGHJKMN");
        var others = await VoucherStand.RedeemAsync(stranger, code);
        wrong.MustRefuse(422, "voucher_not_valid");
        others.MustRefuse(422, "voucher_not_valid");
        Assert.Equal(wrong.Must(422).Text("title"), others.Must(422).Text("title"));
        (await VoucherStand.RedeemAsync(stranger, "not a code")).MustRefuse(422, "voucher_not_valid");

        var first = (await VoucherStand.RedeemAsync(owner.Owner, $"{code[..4]} {code[4..].ToLowerInvariant()}", ""","service_data":{"seat":7}""")).Must(201);
        Assert.Equal(("2", "active", "7"), (first.Text("uses_left"), first.Text("state"), first.Text("service_data.seat")));
        (await VoucherStand.RedeemAsync(verifier, code, ""","service_type":"other" """)).MustRefuse(409, "voucher_other_service");
        foreach (var bad in new[] { "[]", "7", "{\"a\":\"\\u0000\"}", "{\"a\":\"\\ud800\"}", "{\"a\":[1e999999]}", $"{{\"a\":\"{new string('x', 4000)}\"}}" })
        {
            (await VoucherStand.RedeemAsync(verifier, code, $",\"service_data\":{bad}")).MustRefuse(400, "invalid_request");
        }

        var key = Customer.NewKey();
        var second = await VoucherStand.RedeemAsync(verifier, code, $$""","service_type":"{{stand.Code}}" """, key);
        Assert.Equal(second.Bytes, (await VoucherStand.RedeemAsync(verifier, code, $$""","service_type":"{{stand.Code}}" """, key)).Bytes);
        var last = await VoucherStand.RedeemAsync(verifier, code, key: "last");
        Assert.Equal("used", last.Must(201).Text("state"));
        Assert.Equal(last.Bytes, (await VoucherStand.RedeemAsync(verifier, code, key: "last")).Bytes); // its own use used it up
        (await VoucherStand.RedeemAsync(verifier, code)).MustRefuse(409, "voucher_used");

        Assert.Equal(3, (await owner.Owner.GetAsync("/v1/vouchers/redemptions")).Must(200).At("data").GetArrayLength());
        Assert.Equal(2, (await verifier.GetAsync("/v1/vouchers/redemptions")).Must(200).At("data").GetArrayLength());
        Assert.Equal(0, (await stranger.GetAsync("/v1/vouchers/redemptions?voucher=" + code)).Must(200).At("data").GetArrayLength());
        Assert.Equal(3, (await stand.Admin.GetAsync("/v1/vouchers/redemptions?voucher=" + code)).Must(200).At("data").GetArrayLength());
        Assert.Equal(stand.Code, (await verifier.GetAsync("/v1/me/voucher-services")).Must(200).At("data")[0].GetString());
        (await stand.Admin.SendAsync(HttpMethod.Delete, $"/v1/voucher-verifiers/{stand.Code}/usr_{verifier.Id:N}")).Must(204);
        (await VoucherStand.RedeemAsync(verifier, code)).MustRefuse(422, "voucher_not_valid");
        await VoucherStand.CheckBooksAsync(app);
    }

    [Fact]
    public async Task Each_use_earns_its_share_and_the_last_one_what_is_left()
    {
        var stand = await VoucherStand.OpenAsync(app, "0.10", more: ""","uses":3""");
        var owner = await WalletAsync();
        var (owed, earned) = (await OwedAsync(), await EarnedAsync());
        var code = (await stand.BuyAsync(owner))[0].Text("code");
        var (steps, ids) = (new List<(long, long)>(), new List<string>());
        for (var i = 0; i < 3; i++)
        {
            ids.Add((await VoucherStand.RedeemAsync(owner.Owner, code)).Must(201).Text("id"));
            steps.Add((await OwedAsync() - owed, await EarnedAsync() - earned));
        }

        Assert.Equal([(7, 3), (4, 6), (0, 10)], steps);
        var support = await Customer.NewAsync(app, roles: [Roles.Support]);
        (await owner.Owner.PostAsync($"/v1/vouchers/redemptions/{ids[0]}/undo", """{"why":"x"}""")).MustRefuse(403, "forbidden");
        (await support.Stale().PostAsync($"/v1/vouchers/redemptions/{ids[0]}/undo", """{"why":"x"}""")).MustRefuse(403, "password_required");
        await app.Database.ScalarAsync<int>("update vouchers.redemptions set redeemed_by = $2 where id = $1", Ids.Read("vrd", ids[0]), support.Id);
        (await support.PostAsync($"/v1/vouchers/redemptions/{ids[0]}/undo", """{"why":"x"}""")).MustRefuse(403, "forbidden");
        await app.Database.ScalarAsync<int>("update vouchers.redemptions set redeemed_by = owner where id = $1", Ids.Read("vrd", ids[0]));
        var undone = (await support.PostAsync($"/v1/vouchers/redemptions/{ids[0]}/undo", """{"why":"a mistake"}""")).Must(200);
        Assert.Equal(("1", "active"), (undone.Text("uses_left"), undone.Text("state")));
        Assert.Equal((4, 6), (await OwedAsync() - owed, await EarnedAsync() - earned));
        (await support.PostAsync($"/v1/vouchers/redemptions/{ids[0]}/undo", """{"why":"again"}""")).MustRefuse(409, "redemption_undone");
        app.Clock.Wind(TimeSpan.FromHours(25));
        (await support.Again().PostAsync($"/v1/vouchers/redemptions/{ids[1]}/undo", """{"why":"late"}""")).MustRefuse(409, "redemption_final");
        await VoucherStand.CheckBooksAsync(app);
    }

    [Fact]
    public async Task What_is_overdue_is_expired_at_once_and_booked_once_by_two_servers()
    {
        await using var second = await app.SecondServerAsync();
        var cancel = TestContext.Current.CancellationToken;
        app.Clock.Wind(TimeSpan.FromDays(60)); // what other tests left behind is over
        await app.Get<ExpireVouchers>().RunAsync(cancel);
        var stand = await VoucherStand.OpenAsync(app, more: ""","uses":3,"validity_days":2""");
        var owner = await WalletAsync();
        var vouchers = await stand.BuyAsync(owner, ""","quantity":2""");
        (await VoucherStand.RedeemAsync(owner.Owner, vouchers[0].Text("code"))).Must(201);
        var (owed, earned) = (await OwedAsync(), await EarnedAsync());
        app.Clock.Wind(TimeSpan.FromDays(2) + TimeSpan.FromSeconds(1));
        var reader = owner.Owner.Again();
        (await VoucherStand.RedeemAsync(reader, vouchers[0].Text("code"))).MustRefuse(409, "voucher_expired");
        Assert.Equal(2, (await reader.GetAsync("/v1/vouchers?state=expired")).Must(200).At("data").GetArrayLength());
        Assert.Equal(0, (await reader.GetAsync("/v1/vouchers?state=active")).Must(200).At("data").GetArrayLength());
        Assert.Equal("2", (await reader.GetAsync("/v1/vouchers/stats")).Must(200).Text("expired"));
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => (i % 2 == 0 ? app : second).Get<ExpireVouchers>().RunAsync(cancel)));
        Assert.Equal((owed - 16_67, earned + 16_67), (await OwedAsync(), await EarnedAsync()));
        Assert.Equal(
            2,
            await app.Database.ScalarAsync<long>(
                "select count(*) from vouchers.history h join vouchers.vouchers v on v.id = h.voucher_id where v.owner = $1 and h.kind = 'expired'",
                owner.Owner.Id
            )
        );
        Assert.Equal(2, (await reader.GetAsync("/v1/vouchers?state=expired")).Must(200).At("data").GetArrayLength());
        await VoucherStand.CheckBooksAsync(app);
    }

    [Fact]
    public async Task A_refund_pays_the_unused_part_and_takes_vouchers_back_whole()
    {
        var stand = await VoucherStand.OpenAsync(app, more: ""","uses":3""");
        var owner = await WalletAsync();
        var bill = await stand.AskAsync(owner.Owner, ""","quantity":3""");
        (await bill.PayAsync(owner)).Must(200);
        var vouchers = await VoucherStand.OfAsync(owner.Owner, bill);
        (await VoucherStand.RedeemAsync(owner.Owner, vouchers[0].Text("code"))).Must(201); // 6.66 of 10.00 is left of it
        (await owner.Owner.PostAsync($"/v1/payments/{bill.Id}/refunds", "{}")).MustRefuse(403, "forbidden");
        (await VoucherStand.RefundAsync(app, bill, "26.67")).MustRefuse(409, "refund_too_large");
        var said = (await VoucherStand.RefundAsync(app, bill, "5.00")).MustRefuse(409, "refund_not_whole_vouchers").Text("detail");
        Assert.Equal("It can be 10.00 USD, 20.00 USD, 26.66 USD.", said);
        (await VoucherStand.RefundAsync(app, bill, "10.00")).Must(201);
        Assert.Equal("active cancelled active", await StatesAsync(owner.Owner, bill));
        await VoucherStand.CheckBooksAsync(app);
        Assert.Equal("16.66", (await VoucherStand.RefundAsync(app, bill)).Must(201).Text("amount.amount"));
        Assert.Equal("cancelled cancelled cancelled", await StatesAsync(owner.Owner, bill));
        Assert.Equal("partially_refunded", await bill.StateAsync());
        (await VoucherStand.RefundAsync(app, bill)).MustRefuse(409, "refund_too_large");
        (await VoucherStand.RedeemAsync(owner.Owner, vouchers[0].Text("code"))).MustRefuse(409, "voucher_cancelled");
        Assert.Equal("996.66", await owner.BalanceAsync());
        await VoucherStand.CheckBooksAsync(app);
    }

    [Fact]
    public async Task A_refund_that_its_gateway_cannot_make_gives_the_vouchers_again()
    {
        var stand = await VoucherStand.OpenAsync(app, more: ""","uses":3,"validity_days":10""");
        var buyer = await Customer.NewAsync(app);
        var bill = await stand.AskAsync(buyer, ""","quantity":2""");
        var attempt = Ids.Read("att", (await bill.PayAsync(buyer, """{"method":"sandbox"}""")).Must(202).Text("attempt.id"));
        await app.Database.ScalarAsync<int>("update gateways.sandbox_charges set state = 'captured', ended_at = now() where attempt = $1", attempt);
        await app.Get<Settlement>().AskAsync(attempt, TestContext.Current.CancellationToken);
        var vouchers = await VoucherStand.OfAsync(buyer, bill);
        (await VoucherStand.RedeemAsync(buyer, vouchers[1].Text("code"))).Must(201);
        var (owed, earned) = (await OwedAsync(), await EarnedAsync());

        // The gateway forgets that it took the money, and so cannot give it back.
        await app.Database.ScalarAsync<int>("update gateways.sandbox_charges set state = 'failed' where attempt = $1", attempt);
        Assert.Equal("gateway", (await VoucherStand.RefundAsync(app, bill)).Must(201).Text("destination"));
        app.Clock.Wind(TimeSpan.FromHours(2));
        await app.Get<RefundSending>().RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal("failed", await app.Database.ScalarAsync<string>("select state from payments.refunds where payment_id = $1", bill.Key));
        Assert.Equal("completed", await bill.StateAsync());
        Assert.Equal("active active", await StatesAsync(buyer.Again(), bill));
        Assert.Equal((owed, earned), (await OwedAsync(), await EarnedAsync()));
        Assert.Equal("restored", (await buyer.Again().GetAsync($"/v1/vouchers/{vouchers[1].Text("id")}/history")).Must(200).At("data")[0].Text("kind"));
        (await VoucherStand.RedeemAsync(buyer.Again(), vouchers[1].Text("code"))).Must(201);
        await VoucherStand.CheckBooksAsync(app);
    }

    [Fact]
    public async Task Who_has_a_voucher_that_ends_soon_is_reminded_once()
    {
        var stand = await VoucherStand.OpenAsync(app, more: ""","validity_days":30""");
        var brief = await VoucherStand.OpenAsync(app, more: ""","validity_days":2""");
        var owner = await WalletAsync();
        await stand.BuyAsync(owner);
        var cancel = TestContext.Current.CancellationToken;
        Task<long> RemindedAsync() =>
            app.Database.ScalarAsync<long>("select count(*) from platform.outbox where topic = 'vouchers.expiring' and audience = array[$1]", owner.Owner.Id);
        await app.Get<RemindOfVouchers>().RunAsync(cancel);
        app.Clock.Wind(TimeSpan.FromDays(22));
        await app.Get<RemindOfVouchers>().RunAsync(cancel);
        Assert.Equal(0, await RemindedAsync());
        app.Clock.Wind(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => app.Get<RemindOfVouchers>().RunAsync(cancel)));
        await app.Get<RemindOfVouchers>().RunAsync(cancel);
        Assert.Equal(1, await RemindedAsync());
        await brief.BuyAsync(owner with { Owner = owner.Owner.Again() });
        await app.Get<RemindOfVouchers>().RunAsync(cancel);
        Assert.Equal(1, await RemindedAsync()); // not on the day that it was bought
        app.Clock.Wind(TimeSpan.FromHours(25));
        await app.Get<RemindOfVouchers>().RunAsync(cancel);
        Assert.Equal(2, await RemindedAsync());
    }

    [Fact]
    public async Task An_ended_account_leaves_vouchers_to_their_codes_and_nothing_that_was_noted()
    {
        var stand = await VoucherStand.OpenAsync(app, more: ""","uses":2""");
        var (owner, verifier) = (await WalletAsync(), await Customer.NewAsync(app));
        await stand.GrantAsync(verifier);
        var code = (await stand.BuyAsync(owner))[0].Text("code");
        var used = (await VoucherStand.RedeemAsync(verifier, code, ""","service_data":{"seat":"A7 of Ada"}""")).Must(201).Text("id");
        var support = await Customer.NewAsync(app, roles: [Roles.Support]);
        (await support.PostAsync($"/v1/vouchers/redemptions/{used}/undo", """{"why":"Ada was ill"}""")).Must(200);
        var data = Assert.Single(app.Services.GetServices<IPersonalData>(), one => one is VouchersPersonalData);
        var cancel = TestContext.Current.CancellationToken;
        var export = System.Text.Json.JsonSerializer.Serialize(await data.ExportAsync(owner.Owner.Id, cancel), Wire.Json);
        Assert.Contains(code, export, StringComparison.Ordinal);
        Assert.Contains("A7 of Ada", export, StringComparison.Ordinal);
        await app.Get<Florin.Platform.Database>()
            .TransactionAsync(
                async connection =>
                {
                    await data.EraseAsync(owner.Owner.Id, connection, cancel);
                    await data.EraseAsync(verifier.Id, connection, cancel);
                    return true;
                },
                cancel
            );
        var left = await app.Database.ScalarAsync<long>(
            "select count(*) from vouchers.redemptions where owner = $1 or redeemed_by = $2 or service_data::text like '%Ada%' or undone_why like '%Ada%'",
            owner.Owner.Id,
            verifier.Id
        );
        Assert.Equal(0, left);
        (await VoucherStand.RedeemAsync(owner.Owner, code)).MustRefuse(422, "voucher_not_valid");
        var other = await Customer.NewAsync(app);
        await stand.GrantAsync(other);
        (await VoucherStand.RedeemAsync(other, code)).Must(201);
        await VoucherStand.CheckBooksAsync(app);
    }

    private async Task<Purse> WalletAsync() => await (await Customer.NewAsync(app)).OpenAsync("USD", "1000.00");

    private static async Task<string> StatesAsync(Customer owner, Bill bill) =>
        string.Join(' ', (await VoucherStand.OfAsync(owner, bill)).Select(one => one.Text("state")));

    private Task<long> OwedAsync() => VoucherStand.HeldAsync(app, "voucher_liability");

    private Task<long> EarnedAsync() => VoucherStand.HeldAsync(app, "voucher_revenue");
}
