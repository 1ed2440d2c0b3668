using Florin.Payments;
using Florin.Platform;
using Florin.Tests.Wallets;

namespace Florin.Tests.Payments;

public sealed class PaymentTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task A_payment_is_shown_by_id_to_its_parties_and_by_code_to_whoever_has_it()
    {
        var till = await Till.OpenAsync(app);
        var made = (
            await till.Merchant.PostAsync(
                "/v1/payments",
                $$$"""
                {"purpose":"sale","amount":{"amount":"12.34","currency":"USD"},"subject":{"shop":"{{{till.Shop}}}"},
                 "description":"Two coffees","reference":"A-1","metadata":{"table":"7"},"expires_in":60}
                """
            )
        ).Must(201);
        var bill = Bill.Of(app, made);
        Assert.Matches("^pay_[0-9a-f]{32}$", bill.Id);
        Assert.Equal("pending", made.Text("state"));
        Assert.Equal("0.00", made.Text("fee.amount"));
        Assert.Equal("Corner Shop", made.Text("payee_name"));
        Assert.Equal("7", made.Text("metadata.table"));
        Assert.Equal(["wallet", "cash", "sandbox"], made.At("methods").EnumerateArray().Select(one => one.GetString()));
        Assert.Equal(made.GetRawText(), (await till.Merchant.GetAsync("/v1/payments/" + bill.Id)).Must(200).GetRawText());

        var stranger = await Customer.NewAsync(app);
        (await stranger.GetAsync("/v1/payments/" + bill.Id)).MustRefuse(404, "not_found");
        (await stranger.PostAsync($"/v1/payments/{bill.Id}/pay", """{"method":"wallet"}""")).MustRefuse(404, "not_found");
        (await stranger.PostAsync($"/v1/payments/{bill.Id}/cancel", "{}")).MustRefuse(404, "not_found");
        (await stranger.PostAsync($"/v1/payments/{bill.Id}/refunds", "{}")).MustRefuse(404, "not_found");
        (await stranger.GetAsync($"/v1/payments/{bill.Id}/attempts")).MustRefuse(404, "not_found");
        var seen = (await stranger.GetAsync("/v1/payments/" + bill.Code)).Must(200);
        Assert.Equal("null", seen.Text("fee"));
        Assert.Equal("Two coffees", seen.Text("description"));
        Assert.Equal("{}", seen.Text("metadata"));

        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "20.00");
        (await bill.PayAsync(payer)).Must(200);
        Assert.Equal("null", (await stranger.GetAsync("/v1/payments/" + bill.Code)).Must(200).Text("payer"));
        Assert.Equal($"usr_{payer.Owner.Id:N}", (await payer.Owner.GetAsync("/v1/payments/" + bill.Code)).Must(200).Text("payer"));
    }

    [Fact]
    public async Task What_cannot_be_asked_for_is_refused()
    {
        var till = await Till.OpenAsync(app);
        var other = await Till.OpenAsync(app);
        var customer = await Customer.NewAsync(app);
        string Sale(string amount, string shop, string more = "") =>
            $$$"""{"purpose":"sale","amount":{"amount":"{{{amount}}}","currency":"USD"},"subject":{"shop":"{{{shop}}}"}{{{more}}}}""";

        (await till.Merchant.PostAsync("/v1/payments", Sale("0.00", till.Shop))).MustRefuse(400, "amount_out_of_range");
        (await till.Merchant.PostAsync("/v1/payments", Sale("1.00", other.Shop))).MustRefuse(404, "not_found");
        (await customer.PostAsync("/v1/payments", Sale("1.00", till.Shop))).MustRefuse(404, "not_found");
        (await till.Merchant.PostAsync("/v1/payments", Sale("1.00", "wal_1"))).MustRefuse(400, "invalid_request");
        (await till.Merchant.PostAsync("/v1/payments", Sale("1.00", till.Shop, ""","expires_in":5"""))).MustRefuse(400, "invalid_request");
        (await till.Merchant.PostAsync("/v1/payments", Sale("1.00", till.Shop, ""","state":"completed" """))).MustRefuse(400, "invalid_request");
        (await till.Merchant.PostAsync("/v1/payments", """{"purpose":"gift"}""")).MustRefuse(422, "unknown_purpose");
        (await till.Merchant.SendAsync(HttpMethod.Post, "/v1/payments", Sale("1.00", till.Shop))).MustRefuse(400, "idempotency_key_missing");
    }

    [Fact]
    public async Task The_same_key_makes_one_payment()
    {
        var till = await Till.OpenAsync(app);
        var key = Customer.NewKey();
        var body = $$$"""{"purpose":"sale","amount":{"amount":"5.00","currency":"USD"},"subject":{"shop":"{{{till.Shop}}}"}}""";
        var first = await till.Merchant.PostAsync("/v1/payments", body, key);
        var second = await till.Merchant.PostAsync("/v1/payments", body, key);
        first.Must(201);
        Assert.True(second.Replayed);
        Assert.Equal(first.Bytes, second.Bytes);
        (await till.Merchant.PostAsync("/v1/payments", body.Replace("5.00", "6.00", StringComparison.Ordinal), key)).MustRefuse(422, "idempotency_key_reused");
    }

    [Fact]
    public async Task A_payment_that_nobody_pays_expires_and_can_no_longer_be_paid()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "20.00");
        var bill = await till.AskAsync("5.00", more: ""","expires_in":60""");
        app.Clock.Wind(TimeSpan.FromSeconds(61));
        (await bill.PayAsync(payer)).MustRefuse(409, "payment_not_payable"); // before the job has seen it
        await app.Get<ExpirePayments>().RunAsync(CancellationToken.None);
        Assert.Equal("expired", await bill.StateAsync());
        (await bill.PayAsync(payer)).MustRefuse(409, "payment_not_payable");
        (await till.CashAsync(bill)).MustRefuse(409, "payment_not_payable");
        Assert.Equal("20.00", await payer.BalanceAsync());
        Assert.Equal("created expired", await bill.EventsAsync());
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task Whoever_made_it_cancels_it_once()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "20.00");
        var bill = await till.AskAsync("5.00");
        Assert.Equal("cancelled", (await till.Merchant.PostAsync($"/v1/payments/{bill.Id}/cancel", "{}")).Must(200).Text("state"));
        Assert.Equal("cancelled", (await till.Merchant.PostAsync($"/v1/payments/{bill.Id}/cancel", "{}")).Must(200).Text("state"));
        (await bill.PayAsync(payer)).MustRefuse(409, "payment_not_payable");
        Assert.Equal("created cancelled", await bill.EventsAsync());

        var paid = await till.AskAsync("5.00");
        (await paid.PayAsync(payer)).Must(200);
        (await till.Merchant.PostAsync($"/v1/payments/{paid.Id}/cancel", "{}")).MustRefuse(409, "payment_already_paid");
    }

    [Fact]
    public async Task Each_side_lists_its_own_newest_first_and_page_by_page()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "20.00");
        var bills = new List<Bill>();
        for (var i = 0; i < 5; i++)
        {
            bills.Add(await till.AskAsync("1.00"));
        }

        (await bills[1].PayAsync(payer)).Must(200);
        var page = (await till.Merchant.GetAsync("/v1/payments?limit=3")).Must(200);
        Assert.Equal(bills.AsEnumerable().Reverse().Take(3).Select(one => one.Id), page.At("data").EnumerateArray().Select(one => one.Text("id")));
        var rest = (await till.Merchant.GetAsync($"/v1/payments?limit=3&cursor={page.Text("next_cursor")}")).Must(200);
        Assert.Equal(bills.AsEnumerable().Reverse().Skip(3).Select(one => one.Id), rest.At("data").EnumerateArray().Select(one => one.Text("id")));
        Assert.Equal("null", rest.Text("next_cursor"));
        Assert.Equal(bills[1].Id, Assert.Single((await payer.Owner.GetAsync("/v1/payments?purpose=sale")).Must(200).At("data").EnumerateArray()).Text("id"));
        Assert.Equal(
            bills[1].Id,
            Assert.Single((await till.Merchant.GetAsync($"/v1/shops/{till.Shop}/payments?state=completed")).Must(200).At("data").EnumerateArray()).Text("id")
        );
        (await payer.Owner.GetAsync($"/v1/shops/{till.Shop}/payments")).MustRefuse(404, "not_found");
        (await payer.Owner.GetAsync("/v1/payments?all=true")).MustRefuse(403, "forbidden");
        (await payer.Owner.GetAsync("/v1/payments?state=lost")).MustRefuse(400, "invalid_request");
    }

    [Fact]
    public async Task A_completed_payment_has_a_receipt_as_JSON_and_as_a_page()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "20.00");
        var bill = await till.AskAsync("5.00", more: ""","description":"<b>Tea</b>" """);
        (await till.Merchant.GetAsync($"/v1/payments/{bill.Id}/receipt")).MustRefuse(409, "payment_not_paid");
        (await bill.PayAsync(payer)).Must(200);
        (await till.RefundAsync(bill, "2.00")).Must(201);
        var receipt = (await payer.Owner.GetAsync($"/v1/payments/{bill.Id}/receipt")).Must(200);
        Assert.Equal("5.00", receipt.Text("amount.amount"));
        Assert.Equal("2.00", receipt.Text("refunded.amount"));
        Assert.Equal("wallet", receipt.Text("method"));

        var page = await payer.Owner.GetAsync("/receipts/" + bill.Code);
        page.Must200("text/html");
        Assert.Contains("&lt;b&gt;Tea&lt;/b&gt;", page.Body, StringComparison.Ordinal);
        Assert.Contains("5.00 USD", page.Body, StringComparison.Ordinal);
        Assert.Contains("SANDBOX", page.Body, StringComparison.Ordinal);
        var shouted = "pay_" + bill.Id[4..].ToUpperInvariant(); // an id in capitals is neither an id nor a code, which would need no sign-in
        foreach (var route in new[] { "", "/receipt", "/qr" })
        {
            using var answer = await app.Http.GetAsync(new Uri($"/v1/payments/{shouted}{route}", UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal(System.Net.HttpStatusCode.NotFound, answer.StatusCode);
        }

        foreach (var none in new[] { bill.Id, "AAAAAAAAAAAAAAAAAAAAAA" })
        {
            var refused = await payer.Owner.GetAsync("/receipts/" + none);
            Assert.Equal((404, "text/html"), (refused.Status, refused.ContentType));
            Assert.DoesNotContain("5.00", refused.Body, StringComparison.Ordinal);
        }
    }
}
