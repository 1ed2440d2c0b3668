using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Identity;
using Florin.Tests.Payments;
using Florin.Tests.Wallets;

namespace Florin.Tests.Shops;

/// <summary>What keeps one person, or one stolen session, from taking a shop's money out.</summary>
public sealed class PayoutSafetyTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task Small_payouts_that_are_large_together_take_two_people()
    {
        var stand = await PayoutStand.OpenAsync(app);
        Assert.Equal("1", await NeededAsync(stand, "600.00"));
        Assert.Equal("2", await NeededAsync(stand, "400.01"));
        Assert.Equal("2", await NeededAsync(stand, "0.01"));
        await stand.CheckAsync();
    }

    [Fact]
    public async Task What_came_back_and_what_is_a_day_old_does_not_count()
    {
        var stand = await PayoutStand.OpenAsync(app);
        (await stand.CancelAsync(await stand.AskAsync("1000.00"))).Must(200);
        var rejected = await stand.AskAsync("1000.00");
        (await PayoutStand.RejectAsync(stand.Finance[0], rejected)).Must(200);
        Assert.Equal("1", await NeededAsync(stand, "1000.00"));
        Assert.Equal("2", await NeededAsync(stand, "1.00"));
        app.Clock.Wind(TimeSpan.FromDays(1));
        Assert.Equal("1", await NeededAsync(stand, "900.00"));
        await stand.CheckAsync();
    }

    [Fact]
    public async Task Of_thirty_asked_for_at_once_no_more_take_one_person_than_the_limit_allows()
    {
        await using var second = await app.SecondServerAsync();
        var stand = await PayoutStand.OpenAsync(app, "9000.00");
        var owner = stand.Till.Merchant;
        var body = $$$"""{"shop":"{{{stand.Till.Shop}}}","bank_account":"{{{stand.Bank}}}","amount":{"amount":"300.00","currency":"USD"}}""";
        var asked = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => (i % 2 == 0 ? owner : owner.At(second)).PostAsync("/v1/payouts", body)));
        Assert.Equal(3, asked.Count(answer => answer.Must(201).Text("approvals_needed") is "1"));
        Assert.Equal("0.00", await stand.Till.SettlementAsync());
        await stand.CheckAsync();
    }

    [Fact]
    public async Task A_payout_is_in_one_file_for_the_bank_which_can_be_had_again()
    {
        await using var second = await app.SecondServerAsync();
        var stand = await PayoutStand.OpenAsync(app);
        await DrainAsync(stand.Finance[0]);
        var payout = await ApprovedAsync(stand);
        var made = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? stand.Finance[0] : stand.Finance[1].At(second)).PostAsync("/v1/payouts/exports", "{}"))
        );
        var export = Assert.Single(made, answer => answer.Status == 201).Must(201);
        Assert.All(made.Where(answer => answer.Status != 201), answer => answer.MustRefuse(409, "nothing_to_export"));
        Assert.Equal("1", export.Text("payouts"));
        Assert.Equal(export.Text("id"), (await stand.ShowAsync(payout)).Text("export"));
        for (var again = 0; again < 2; again++)
        {
            var file = await stand.Finance[2].GetAsync("/v1/payouts.csv?export=" + export.Text("id"));
            file.Must200("text/csv");
            Assert.Equal(payout, Assert.Single(file.Body.Trim().Split("\r\n").Skip(1)).Split(',')[0]);
        }

        (await stand.Finance[0].GetAsync("/v1/payouts.csv?export=" + Ids.Show("pox", Ids.New()))).MustRefuse(404, "not_found");
        (await stand.Till.Merchant.PostAsync("/v1/payouts/exports", "{}")).MustRefuse(403, "forbidden");
    }

    [Fact]
    public async Task The_same_key_answers_the_same_file()
    {
        var stand = await PayoutStand.OpenAsync(app);
        await DrainAsync(stand.Finance[0]);
        await ApprovedAsync(stand);
        var key = Customer.NewKey();
        var first = await stand.Finance[0].PostAsync("/v1/payouts/exports", "{}", key);
        first.Must(201);
        Assert.Equal(first.Bytes, (await stand.Finance[0].PostAsync("/v1/payouts/exports", "{}", key)).Bytes);
    }

    [Fact]
    public async Task Who_approved_a_payout_does_not_say_that_it_failed()
    {
        var stand = await PayoutStand.OpenAsync(app);
        var payout = await ApprovedAsync(stand);
        (await PayoutStand.FailedAsync(stand.Finance[0], payout)).MustRefuse(403, "own_approval");
        (await PayoutStand.FailedAsync(stand.Finance[1], payout)).MustRefuse(403, "own_approval");
        Assert.Equal("approved", await stand.StateAsync(payout));
        Assert.Equal("failed", (await PayoutStand.FailedAsync(stand.Finance[2], payout)).Must(200).Text("state"));
        await stand.CheckAsync();
    }

    [Fact]
    public async Task An_old_session_decides_nothing_without_the_password()
    {
        var stand = await PayoutStand.OpenAsync(app);
        var payout = await stand.AskAsync("1500.00");
        var old = (await Customer.NewAsync(app, password: SignedIn.Password, roles: [Roles.Finance])).Stale();
        (await PayoutStand.ApproveAsync(old, payout)).MustRefuse(403, "password_required");
        (await old.PostAsync($"/v1/payouts/{payout}/approve", """{"password":"wrong"}""")).MustRefuse(403, "wrong_password");
        (await old.PostAsync($"/v1/payouts/{payout}/approve", $$"""{"password":"{{SignedIn.Password}}"}""")).Must(200);
        (await PayoutStand.ApproveAsync(stand.Finance[0], payout)).Must(200);
        (await PayoutStand.PaidAsync(old, payout)).MustRefuse(403, "password_required");
        (await PayoutStand.FailedAsync(old, payout)).MustRefuse(403, "password_required");
        (await old.PostAsync("/v1/payouts/exports", "{}")).MustRefuse(403, "password_required");
        Assert.Equal("approved", await stand.StateAsync(payout));
    }

    [Fact]
    public async Task A_bank_account_takes_a_fresh_sign_in_or_the_password_and_its_owner_is_told()
    {
        await using var unwound = new FlorinApp(); // a notice that seems hours old is not sent
        await unwound.InitializeAsync();
        var owner = await SignedIn.AsAsync(unwound, Roles.Customer, Roles.Merchant);
        var shop = (await SignedIn.Json(await owner.SendAsync("POST", "/v1/shops", new { name = "Corner Shop" }))).Text("id");
        var path = $"/v1/shops/{shop}/bank-accounts";
        await SignedIn.Json(await owner.SendAsync("POST", path, new { holder = "Ada", iban = PayoutStand.Iban }));
        await unwound.Database.WaitAsync(
            $"select exists (select from notifications.messages where template = 'bank_account_added' and recipient = '{owner.Person.Email}')"
        );

        var till = await Till.OpenAsync(app);
        (await till.Merchant.Stale().PostAsync($"/v1/shops/{till.Shop}/bank-accounts", $$"""{"holder":"Ada","iban":"{{PayoutStand.Iban}}"}""")).MustRefuse(
            403,
            "password_required"
        );
    }

    [Fact]
    public async Task An_account_does_not_end_while_a_payout_is_on_its_way()
    {
        var owner = await SignedIn.AsAsync(app, Roles.Customer, Roles.Merchant);
        var shop = (await SignedIn.Json(await owner.SendAsync("POST", "/v1/shops", new { name = "Corner Shop" }))).Text("id");
        var money = new { amount = "5.00", currency = "USD" };
        var sale = new
        {
            purpose = "sale",
            amount = money,
            subject = new { shop },
        };
        var code = (await SignedIn.Json(await owner.SendAsync("POST", "/v1/payments", sale))).Text("code");
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "5.00");
        (await payer.Owner.PostAsync($"/v1/payments/{code}/pay", """{"method":"wallet"}""")).Must(200);
        var bank = (
            await SignedIn.Json(await owner.SendAsync("POST", $"/v1/shops/{shop}/bank-accounts", new { holder = "Ada", iban = PayoutStand.Iban }))
        ).Text("id");
        var wish = new
        {
            shop,
            bank_account = bank,
            amount = money,
        };
        var payout = (await SignedIn.Json(await owner.SendAsync("POST", "/v1/payouts", wish))).Text("id");
        await SignedIn.Json(await owner.SendAsync("GET", "/v1/shops/" + shop));
        Assert.Equal("", await SignedIn.Refusal(await owner.SendAsync("DELETE", "/v1/shops/" + shop)));
        var leave = new { password = SignedIn.Password };
        Assert.Equal("shops_hold_money", await SignedIn.Refusal(await owner.SendAsync("DELETE", "/v1/me", leave)));
        (await PayoutStand.ApproveAsync(await Customer.NewAsync(app, roles: [Roles.Finance]), payout)).Must(200);
        Assert.Equal("", await SignedIn.Refusal(await owner.SendAsync("DELETE", "/v1/me", leave)));
    }

    private static async Task<string> NeededAsync(PayoutStand stand, string amount) => (await stand.TryAsync(amount)).Must(201).Text("approvals_needed");

    private static async Task<string> ApprovedAsync(PayoutStand stand)
    {
        var payout = await stand.AskAsync("1100.00");
        (await PayoutStand.ApproveAsync(stand.Finance[0], payout)).Must(200);
        (await PayoutStand.ApproveAsync(stand.Finance[1], payout)).Must(200);
        return payout;
    }

    // What other tests left.
    private static async Task DrainAsync(Customer finance)
    {
        var drained = await finance.PostAsync("/v1/payouts/exports", "{}");
        Assert.True(drained.Status is 201 or 409, drained.Body);
    }
}
