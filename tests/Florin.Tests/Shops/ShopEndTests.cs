using Florin.Platform;
using Florin.Tests.Identity;
using Florin.Tests.Wallets;

namespace Florin.Tests.Shops;

/// <summary>Ends: of a shop, of a cashier's work in it, of how many one has.</summary>
public sealed class ShopEndTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task What_payers_began_by_themselves_does_not_keep_a_shop_open_and_is_called_off()
    {
        var desk = await Desk.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "20.00");
        var sale = (await SaleAsync(desk, payer.Owner)).Must(201).Text("id");
        (await desk.Owner.SendAsync(HttpMethod.Delete, desk.Path)).Must(204);
        Assert.Equal("cancelled", (await payer.Owner.GetAsync("/v1/payments/" + sale)).Must(200).Text("state"));
        (await payer.Owner.PostAsync($"/v1/payments/{sale}/pay", """{"method":"wallet"}""")).MustRefuse(409, "payment_not_payable");
        (await SaleAsync(desk, payer.Owner)).MustRefuse(409, "shop_closed");
    }

    [Fact]
    public async Task A_sale_that_was_drawn_before_the_shop_closed_is_not_made_after_it()
    {
        await using var second = await app.SecondServerAsync();
        for (var round = 0; round < 5; round++)
        {
            var desk = await Desk.OpenAsync(app);
            var customer = await desk.CustomerAsync();
            var path = $"{desk.Path}/sales";
            var making = Enumerable
                .Range(0, 40)
                .Select(i =>
                    i % 2 == 0
                        ? desk.AskAsync(desk.Owner, customer.Owner.Id, "1.00")
                        : customer.Owner.At(second).PostAsync(path, """{"amount":{"amount":"1.00","currency":"USD"}}""")
                )
                .ToArray();
            await making[0];
            Answered closed;
            do
            {
                closed = await desk.Owner.SendAsync(HttpMethod.Delete, desk.Path);
                if (closed.Status == 409)
                {
                    closed.MustRefuse(409, "shop_still_paid");
                    await app.Database.ScalarAsync<int>(
                        "update payments.payments set state = 'cancelled', ended_at = now() where payee = $1 and state = 'pending'",
                        Ids.Read("shp", desk.Shop)
                    );
                }
            } while (closed.Status == 409);
            closed.Must(204);
            await Task.WhenAll(making);
            Assert.Equal(
                0,
                await app.Database.ScalarAsync<long>(
                    "select count(*) from payments.payments where payee = $1 and state = 'pending'",
                    Ids.Read("shp", desk.Shop)
                )
            );
        }
    }

    [Fact]
    public async Task Who_is_sent_away_does_not_come_back_by_an_invitation_to_their_address()
    {
        var desk = await Desk.OpenAsync(app);
        var ann = await SignedIn.AsAsync(app);
        var first = (await desk.InviteAsync(ann.Person.Email!.ToUpperInvariant())).Text("sandbox_code");
        await SignedIn.Json(await ann.SendAsync("POST", "/v1/shop-invitations/accept", new { code = first }));
        var waiting = (await desk.InviteAsync(ann.Person.Email!)).Text("sandbox_code");
        var other = (await desk.InviteAsync(Desk.FreshAddress())).Text("sandbox_code");
        (await desk.Owner.SendAsync(HttpMethod.Delete, $"{desk.Path}/members/{ann.Person.PublicId}")).Must(204);
        Assert.Equal("invitation_not_valid", await SignedIn.Refusal(await ann.SendAsync("POST", "/v1/shop-invitations/accept", new { code = waiting })));
        (await Desk.AcceptAsync(await Customer.NewAsync(app), other)).Must(200);
    }

    [Fact]
    public async Task The_owner_reads_who_joined()
    {
        var desk = await Desk.OpenAsync(app);
        var cashier = await desk.CashierAsync();
        var mine = (await desk.Owner.GetAsync("/v1/me/activity")).Must(200).At("data").EnumerateArray();
        var joined = Assert.Single(mine, entry => entry.Text("action") is "shops.cashier_joined");
        Assert.Equal(Ids.Show("usr", cashier.Id), joined.Text("actor"));
    }

    [Fact]
    public async Task Joining_and_being_sent_away_at_one_moment_never_wait_for_each_other_in_a_circle()
    {
        var desk = await Desk.OpenAsync(app);
        var ann = await SignedIn.AsAsync(app);
        for (var round = 0; round < 20; round++)
        {
            var codes = new List<string>();
            codes.Add((await desk.InviteAsync(ann.Person.Username!)).Text("sandbox_code"));
            await SignedIn.Json(await ann.SendAsync("POST", "/v1/shop-invitations/accept", new { code = codes[0] }));
            codes.Add((await desk.InviteAsync(ann.Person.Username!)).Text("sandbox_code"));
            var joining = ann.SendAsync("POST", "/v1/shop-invitations/accept", new { code = codes[1] });
            var leaving = desk.Owner.SendAsync(HttpMethod.Delete, $"{desk.Path}/members/{ann.Person.PublicId}");
            Assert.True(await SignedIn.Refusal(await joining) is "" or "invitation_not_valid");
            Assert.True((await leaving).Status is 204);
            await app.Database.ScalarAsync<int>("delete from shops.invitations where shop_id = $1", Ids.Read("shp", desk.Shop));
        }
    }

    [Fact]
    public async Task Nobody_has_more_than_twenty_shops_however_many_they_open_at_once()
    {
        await using var second = await app.SecondServerAsync();
        var owner = await Customer.NewAsync(app, roles: [Roles.Merchant]);
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(i => (i % 2 == 0 ? owner : owner.At(second)).PostAsync("/v1/shops", """{"name":"Corner Shop"}"""))
        );
        Assert.Equal(20, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer => answer.MustRefuse(409, "shop_limit_reached"));
    }

    private static Task<Answered> SaleAsync(Desk desk, Customer payer) =>
        payer.PostAsync($"{desk.Path}/sales", """{"amount":{"amount":"1.00","currency":"USD"}}""");
}
