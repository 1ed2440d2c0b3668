using Florin.Platform;
using Florin.Tests.Identity;
using Florin.Tests.Notifications;
using Florin.Tests.Payments;
using Florin.Tests.Platform;
using Florin.Tests.Wallets;

namespace Florin.Tests.Qr;

/// <summary>Every till of a shop hears of its payments, on every server, as long as its person works there.</summary>
public sealed class TillEventTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task Every_till_of_the_shop_on_every_server_sees_each_payment_once_with_its_time()
    {
        await using var second = await app.SecondServerAsync();
        var shop = await OpenAsync();
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "20.00");
        var cashier = await HireAsync(shop);
        var stranger = await SignedIn.AsAsync(app, Roles.Merchant);
        var tills = new List<Listening>();
        foreach (var person in new[] { shop.Owner, cashier })
        {
            tills.Add(await Listening.OpenAsync(socket: true, app, person));
            tills.Add(await Listening.OpenAsync(socket: false, app, person));
            tills.Add(await Listening.OpenAsync(socket: true, second, person));
        }

        await using var outside = await Listening.OpenAsync(socket: true, app, stranger);
        var bill = await AskAsync(shop.Owner, shop.Id);
        var paid = (await bill.PayAsync(payer)).Must(200);
        foreach (var till in tills)
        {
            Assert.Equal("payments.created", (await till.EventAsync()).Topic);
            var completed = await till.EventAsync();
            Assert.Equal("payments.completed", completed.Topic);
            Assert.Equal(bill.Id, completed.Payload.Text("id"));
            Assert.Equal(paid.Text("payment.completed_at"), completed.Payload.Text("completed_at"));
        }

        // Whoever does not work there saw nothing of it: the first that they see is their own.
        var own = await AskAsync(stranger, (await ShopAsync(stranger)));
        Assert.Equal(own.Id, (await outside.EventAsync()).Payload.Text("id"));
        foreach (var till in tills)
        {
            await till.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_cashier_who_was_taken_out_of_the_shop_sees_nothing_from_then_on_also_not_of_their_own_bills()
    {
        var shop = await OpenAsync();
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "20.00");
        var (stays, leaves) = (await HireAsync(shop), await HireAsync(shop));
        await using var kept = await Listening.OpenAsync(socket: true, app, stays);
        await using var open = await Listening.OpenAsync(socket: true, app, leaves);
        var first = await AskAsync(leaves, shop.Id);
        Assert.Equal(first.Id, (await open.EventAsync()).Payload.Text("id"));
        var last = open.LastId;
        await app.Database.ScalarAsync<int>("delete from shops.members where person_id = $1", leaves.Id);
        (await first.PayAsync(payer)).Must(200);
        var second = await AskAsync(stays, shop.Id);
        (await shop.Owner.SendAsync("POST", $"/v1/payments/{second.Id}/cancel", new { })).EnsureSuccessStatusCode();
        var topics = new List<string>();
        while (topics.LastOrDefault() is not "payments.cancelled")
        {
            topics.Add((await kept.EventAsync()).Topic);
        }

        Assert.Equal(["payments.created", "payments.completed", "payments.created", "payments.cancelled"], topics);
        await TellAsync("for the one who left", leaves);
        Assert.Equal("for the one who left", (await open.EventAsync()).Text);

        // Nor is any of it there for them when they come back with the last id.
        await using var again = await Listening.OpenAsync(socket: false, app, leaves, last);
        Assert.Equal("for the one who left", (await again.EventAsync()).Text);
    }

    [Fact]
    public async Task A_cashier_who_comes_into_the_shop_while_connected_sees_its_payments()
    {
        var shop = await OpenAsync();
        var fresh = await SignedIn.AsAsync(app, Roles.Cashier);
        await using var open = await Listening.OpenAsync(socket: true, app, fresh);
        await JoinAsync(shop, fresh);
        app.Clock.Wind(TimeSpan.FromSeconds(2)); // where people work is looked up each second
        var bill = await AskAsync(shop.Owner, shop.Id);
        Assert.Equal(bill.Id, (await open.EventAsync()).Payload.Text("id"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_till_that_was_away_for_half_a_minute_gets_what_it_missed_once_and_in_order(bool socket)
    {
        await using var second = await app.SecondServerAsync();
        var shop = await OpenAsync();
        var cashier = await HireAsync(shop);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "100.00");
        string last;
        await using (var till = await Listening.OpenAsync(socket, app, cashier))
        {
            var seen = await AskAsync(shop.Owner, shop.Id);
            Assert.Equal(seen.Id, (await till.EventAsync()).Payload.Text("id"));
            last = till.LastId;
        }

        var missed = new List<string>();
        for (var i = 0; i < 30; i++)
        {
            app.Clock.Wind(TimeSpan.FromSeconds(1));
            var bill = await AskAsync(shop.Owner, shop.Id);
            (await bill.PayAsync(payer)).Must(200);
            missed.AddRange([$"payments.created {bill.Id}", $"payments.completed {bill.Id}"]);
        }

        // It comes back to another server, while payments go on.
        await using var back = await Listening.OpenAsync(socket, second, cashier, last);
        var next = await AskAsync(shop.Owner, shop.Id);
        missed.Add($"payments.created {next.Id}");
        var got = new List<string>();
        while (got.Count < missed.Count)
        {
            var happened = await back.EventAsync();
            got.Add($"{happened.Topic} {happened.Payload.Text("id")}");
        }

        Assert.Equal(missed, got);
    }

    private Task TellAsync(string text, SignedIn person) => OutboxRig.WriteAsync(app, OutboxRig.Event(text, audience: [person.Id]));

    private async Task<(SignedIn Owner, string Id)> OpenAsync()
    {
        var owner = await SignedIn.AsAsync(app, Roles.Merchant);
        return (owner, await ShopAsync(owner));
    }

    private static async Task<string> ShopAsync(SignedIn owner) =>
        (await SignedIn.Json(await owner.SendAsync("POST", "/v1/shops", new { name = "Corner Shop" }))).Text("id");

    private async Task<SignedIn> HireAsync((SignedIn Owner, string Id) shop)
    {
        var cashier = await SignedIn.AsAsync(app, Roles.Cashier);
        await JoinAsync(shop, cashier);
        return cashier;
    }

    private Task<int> JoinAsync((SignedIn Owner, string Id) shop, SignedIn person) =>
        app.Database.ScalarAsync<int>("insert into shops.members values ($1, $2, now())", Ids.Read("shp", shop.Id), person.Id);

    private async Task<Bill> AskAsync(SignedIn by, string shop)
    {
        var order = new
        {
            purpose = "sale",
            amount = new { amount = "1.00", currency = "USD" },
            subject = new { shop },
        };
        return Bill.Of(app, await SignedIn.Json(await by.SendAsync("POST", "/v1/payments", order)));
    }
}
