using Florin.Platform;
using Florin.Tests.Identity;
using Florin.Tests.Wallets;

namespace Florin.Tests.Shops;

public sealed class MemberTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task Whoever_is_invited_gets_a_code_and_with_it_becomes_a_cashier_once()
    {
        var desk = await Desk.OpenAsync(app);
        var cashier = await Customer.NewAsync(app);
        var address = Desk.FreshAddress();
        var code = (await desk.InviteAsync(address)).Text("sandbox_code");
        await app.Database.WaitAsync($"select exists (select from notifications.messages where recipient = '{address}' and body like '%{code}%')");
        (await cashier.GetAsync(desk.Path)).MustRefuse(404, "not_found");

        var accepted = (await Desk.AcceptAsync(cashier, code.ToLowerInvariant().Replace('-', ' '))).Must(200);
        Assert.Equal(("cashier", desk.Shop, "Corner Shop"), (accepted.Text("kind"), accepted.Text("shop"), accepted.Text("shop_name")));
        Assert.Contains("cashier", await RolesAsync(cashier), StringComparer.Ordinal);
        Assert.Equal(0, (await cashier.GetAsync(desk.Path)).Must(200).At("balances").GetArrayLength());
        var members = (await desk.Owner.GetAsync(desk.Path + "/members")).Must(200).At("data").EnumerateArray();
        Assert.Equal(Ids.Show("usr", cashier.Id), Assert.Single(members).Text("person"));
        (await Desk.AcceptAsync(await Customer.NewAsync(app), code)).MustRefuse(422, "invitation_not_valid");
        (await Desk.AcceptAsync(cashier, code)).MustRefuse(422, "invitation_not_valid");
    }

    [Fact]
    public async Task An_invitation_by_username_is_for_that_person_alone()
    {
        var desk = await Desk.OpenAsync(app);
        var ann = await SignedIn.AsAsync(app);
        var code = (await desk.InviteAsync(ann.Person.Username!)).Text("sandbox_code");
        (await Desk.AcceptAsync(await Customer.NewAsync(app), code)).MustRefuse(422, "invitation_not_valid");
        Assert.Equal("cashier", (await SignedIn.Json(await ann.SendAsync("POST", "/v1/shop-invitations/accept", new { code }))).Text("kind"));
        (await desk.Owner.PostAsync(desk.Path + "/members", """{"login":"nobody-has-this"}""")).MustRefuse(422, "nobody_to_invite");
        (await desk.Owner.PostAsync(desk.Path + "/members", """{"login":"no address@"}""")).MustRefuse(400, "invalid_request");
    }

    [Fact]
    public async Task A_withdrawn_a_replaced_and_an_old_invitation_are_worth_nothing()
    {
        var desk = await Desk.OpenAsync(app);
        var who = await Customer.NewAsync(app);
        var address = Desk.FreshAddress();
        var replaced = await desk.InviteAsync(address);
        var newest = await desk.InviteAsync(address);
        var listed = (await desk.Owner.GetAsync(desk.Path + "/invitations")).Must(200).At("data").EnumerateArray();
        Assert.Equal(newest.Text("id"), Assert.Single(listed).Text("id"));
        (await Desk.AcceptAsync(who, replaced.Text("sandbox_code"))).MustRefuse(422, "invitation_not_valid");
        (await desk.Owner.SendAsync(HttpMethod.Delete, $"{desk.Path}/invitations/{newest.Text("id")}")).Must(204);
        (await desk.Owner.SendAsync(HttpMethod.Delete, $"{desk.Path}/invitations/{newest.Text("id")}")).MustRefuse(404, "not_found");
        (await Desk.AcceptAsync(who, newest.Text("sandbox_code"))).MustRefuse(422, "invitation_not_valid");
        (await Desk.AcceptAsync(who, replaced.Text("sandbox_code"))).MustRefuse(422, "invitation_not_valid");

        var old = await desk.InviteAsync(Desk.FreshAddress());
        await app.Database.ScalarAsync<int>(
            "update shops.invitations set created_at = created_at - interval '7 days', expires_at = expires_at - interval '7 days' where id = $1",
            Ids.Read("inv", old.Text("id"))
        );
        (await Desk.AcceptAsync(who, old.Text("sandbox_code"))).MustRefuse(422, "invitation_not_valid");
    }

    [Fact]
    public async Task Of_fifty_who_have_one_code_one_gets_in()
    {
        var desk = await Desk.OpenAsync(app);
        var code = (await desk.InviteAsync(Desk.FreshAddress())).Text("sandbox_code");
        var people = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Customer.NewAsync(app)));
        var answers = await Task.WhenAll(people.Select(one => Desk.AcceptAsync(one, code)));
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => answer.MustRefuse(422, "invitation_not_valid"));
        Assert.Equal(1, await app.Database.ScalarAsync<long>("select count(*) from shops.members where shop_id = $1", Ids.Read("shp", desk.Shop)));
    }

    [Fact]
    public async Task A_cashier_takes_money_and_cancels_and_sees_no_balance()
    {
        var desk = await Desk.OpenAsync(app);
        var cashier = await desk.CashierAsync();
        var customer = await desk.CustomerAsync();
        var bill = Invoice.Of(app, (await desk.AskAsync(cashier, customer.Owner.Id, "5.00")).Must(201));
        (await bill.CashAsync(cashier)).Must(200);
        var other = await desk.BillAsync(customer.Owner);
        Assert.Equal("cancelled", (await other.CancelAsync(cashier)).Must(200).Text("state"));
        Assert.Equal(2, (await cashier.GetAsync(desk.Path + "/payments")).Must(200).At("data").GetArrayLength());
        Assert.Equal(0, (await cashier.GetAsync(desk.Path)).Must(200).At("balances").GetArrayLength());
        (await cashier.GetAsync(desk.Path + "/members")).MustRefuse(403, "forbidden");
        (await cashier.GetAsync(desk.Path + "/invitations")).MustRefuse(403, "forbidden");
        (await cashier.PostAsync(desk.Path + "/members", """{"login":"a@example.org"}""")).MustRefuse(403, "forbidden");
    }

    [Fact]
    public async Task A_cashier_pays_back_up_to_the_shops_limit_of_one_payment_in_all()
    {
        var desk = await Desk.OpenAsync(app);
        var cashier = await desk.CashierAsync();
        var customer = await desk.CustomerAsync();
        var bill = await desk.BillAsync(customer.Owner, "10.00");
        (await bill.PayAsync(customer)).Must(200);
        (await bill.RefundAsync(cashier, "0.01")).MustRefuse(403, "forbidden");

        (await desk.LimitAsync("4.00")).Must(200);
        (await bill.RefundAsync(cashier, "4.01")).MustRefuse(403, "refund_above_limit");
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => bill.RefundAsync(cashier, "1.00")));
        Assert.Equal(4, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer => answer.MustRefuse(403, "refund_above_limit"));
        (await cashier.PostAsync($"/v1/payments/{bill.Payment.Id}/refunds", "{}")).MustRefuse(403, "refund_above_limit");
        Assert.Equal("14.00", await customer.BalanceAsync());
        (await bill.RefundAsync(desk.Owner, "6.00")).Must(201);
        Assert.Equal("20.00", await customer.BalanceAsync());
        await Payments.Books.CheckAsync(app);
    }

    [Fact]
    public async Task Who_is_sent_away_loses_the_till_at_once_also_for_what_they_made()
    {
        var desk = await Desk.OpenAsync(app);
        var (cashier, colleague) = (await desk.CashierAsync(), await desk.CashierAsync());
        var customer = await desk.CustomerAsync();
        var bill = Invoice.Of(app, (await desk.AskAsync(cashier, customer.Owner.Id, "5.00")).Must(201));
        var member = $"{desk.Path}/members/{Ids.Show("usr", cashier.Id)}";
        (await colleague.SendAsync(HttpMethod.Delete, member)).MustRefuse(403, "forbidden");
        (await (await Desk.OpenAsync(app)).Owner.SendAsync(HttpMethod.Delete, member)).MustRefuse(404, "not_found");
        (await desk.Owner.SendAsync(HttpMethod.Delete, member)).Must(204);
        (await desk.Owner.SendAsync(HttpMethod.Delete, member)).MustRefuse(404, "not_found");

        (await cashier.GetAsync(desk.Path)).MustRefuse(404, "not_found");
        (await cashier.GetAsync(desk.Path + "/payments")).MustRefuse(404, "not_found");
        (await cashier.GetAsync(bill.Path)).MustRefuse(404, "not_found");
        (await cashier.GetAsync("/v1/payments/" + bill.Payment.Id)).MustRefuse(404, "not_found");
        (await bill.CashAsync(cashier)).MustRefuse(404, "not_found");
        (await bill.CancelAsync(cashier)).MustRefuse(404, "not_found");
        (await desk.AskAsync(cashier, customer.Owner.Id, "5.00")).MustRefuse(404, "not_found");
        Assert.DoesNotContain("cashier", await RolesAsync(cashier), StringComparer.Ordinal);
        Assert.Equal("pending", await bill.Payment.StateAsync());
    }

    [Fact]
    public async Task Who_leaves_one_of_two_shops_stays_a_cashier()
    {
        var (one, two) = (await Desk.OpenAsync(app), await Desk.OpenAsync(app));
        var cashier = await one.CashierAsync();
        (await Desk.AcceptAsync(cashier, (await two.InviteAsync(Desk.FreshAddress())).Text("sandbox_code"))).Must(200);
        (await cashier.SendAsync(HttpMethod.Delete, $"{one.Path}/members/{Ids.Show("usr", cashier.Id)}")).Must(204);
        Assert.Contains("cashier", await RolesAsync(cashier), StringComparer.Ordinal);
        (await cashier.SendAsync(HttpMethod.Delete, $"{two.Path}/members/{Ids.Show("usr", cashier.Id)}")).Must(204);
        Assert.DoesNotContain("cashier", await RolesAsync(cashier), StringComparer.Ordinal);
        (await Desk.AcceptAsync(one.Owner, (await one.InviteAsync(Desk.FreshAddress())).Text("sandbox_code"))).MustRefuse(409, "own_shop");
    }

    private async Task<string[]> RolesAsync(Customer who) =>
        (await app.Database.ScalarAsync<string[]>("select roles from identity.people where id = $1", who.Id))!;
}
