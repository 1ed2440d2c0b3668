using Florin.Platform;
using Florin.Tests.Payments;
using Florin.Tests.Wallets;

namespace Florin.Tests.Qr;

public sealed class ShopQrTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Theory]
    [InlineData("url")]
    [InlineData("emvco")]
    public async Task The_code_at_the_till_is_printed_by_its_people_and_read_by_anybody(string format)
    {
        var till = await Till.OpenAsync(app);
        var cashier = await Customer.NewAsync(app, roles: [Roles.Cashier]);
        await app.Database.ScalarAsync<int>("insert into shops.members values ($1, $2, now())", Ids.Read("shp", till.Shop), cashier.Id);
        var text = await Scanner.ReadAsync(cashier, $"/v1/shops/{till.Shop}/qr?payload={format}");
        Assert.Equal(text, await Scanner.ReadAsync(till.Merchant, $"/v1/shops/{till.Shop}/qr?payload={format}&size=200"));
        var verified = (await cashier.GetAsync("/v1/qr/verify?payload=" + Uri.EscapeDataString(text))).Must(200);
        Assert.Equal(
            ["true", "shop", "Corner Shop", "null"],
            [verified.Text("verified"), verified.Text("kind"), verified.Text("payee_name"), verified.Text("amount")]
        );
        var changed = text.Replace(
            verified.Text("code"),
            Florin.Shops.Shop.CodeOf(Ids.Read("shp", (await Till.OpenAsync(app)).Shop)),
            StringComparison.Ordinal
        );
        Assert.Equal("false", (await cashier.GetAsync("/v1/qr/verify?payload=" + Uri.EscapeDataString(changed))).Must(200).Text("verified"));
        if (format is "url")
        {
            var page = await cashier.GetAsync(new Uri(text).PathAndQuery);
            page.Must200("text/html");
            Assert.Contains("verified: Corner Shop", page.Body, StringComparison.Ordinal);
            Assert.Contains("Warning", (await cashier.GetAsync(new Uri(text).AbsolutePath + "?s=x")).Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_payer_says_the_amount_and_alone_can_pay_it()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "20.00");
        var other = await (await Customer.NewAsync(app)).OpenAsync("USD", "20.00");
        var code = Florin.Shops.Shop.CodeOf(Ids.Read("shp", till.Shop));
        var key = Customer.NewKey();
        var body = $$"""{"amount":{{payer.Money("5.00")}},"note":"Two teas"}""";
        var first = await payer.Owner.PostAsync($"/v1/shops/{code}/sales", body, key);
        var made = first.Must(201);
        Assert.Equal(first.Bytes, (await payer.Owner.PostAsync($"/v1/shops/{code}/sales", body, key)).Bytes);
        Assert.Equal(["sale", "Two teas", "null", "null"], [made.Text("purpose"), made.Text("description"), made.Text("fee"), made.Text("watch_code")]);
        Assert.Equal(TimeSpan.FromMinutes(5), made.At("expires_at").GetDateTimeOffset() - made.At("created_at").GetDateTimeOffset());
        var bill = Bill.Of(app, made);
        (await bill.PayAsync(other)).MustRefuse(403, "other_payer");
        (await bill.PayAsync(payer)).Must(200);
        Assert.Equal("5.00", await till.SettlementAsync());
        Assert.Equal(bill.Id, (await till.Merchant.GetAsync($"/v1/shops/{till.Shop}/payments")).Must(200).At("data")[0].Text("id"));
        Assert.Equal(
            1,
            await app.Database.ScalarAsync<long>(
                "select count(*) from activity.entries where subject = $1 and action = 'shops.sale_by_payer'",
                till.Merchant.Id
            )
        );
        (await payer.Owner.PostAsync($"/v1/shops/{till.Shop}/sales", body)).Must(201);
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task What_cannot_be_sold_so_is_refused()
    {
        var till = await Till.OpenAsync(app);
        var payer = await Customer.NewAsync(app);
        string Body(string amount, string more = "") => $$$"""{"amount":{"amount":"{{{amount}}}","currency":"USD"}{{{more}}}}""";
        var sales = $"/v1/shops/{till.Shop}/sales";
        (await payer.PostAsync(sales, Body("0.00"))).MustRefuse(400, "amount_out_of_range");
        (await payer.PostAsync(sales, Body("-1.00"))).MustRefuseAny();
        (await payer.PostAsync(sales, Body("1.00", ""","payer":"usr_1" """))).MustRefuse(400, "invalid_request");
        (await payer.PostAsync(sales, Body("1.00", ""","note":"a\u0000b" """))).MustRefuse(400, "invalid_request");
        (await payer.SendAsync(HttpMethod.Post, sales, Body("1.00"))).MustRefuse(400, "idempotency_key_missing");
        foreach (var none in new[] { "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAB", "!AAAAAAAAAAAAAAAAAAAAA", "shp_1" })
        {
            (await payer.PostAsync($"/v1/shops/{none}/sales", Body("1.00"))).MustRefuse(404, "not_found");
            (await payer.GetAsync("/v1/payments/watch/" + none)).MustRefuse(404, "not_found");
        }

        (await till.Merchant.PostAsync(sales, Body("1.00"))).MustRefuse(409, "own_payment");
        await app.Database.ScalarAsync<int>("update shops.shops set closed_at = now() where id = $1", Ids.Read("shp", till.Shop));
        (await payer.PostAsync(sales, Body("1.00"))).MustRefuse(409, "shop_closed");

        // Who sells in a shop is still its people only.
        var other = await Till.OpenAsync(app);
        (
            await payer.PostAsync("/v1/payments", $$$"""{"purpose":"sale","amount":{"amount":"1.00","currency":"USD"},"subject":{"shop":"{{{other.Shop}}}"}}""")
        ).MustRefuse(404, "not_found");
    }

    [Fact]
    public async Task Nobody_fills_a_shops_list()
    {
        await using var limited = new FlorinApp { Settings = { ["FLORIN_RATE_LIMITS"] = "true" } };
        await limited.InitializeAsync();
        var till = await Till.OpenAsync(limited);
        var payer = await Customer.NewAsync(limited);
        var body = """{"amount":{"amount":"1.00","currency":"USD"}}""";
        for (var i = 0; i < 30; i++)
        {
            (await payer.PostAsync($"/v1/shops/{till.Shop}/sales", body)).Must(201);
        }

        (await payer.PostAsync($"/v1/shops/{till.Shop}/sales", body)).MustRefuse(429, "rate_limited");
    }
}
