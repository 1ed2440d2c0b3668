using Florin.Platform;
using Florin.Tests.Wallets;

namespace Florin.Tests.Shops;

public sealed class PayoutTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task The_money_leaves_at_once_and_one_approval_pays_it_in_a_sandbox()
    {
        var stand = await PayoutStand.OpenAsync(app);
        var payout = await stand.AskAsync("1000.00");
        Assert.Equal("2000.00", await stand.Till.SettlementAsync());
        var balance = (await stand.Till.Merchant.GetAsync($"/v1/shops/{stand.Till.Shop}/balance")).Must(200).At("data")[0];
        Assert.Equal("2000.00 1000.00", $"{balance.Text("available.amount")} {balance.Text("on_its_way.amount")}");
        var paid = (await PayoutStand.ApproveAsync(stand.Finance[0], payout)).Must(200);
        Assert.Equal("paid", paid.Text("state"));
        Assert.Equal("requested approved paid", await stand.EventsAsync(payout));
        (await PayoutStand.ApproveAsync(stand.Finance[1], payout)).MustRefuse(409, "payout_state");
        (await PayoutStand.FailedAsync(stand.Finance[1], payout)).MustRefuse(409, "payout_state");
        (await stand.CancelAsync(payout)).MustRefuse(409, "payout_state");
        Assert.Equal("2000.00", await stand.Till.SettlementAsync());
        await stand.CheckAsync();
    }

    [Fact]
    public async Task Above_the_limit_two_people_of_finance_approve_and_the_bank_pays()
    {
        var stand = await PayoutStand.OpenAsync(app);
        var payout = await stand.AskAsync("1000.01");
        var first = (await PayoutStand.ApproveAsync(stand.Finance[0], payout)).Must(200);
        Assert.Equal("awaiting_approval 1 2", $"{first.Text("state")} {first.Text("approvals_given")} {first.Text("approvals_needed")}");
        (await PayoutStand.ApproveAsync(stand.Finance[0], payout)).MustRefuse(403, "same_approver");
        (await PayoutStand.PaidAsync(stand.Finance[0], payout)).MustRefuse(409, "payout_state");
        Assert.Equal("approved", (await PayoutStand.ApproveAsync(stand.Finance[1], payout)).Must(200).Text("state"));
        (await stand.CancelAsync(payout)).MustRefuse(409, "payout_state");
        (await PayoutStand.RejectAsync(stand.Finance[2], payout)).MustRefuse(409, "payout_state");
        var paid = (await PayoutStand.PaidAsync(stand.Finance[2], payout)).Must(200);
        Assert.Equal("paid B-1", $"{paid.Text("state")} {paid.Text("reference")}");
        Assert.Equal("requested first_approved approved paid", await stand.EventsAsync(payout));
        await stand.CheckAsync();
    }

    [Fact]
    public async Task Who_asked_decides_nothing_about_it()
    {
        var stand = await PayoutStand.OpenAsync(app);
        var payout = await stand.AskAsync("1500.00");
        await app.Database.ScalarAsync<int>("update identity.people set roles = '{merchant,finance}' where id = $1", stand.Till.Merchant.Id);
        var both = stand.Till.Merchant.As([Roles.Merchant, Roles.Finance]);
        (await PayoutStand.ApproveAsync(both, payout)).MustRefuse(403, "own_payout");
        (await PayoutStand.RejectAsync(both, payout)).MustRefuse(403, "own_payout");
        (await PayoutStand.ApproveAsync(stand.Finance[0], payout)).Must(200);
        (await PayoutStand.ApproveAsync(both, payout)).MustRefuse(403, "own_payout");
        (await PayoutStand.ApproveAsync(stand.Finance[1], payout)).Must(200);
        (await PayoutStand.PaidAsync(both, payout)).MustRefuse(403, "own_payout");
        (await PayoutStand.FailedAsync(both, payout)).MustRefuse(403, "own_payout");
        (await PayoutStand.ApproveAsync(stand.Till.Merchant, payout)).MustRefuse(403, "forbidden");
        Assert.Equal("approved", await stand.StateAsync(payout));
    }

    [Fact]
    public async Task What_is_not_paid_goes_back_once()
    {
        var stand = await PayoutStand.OpenAsync(app);
        var rejected = await stand.AskAsync("500.00");
        Assert.Equal("not today", (await PayoutStand.RejectAsync(stand.Finance[0], rejected)).Must(200).Text("reason"));
        (await PayoutStand.RejectAsync(stand.Finance[0], rejected)).MustRefuse(409, "payout_state");
        var cancelled = await stand.AskAsync("500.00");
        (await stand.CancelAsync(cancelled)).Must(200);
        (await PayoutStand.ApproveAsync(stand.Finance[0], cancelled)).MustRefuse(409, "payout_state");
        var failed = await stand.AskAsync("3000.00");
        (await PayoutStand.ApproveAsync(stand.Finance[0], failed)).Must(200);
        (await PayoutStand.ApproveAsync(stand.Finance[1], failed)).Must(200);
        Assert.Equal("0.00", await stand.Till.SettlementAsync());
        (await PayoutStand.FailedAsync(stand.Finance[2], failed)).Must(200);
        (await PayoutStand.PaidAsync(stand.Finance[0], failed)).MustRefuse(409, "payout_state");
        Assert.Equal("3000.00", await stand.Till.SettlementAsync());
        await stand.CheckAsync();
    }

    [Fact]
    public async Task The_same_key_does_each_thing_once_and_answers_the_same()
    {
        var stand = await PayoutStand.OpenAsync(app);
        var key = Customer.NewKey();
        var asked = await stand.TryAsync("1200.00", key: key);
        Assert.Equal(asked.Bytes, (await stand.TryAsync("1200.00", key: key)).Bytes);
        Assert.Equal("1800.00", await stand.Till.SettlementAsync());
        var payout = asked.Must(201).Text("id");
        var first = await PayoutStand.ApproveAsync(stand.Finance[0], payout, key);
        first.Must(200);
        (await PayoutStand.ApproveAsync(stand.Finance[1], payout, key)).Must(200);
        var repeated = await PayoutStand.ApproveAsync(stand.Finance[0], payout, key);
        Assert.True(repeated.Replayed);
        Assert.Equal(first.Bytes, repeated.Bytes);
        await stand.CheckAsync();
    }

    [Fact]
    public async Task Who_works_in_the_shop_sees_none_of_it_and_staff_see_all()
    {
        var stand = await PayoutStand.OpenAsync(app);
        var payout = await stand.AskAsync("100.00");
        var cashier = await Customer.NewAsync(app, roles: [Roles.Cashier, Roles.Merchant]);
        var shop = stand.Till.Shop;
        await app.Database.ScalarAsync<int>("insert into shops.members values ($1, $2, now())", Ids.Read("shp", shop), cashier.Id);
        foreach (var path in new[] { $"/v1/payouts/{payout}", $"/v1/shops/{shop}/bank-accounts", $"/v1/shops/{shop}/balance" })
        {
            (await cashier.GetAsync(path)).MustRefuse(404, "not_found");
        }

        (await cashier.GetAsync($"/v1/shops/{shop}/takings")).MustRefuse(403, "forbidden");
        (await cashier.PostAsync($"/v1/payouts/{payout}/cancel", "{}")).MustRefuse(404, "not_found");
        Assert.Equal(0, (await cashier.GetAsync("/v1/payouts")).Must(200).At("data").GetArrayLength());
        Assert.Equal(1, (await stand.Till.Merchant.GetAsync("/v1/payouts")).Must(200).At("data").GetArrayLength());
        Assert.Equal(1, (await stand.Finance[0].GetAsync($"/v1/payouts?shop={shop}&state=awaiting_approval")).Must(200).At("data").GetArrayLength());
        Assert.Equal(0, (await stand.Finance[0].GetAsync($"/v1/payouts?shop={shop}&state=paid")).Must(200).At("data").GetArrayLength());
        (await stand.Finance[0].GetAsync("/v1/payouts?state=gone")).MustRefuse(400, "invalid_request");
    }

    [Fact]
    public async Task Of_fifty_who_ask_for_the_last_money_at_once_one_gets_it()
    {
        await using var second = await app.SecondServerAsync();
        var stand = await PayoutStand.OpenAsync(app, "100.00");
        var owner = stand.Till.Merchant;
        var body = $$$"""{"shop":"{{{stand.Till.Shop}}}","bank_account":"{{{stand.Bank}}}","amount":{"amount":"60.00","currency":"USD"}}""";
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => (i % 2 == 0 ? owner : owner.At(second)).PostAsync("/v1/payouts", body)));
        Assert.Single(answers, answer => answer.Status == 201);
        Assert.All(answers.Where(answer => answer.Status != 201), answer => answer.MustRefuse(402, "insufficient_funds"));
        Assert.Equal("40.00", await stand.Till.SettlementAsync());
        await stand.CheckAsync();
    }

    [Fact]
    public async Task Approval_rejection_and_cancelling_at_one_moment_end_one_way()
    {
        await using var second = await app.SecondServerAsync();
        var stand = await PayoutStand.OpenAsync(app);
        for (var round = 0; round < 10; round++)
        {
            var before = decimal.Parse(await stand.Till.SettlementAsync(), System.Globalization.CultureInfo.InvariantCulture);
            var payout = await stand.AskAsync("10.00");
            var answers = await Task.WhenAll(
                PayoutStand.ApproveAsync(stand.Finance[0], payout),
                PayoutStand.ApproveAsync(stand.Finance[1].At(second), payout),
                PayoutStand.RejectAsync(stand.Finance[2], payout),
                PayoutStand.RejectAsync(stand.Finance[1].At(second), payout),
                stand.CancelAsync(payout)
            );
            Assert.Single(answers, answer => answer.Status == 200);
            Assert.All(answers.Where(answer => answer.Status != 200), answer => answer.MustRefuse(409, "payout_state"));
            var left = decimal.Parse(await stand.Till.SettlementAsync(), System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(await stand.StateAsync(payout) is "paid" ? before - 10 : before, left);
        }

        await stand.CheckAsync();
    }

    [Fact]
    public async Task Two_approvals_at_one_moment_are_never_one_persons()
    {
        await using var second = await app.SecondServerAsync();
        var stand = await PayoutStand.OpenAsync(app);
        var payout = await stand.AskAsync("2000.00");
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => PayoutStand.ApproveAsync(i % 2 == 0 ? stand.Finance[0] : stand.Finance[0].At(second), payout))
        );
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal("awaiting_approval", await stand.StateAsync(payout));
        answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => PayoutStand.ApproveAsync(stand.Finance[1 + (i % 2)], payout)));
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal("approved", await stand.StateAsync(payout));
        await stand.CheckAsync();
    }

    [Fact]
    public async Task The_banks_file_has_what_is_approved_with_its_numbers_and_no_formulas()
    {
        var stand = await PayoutStand.OpenAsync(app);
        var bank = (await PayoutStand.AddBankAsync(stand.Till, "=HYPERLINK(1)")).Must(201).Text("id");
        var payout = (await stand.TryAsync("1100.00", bank)).Must(201).Text("id");
        (await PayoutStand.ApproveAsync(stand.Finance[0], payout)).Must(200);
        (await PayoutStand.ApproveAsync(stand.Finance[1], payout)).Must(200);
        var export = (await stand.Finance[0].PostAsync("/v1/payouts/exports", "{}")).Must(201).Text("id");
        var file = await stand.Finance[0].GetAsync("/v1/payouts.csv?export=" + export);
        file.Must200("text/csv");
        var line = file.Body.Split("\r\n").Single(row => row.StartsWith(payout, StringComparison.Ordinal));
        Assert.StartsWith($"{payout},Corner Shop,'=HYPERLINK(1),{PayoutStand.Iban},,,1100.00,USD,", line, StringComparison.Ordinal);
        (await stand.Till.Merchant.GetAsync("/v1/payouts.csv?export=" + export)).MustRefuse(403, "forbidden");
        Assert.Equal(
            2,
            await app.Database.ScalarAsync<long>(
                "select count(*) from activity.entries where action in ('shops.payouts_exported', 'shops.payouts_downloaded') and actor = $1",
                stand.Finance[0].Id
            )
        );
        await stand.CheckAsync();
    }
}
