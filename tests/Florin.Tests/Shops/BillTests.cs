using Florin.Payments;
using Florin.Platform;
using Florin.Tests.Payments;
using Florin.Tests.Wallets;
using Microsoft.Extensions.DependencyInjection;

namespace Florin.Tests.Shops;

public sealed class BillTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task A_bill_is_a_sale_that_only_its_customer_pays_and_has_one_state_with_it()
    {
        var desk = await Desk.OpenAsync(app);
        var (customer, other) = (await desk.CustomerAsync(), await desk.CustomerAsync());
        var made = (await desk.AskAsync(desk.Owner, customer.Owner.Id, "5.00", ""","note":" Two coffees ","reference":"A-17" """)).Must(201);
        var bill = Invoice.Of(app, made);
        Assert.Equal(("1", "pending", "Two coffees", "A-17"), (made.Text("number"), made.Text("state"), made.Text("note"), made.Text("reference")));
        Assert.Equal(("Corner Shop", "Ada Lovelace"), (made.Text("shop_name"), made.Text("customer_name")));
        var payment = (await customer.Owner.GetAsync("/v1/payments/" + bill.Payment.Id)).Must(200);
        Assert.Equal(("sale", "Two coffees"), (payment.Text("purpose"), payment.Text("description")));

        Assert.Equal(bill.Id, (await customer.Owner.GetAsync(bill.Path)).Must(200).Text("id"));
        (await other.Owner.GetAsync(bill.Path)).MustRefuse(404, "not_found");
        (await bill.PayAsync(other)).MustRefuse(404, "not_found");
        (await bill.Payment.PayAsync(other)).MustRefuse(403, "other_payer");
        (await bill.CancelAsync(customer.Owner)).MustRefuse(403, "forbidden");
        (await bill.PayAsync(customer)).Must(200);
        var paid = (await desk.Owner.GetAsync(bill.Path)).Must(200);
        Assert.Equal(("completed", "wallet"), (paid.Text("state"), paid.Text("method")));
        (await bill.RefundAsync(desk.Owner, "2.00")).Must(201);
        Assert.Equal("2.00", (await desk.Owner.GetAsync(bill.Path)).Must(200).Text("refunded.amount"));
        (await bill.CancelAsync(desk.Owner)).MustRefuse(409, "payment_already_paid");
        Assert.Equal("3.00", await desk.HoldsAsync("settlement"));
        Assert.Equal("2", (await desk.AskAsync(desk.Owner, customer.Owner.Id, "1.00")).Must(201).Text("number"));
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task One_key_makes_one_bill()
    {
        var desk = await Desk.OpenAsync(app);
        var customer = await desk.CustomerAsync();
        var key = Customer.NewKey();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => desk.AskAsync(desk.Owner, customer.Owner.Id, "5.00", key: key)));
        Assert.Single(answers.Select(answer => answer.Must(201).Text("id")).Distinct(StringComparer.Ordinal));
        Assert.Equal(1, await app.Database.ScalarAsync<long>("select count(*) from shops.bills where shop_id = $1", Ids.Read("shp", desk.Shop)));
        Assert.Equal(1, await app.Database.ScalarAsync<long>("select count(*) from payments.payments where payee = $1", Ids.Read("shp", desk.Shop)));
    }

    [Fact]
    public async Task Fifty_bills_at_once_have_fifty_numbers()
    {
        var desk = await Desk.OpenAsync(app);
        var customer = await desk.CustomerAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => desk.AskAsync(desk.Owner, customer.Owner.Id, "5.00")));
        Assert.Equal(50, answers.Select(answer => answer.Must(201).Text("number")).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task What_is_wrong_with_it_is_refused()
    {
        var desk = await Desk.OpenAsync(app);
        var customer = await desk.CustomerAsync();
        (await desk.AskAsync(desk.Owner, customer.Owner.Id, "0.00")).MustRefuse(400, "amount_out_of_range");
        (await desk.AskAsync(desk.Owner, customer.Owner.Id, "-1.00")).MustRefuse(400, "invalid_request");
        (await desk.AskAsync(desk.Owner, customer.Owner.Id, "1.00", ""","expires_in":29""")).MustRefuse(400, "invalid_request");
        (await desk.AskAsync(desk.Owner, customer.Owner.Id, "1.00", ""","note":"a\u0000b" """)).MustRefuse(400, "invalid_request");
        (await desk.AskAsync(desk.Owner, customer.Owner.Id, "1.00", ""","state":"completed" """)).MustRefuse(400, "invalid_request");
        (await desk.AskAsync(desk.Owner, desk.Owner.Id, "1.00")).MustRefuse(422, "unknown_customer");
        (await desk.AskAsync(customer.Owner, customer.Owner.Id, "1.00")).MustRefuse(404, "not_found");
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select count(*) from payments.payments where payee = $1", Ids.Read("shp", desk.Shop)));
    }

    [Fact]
    public async Task A_bill_that_nobody_pays_in_time_expires()
    {
        await using var own = new FlorinApp();
        await own.InitializeAsync();
        var desk = await Desk.OpenAsync(own);
        var customer = await desk.CustomerAsync();
        var (soon, later) = (await desk.BillAsync(customer.Owner, more: ""","expires_in":60"""), await desk.BillAsync(customer.Owner));
        own.Clock.Wind(TimeSpan.FromSeconds(61));
        await own
            .Services.GetServices<RecurringJob>()
            .Single(job => job.Name is "payments.expire")
            .RunAsync(own.Services, TestContext.Current.CancellationToken);
        Assert.Equal("expired", (await desk.Owner.Again().GetAsync(soon.Path)).Must(200).Text("state"));
        Assert.Equal("pending", (await desk.Owner.Again().GetAsync(later.Path)).Must(200).Text("state"));
    }

    [Fact]
    public async Task Bills_are_found_by_state_customer_time_and_text_with_what_they_come_to()
    {
        var desk = await Desk.OpenAsync(app);
        var (ann, bob) = (await desk.CustomerAsync(), await desk.CustomerAsync());
        var bills = new List<Invoice>
        {
            await desk.BillAsync(ann.Owner, "1.00", ""","note":"Tea","reference":"T-1" """),
            await desk.BillAsync(ann.Owner, "2.00", ""","note":"100% cocoa" """),
            await desk.BillAsync(bob.Owner, "4.00", ""","reference":"t-2" """),
        };
        (await bills[0].PayAsync(ann)).Must(200);
        (await bills[2].PayAsync(bob)).Must(200);
        (await bills[2].RefundAsync(desk.Owner, "4.00")).Must(201);

        var all = (await desk.Owner.GetAsync("/v1/bills?shop=" + desk.Shop)).Must(200);
        Assert.Equal([bills[2].Id, bills[1].Id, bills[0].Id], IdsOf(all));
        Assert.Equal(["completed 1 1.00", "pending 1 2.00", "refunded 1 4.00"], CustomerTests.Totals(all));
        var first = (await desk.Owner.GetAsync($"/v1/bills?shop={desk.Shop}&limit=2")).Must(200);
        var second = (await desk.Owner.GetAsync($"/v1/bills?shop={desk.Shop}&limit=2&cursor={first.Text("next_cursor")}")).Must(200);
        Assert.Equal(IdsOf(all), IdsOf(first).Concat(IdsOf(second)));
        Assert.Equal(3, CustomerTests.Totals(first).Count());
        Assert.Equal("null", second.Text("totals"));

        Assert.Equal([bills[1].Id], await FindAsync("state=pending"));
        Assert.Equal([bills[2].Id], await FindAsync("customer=" + Ids.Show("usr", bob.Owner.Id)));
        Assert.Equal([bills[0].Id], await FindAsync("q=tea"));
        Assert.Equal([bills[2].Id, bills[0].Id], await FindAsync("q=T-"));
        Assert.Equal([bills[1].Id], await FindAsync("q=" + Uri.EscapeDataString("0%")));
        Assert.Equal([bills[1].Id], await FindAsync("q=2"));
        Assert.Empty(await FindAsync("q=_ea"));
        Assert.Empty(await FindAsync("to=2020-01-01"));
        Assert.Equal(3, (await FindAsync("from=2020-01-01")).Count);
        foreach (var wrong in new[] { "state=lost", "from=yesterday", "customer=me", "cursor=x", "limit=0" })
        {
            (await desk.Owner.GetAsync($"/v1/bills?shop={desk.Shop}&{wrong}")).MustRefuse(400, "invalid_request");
        }

        Assert.Equal([bills[1].Id, bills[0].Id], IdsOf((await ann.Owner.GetAsync("/v1/bills")).Must(200)));
        Assert.Equal(IdsOf(all), IdsOf((await (await desk.CashierAsync()).GetAsync("/v1/bills")).Must(200)));

        async Task<List<string>> FindAsync(string query) => IdsOf((await desk.Owner.GetAsync($"/v1/bills?shop={desk.Shop}&{query}")).Must(200));
    }

    [Fact]
    public async Task It_prints_as_a_page_on_which_words_are_words()
    {
        var desk = await Desk.OpenAsync(app);
        var customer = await desk.CustomerAsync();
        var bill = await desk.BillAsync(customer.Owner, "5.00", ""","note":"<script>alert(1)</script>" """);
        var page = await customer.Owner.GetAsync(bill.Path + "/print");
        page.Must200("text/html");
        Assert.Contains("&lt;script&gt;", page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page.Body, StringComparison.Ordinal);
        Assert.Contains("5.00 USD", page.Body, StringComparison.Ordinal);
        Assert.Contains("waiting for payment", page.Body, StringComparison.Ordinal);
        (await (await desk.CustomerAsync()).Owner.GetAsync(bill.Path + "/print")).MustRefuse(404, "not_found");
    }

    [Fact]
    public async Task For_another_shops_owner_none_of_it_exists()
    {
        var (desk, other) = (await Desk.OpenAsync(app), await Desk.OpenAsync(app));
        var customer = await desk.CustomerAsync();
        var bill = await desk.BillAsync(customer.Owner);
        var paid = await desk.BillAsync(customer.Owner, "1.00");
        (await paid.PayAsync(customer)).Must(200);
        var person = Ids.Show("usr", customer.Owner.Id);
        var invitation = (await desk.InviteAsync(Desk.FreshAddress())).Text("id");
        foreach (
            var path in new[]
            {
                desk.Path,
                desk.Path + "/payments",
                desk.Path + "/members",
                desk.Path + "/invitations",
                desk.Path + "/customers",
                $"{desk.Path}/customers/{person}",
                "/v1/bills?shop=" + desk.Shop,
                bill.Path,
                bill.Path + "/print",
                "/v1/payments/" + bill.Payment.Id,
                $"/v1/payments/{bill.Payment.Id}/attempts",
                $"/v1/payments/{bill.Payment.Id}/refunds",
            }
        )
        {
            (await other.Owner.GetAsync(path)).MustRefuse(404, "not_found");
        }

        (await bill.CashAsync(other.Owner)).MustRefuse(404, "not_found");
        (await bill.CancelAsync(other.Owner)).MustRefuse(404, "not_found");
        (await paid.RefundAsync(other.Owner, "1.00")).MustRefuse(404, "not_found");
        (await desk.AskAsync(other.Owner, customer.Owner.Id, "1.00")).MustRefuse(404, "not_found");
        (await other.Owner.PostAsync(desk.Path + "/members", """{"login":"a@example.org"}""")).MustRefuse(404, "not_found");
        (await other.Owner.PostAsync(desk.Path + "/customers/links", """{"login":"a@example.org"}""")).MustRefuse(404, "not_found");
        (await other.Owner.PostAsync(desk.Path + "/customers", """{"email":"a@example.org"}""")).MustRefuse(404, "not_found");
        (await other.Owner.SendAsync(HttpMethod.Delete, desk.Path)).MustRefuse(404, "not_found");
        (await other.Owner.SendAsync(HttpMethod.Delete, $"{desk.Path}/customers/{person}")).MustRefuse(404, "not_found");
        (await other.Owner.SendAsync(HttpMethod.Delete, $"{desk.Path}/invitations/{invitation}")).MustRefuse(404, "not_found");
        (await other.Owner.SendAsync(HttpMethod.Delete, $"{other.Path}/invitations/{invitation}")).MustRefuse(404, "not_found");
        Assert.Empty(IdsOf((await other.Owner.GetAsync("/v1/bills")).Must(200)));
        Assert.Equal("pending", await bill.Payment.StateAsync());
    }

    private static List<string> IdsOf(System.Text.Json.JsonElement page) => [.. page.At("data").EnumerateArray().Select(one => one.Text("id"))];
}
