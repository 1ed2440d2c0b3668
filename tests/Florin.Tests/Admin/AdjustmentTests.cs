using System.Text.Json;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Florin.Tests.Wallets;

namespace Florin.Tests.Admin;

/// <summary>Money moved by hand: four eyes, once, within bounds, and never out of a pocket that is empty.</summary>
public sealed class AdjustmentTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_of_finance_proposes_another_approves_and_of_fifty_at_once_on_two_servers_one_moves_money()
    {
        var (one, two, purse) = await CastAsync("10.00");
        var cash = await HouseAsync(HouseAccount.Cash, "KZT");
        var id = (await ProposeAsync(one, cash, await AccountAsync(purse), "5.00", "KZT")).Must(201).Text("id");
        (await ApproveAsync(one, id)).MustRefuse(409, "own_adjustment");
        Assert.Equal("10.00", await purse.BalanceAsync());

        await using var second = await app.SecondServerAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => ApproveAsync(i % 2 == 0 ? two : two.At(second), id)));
        Assert.Equal(1, answers.Count(answer => answer.Status == 200));
        Assert.All(answers.Where(answer => answer.Status != 200), answer => answer.MustRefuse(409, "adjustment_decided"));
        Assert.Equal("15.00", await purse.BalanceAsync());

        var shown = (await one.GetAsync("/v1/adjustments/" + id)).Must(200);
        Assert.Equal(
            ("approved", Ids.Show("usr", one.Id), Ids.Show("usr", two.Id)),
            (shown.Text("state"), shown.Text("proposed_by"), shown.Text("decided_by"))
        );
        var posting = (await one.GetAsync("/v1/ledger/postings/" + shown.Text("posting"))).Must(200);
        Assert.Equal(
            (id, shown.Text("proposed_by"), shown.Text("decided_by")),
            (posting.Text("reference"), posting.Text("metadata.proposed_by"), posting.Text("metadata.approved_by"))
        );
        foreach (var (who, action) in ((Customer, string)[])[(one, "admin.adjustment_proposed"), (two, "admin.adjustment_approved")])
        {
            Assert.Equal(
                1,
                await app.Database.ScalarAsync<long>(
                    "select count(*) from activity.entries where actor = $1 and action = $2 and details ->> 'adjustment' = $3",
                    who.Id,
                    action,
                    id
                )
            );
        }

        (await RejectAsync(two, id)).MustRefuse(409, "adjustment_decided");
        await foreach (var check in app.Get<LedgerVerification>().RunAsync(Cancel))
        {
            Assert.True(check.FirstBroken is null, $"{check.Invariant}: {check.FirstBroken}");
        }
    }

    [Fact]
    public async Task It_never_makes_a_wallet_negative_and_a_refusal_leaves_the_proposal_open()
    {
        var (one, two, purse) = await CastAsync("10.00");
        var cash = await HouseAsync(HouseAccount.Cash, "KZT");
        var account = await AccountAsync(purse);
        var id = (await ProposeAsync(one, account, cash, "10.01", "KZT")).Must(201).Text("id");
        (await ApproveAsync(two, id)).MustRefuse(402, "insufficient_funds");
        Assert.Equal("proposed", (await one.GetAsync("/v1/adjustments/" + id)).Must(200).Text("state"));
        (await purse.DepositAsync("0.01")).Must(201);
        (await ApproveAsync(two, id)).Must(200);
        Assert.Equal("0.00", await purse.BalanceAsync());
    }

    [Fact]
    public async Task What_breaks_a_rule_is_refused_and_nothing_is_kept()
    {
        var (one, two, purse) = await CastAsync("10.00");
        var (cash, dollars) = (await HouseAsync(HouseAccount.Cash, "KZT"), await HouseAsync(HouseAccount.Cash, "USD"));
        var account = await AccountAsync(purse);
        var own = await AccountAsync(await one.OpenAsync("KZT"));
        var others = await AccountAsync(await two.OpenAsync("KZT"));
        var before = await app.Database.ScalarAsync<long>("select count(*) from admin.adjustments");
        (await ProposeAsync(one, account, account, "1.00", "KZT")).MustRefuse(409, "same_account");
        (await ProposeAsync(one, account, 999_999_999, "1.00", "KZT")).MustRefuse(404, "account_not_found");
        (await ProposeAsync(one, account, dollars, "1.00", "KZT")).MustRefuse(422, "currency_mismatch");
        (await ProposeAsync(one, account, cash, "0.00", "KZT")).MustRefuse(400, "amount_out_of_range");
        (await ProposeAsync(one, account, cash, "100000000.00", "KZT")).MustRefuse(409, "adjustment_too_large");
        (await ProposeAsync(one, cash, own, "1.00", "KZT")).MustRefuse(409, "interested_party");
        (await ProposeAsync(one, cash, account, "1.00", "KZT", "short")).MustRefuse(400, "invalid_request");
        Assert.Equal(before, await app.Database.ScalarAsync<long>("select count(*) from admin.adjustments"));

        var toTwo = (await ProposeAsync(one, cash, others, "1.00", "KZT")).Must(201).Text("id");
        (await ApproveAsync(two, toTwo)).MustRefuse(409, "interested_party");
        (await RejectAsync(one, toTwo)).Must(200); // taken back by whoever made it
        (await ApproveAsync(await Customer.NewAsync(app, roles: [Roles.Finance]), toTwo)).MustRefuse(409, "adjustment_decided");

        var late = (await ProposeAsync(one, cash, account, "1.00", "KZT")).Must(201).Text("id");
        app.Clock.Wind(TimeSpan.FromDays(8));
        (await ApproveAsync(two.Again(), late)).MustRefuse(409, "adjustment_decided");
        (await RejectAsync(one.Again(), late)).Must(200);
        (
            await (await Customer.NewAsync(app, roles: [Roles.Auditor, Roles.Support, Roles.Admin])).PostAsync($"/v1/adjustments/{late}/approve", "{}")
        ).MustRefuse(403, "forbidden");
    }

    private async Task<(Customer One, Customer Two, Purse Purse)> CastAsync(string balance) =>
        (
            await Customer.NewAsync(app, roles: [Roles.Customer, Roles.Finance]),
            await Customer.NewAsync(app, roles: [Roles.Customer, Roles.Finance]),
            await (await Customer.NewAsync(app)).OpenAsync("KZT", balance)
        );

    private async Task<long> HouseAsync(HouseAccount purpose, string currency) =>
        await app.Get<HouseAccounts>().IdAsync(purpose, Currency.Of(currency), Cancel);

    private async Task<long> AccountAsync(Purse purse) =>
        await app.Database.ScalarAsync<long>("select account_id from wallets.wallets where id = $1", purse.Key);

    private static Task<Answered> ProposeAsync(
        Customer who,
        long from,
        long to,
        string amount,
        string currency,
        string reason = "a top-up that was lost by the bank"
    )
    {
        var body = new
        {
            from,
            to,
            amount = new { amount, currency },
            reason,
        };
        return who.PostAsync("/v1/adjustments", JsonSerializer.Serialize(body));
    }

    private static Task<Answered> ApproveAsync(Customer who, string id) => who.PostAsync($"/v1/adjustments/{id}/approve", "{}");

    private static Task<Answered> RejectAsync(Customer who, string id) => who.PostAsync($"/v1/adjustments/{id}/reject", """{"note":"not needed"}""");
}
