using System.Net;
using System.Net.Http.Headers;
using Florin.Platform;
using Florin.Tests.Identity;
using Florin.Tests.Wallets;

namespace Florin.Tests.Shops;

public sealed class ShopTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_a_sandbox_anybody_opens_a_shop_and_is_a_merchant_from_the_next_refresh_on()
    {
        var signedUp = await app.Http.RegisterAsync(Calls.Fresh("ann"));
        var key = new { name = "till", scopes = SignedIn.List("payments:read") };
        Assert.Equal(HttpStatusCode.Forbidden, (await app.Http.PostAsync("/v1/api-keys", key, signedUp.Access)).Status);
        using var opening = Request(HttpMethod.Post, "/v1/shops", signedUp.Access, new StringContent("""{"name":"Ann's"}""", null, "application/json"));
        using var opened = await app.Http.SendAsync(opening, Cancel);
        Assert.Equal(HttpStatusCode.Created, opened.StatusCode);

        var refreshed = await app.Http.PostAsync("/v1/sessions/refresh", new { refresh_token = signedUp.Refresh });
        Assert.Equal(HttpStatusCode.OK, refreshed.Status);
        Assert.Contains("merchant", (await app.Http.GetAsync("/v1/me", refreshed.Access)).Text("roles"), StringComparison.Ordinal);
        using var making = Request(HttpMethod.Post, "/v1/api-keys", refreshed.Access, JsonContentOf(key));
        using var made = await app.Http.SendAsync(making, Cancel);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var applied = await app.Http.GetAsync("/v1/shop-applications", refreshed.Access);
        Assert.Equal("approved", Assert.Single(applied.Body.At("data").EnumerateArray()).Text("state"));
    }

    [Fact]
    public async Task Its_owner_sets_name_currency_and_limits_and_nobody_else()
    {
        var desk = await Desk.OpenAsync(app);
        const string change =
            """{"name":" Tea House ","default_currency":"KZT","refund_limits":[{"amount":"5.00","currency":"USD"},{"amount":"0.00","currency":"KZT"}]}""";
        var changed = (await desk.Owner.SendAsync(HttpMethod.Patch, desk.Path, change)).Must(200);
        Assert.Equal("Tea House", changed.Text("name"));
        Assert.Equal("KZT", changed.Text("default_currency"));
        Assert.Equal("5.00", Assert.Single(changed.At("refund_limits").EnumerateArray()).Text("amount"));
        Assert.Equal("Tea House", (await desk.Owner.SendAsync(HttpMethod.Patch, desk.Path, "{}")).Must(200).Text("name"));

        var cashier = await desk.CashierAsync();
        (await cashier.SendAsync(HttpMethod.Patch, desk.Path, change)).MustRefuse(403, "forbidden");
        (await (await Desk.OpenAsync(app)).Owner.SendAsync(HttpMethod.Patch, desk.Path, change)).MustRefuse(404, "not_found");
        foreach (
            var wrong in new[]
            {
                """{"name":""}""",
                """{"name":null}""",
                """{"name":"a\u0007b"}""",
                """{"default_currency":"JPY"}""",
                """{"default_currency":null}""",
                """{"refund_limits":[{"amount":"1.00","currency":"USD"},{"amount":"2.00","currency":"USD"}]}""",
                """{"refund_limits":[{"amount":"1","currency":"JPY"}]}""",
            }
        )
        {
            (await desk.Owner.SendAsync(HttpMethod.Patch, desk.Path, wrong)).MustRefuse(400, "invalid_request");
        }
    }

    [Fact]
    public async Task Its_picture_is_for_everybody_to_see_and_its_owner_to_set()
    {
        var desk = await Desk.OpenAsync(app);
        var owner = TokenOf(desk.Owner, Roles.Merchant);
        Assert.Equal(HttpStatusCode.NoContent, (await PictureAsync(HttpMethod.Put, desk, owner, Pictures.Png())).StatusCode);
        var shown = await PictureAsync(HttpMethod.Get, desk, null);
        Assert.Equal(Pictures.Png(), await shown.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal("image/png", shown.Content.Headers.ContentType?.MediaType);
        Assert.Null(shown.Content.Headers.ContentDisposition);
        Assert.Equal("nosniff", Assert.Single(shown.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("default-src 'none'; sandbox", Assert.Single(shown.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal($"{desk.Path}/picture", (await desk.Owner.GetAsync(desk.Path)).Must(200).Text("picture"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PictureAsync(HttpMethod.Put, desk, owner, "<svg/>"u8.ToArray())).StatusCode);
        var cashier = TokenOf(await desk.CashierAsync(), Roles.Customer);
        var stranger = TokenOf((await Desk.OpenAsync(app)).Owner, Roles.Merchant);
        foreach (var method in new[] { HttpMethod.Put, HttpMethod.Delete })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await PictureAsync(method, desk, cashier, Pictures.Jpeg())).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await PictureAsync(method, desk, stranger, Pictures.Jpeg())).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await PictureAsync(method, desk, null, Pictures.Jpeg())).StatusCode);
        }

        Assert.Equal(HttpStatusCode.NoContent, (await PictureAsync(HttpMethod.Put, desk, owner, Pictures.Jpeg())).StatusCode);
        Assert.Equal("image/jpeg", (await PictureAsync(HttpMethod.Get, desk, null)).Content.Headers.ContentType?.MediaType);
        Assert.Single(Directory.GetFiles(Path.Combine(app.Get<Settings>().Data, "files", "shop-pictures"), "*", SearchOption.AllDirectories));
        Assert.Equal(HttpStatusCode.NoContent, (await PictureAsync(HttpMethod.Delete, desk, owner)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await PictureAsync(HttpMethod.Get, desk, null)).StatusCode);
    }

    [Fact]
    public async Task It_closes_once_nobody_can_pay_it_and_sells_nothing_then()
    {
        var desk = await Desk.OpenAsync(app);
        var customer = await desk.CustomerAsync();
        var paid = await desk.BillAsync(customer.Owner, "2.00");
        (await paid.PayAsync(customer)).Must(200);
        var open = await desk.BillAsync(customer.Owner);
        (await (await desk.CashierAsync()).SendAsync(HttpMethod.Delete, desk.Path)).MustRefuse(403, "forbidden");
        (await desk.Owner.SendAsync(HttpMethod.Delete, desk.Path)).MustRefuse(409, "shop_still_paid");
        (await open.CancelAsync(desk.Owner)).Must(200);
        (await desk.Owner.SendAsync(HttpMethod.Delete, desk.Path)).Must(204);

        (await desk.Owner.SendAsync(HttpMethod.Delete, desk.Path)).MustRefuse(409, "shop_closed");
        (await desk.Owner.SendAsync(HttpMethod.Patch, desk.Path, """{"name":"x"}""")).MustRefuse(409, "shop_closed");
        (await desk.AskAsync(desk.Owner, customer.Owner.Id, "1.00")).MustRefuse(409, "shop_closed");
        (await desk.Owner.PostAsync(desk.Path + "/members", """{"login":"a@example.org"}""")).MustRefuse(409, "shop_closed");
        (await paid.RefundAsync(desk.Owner, "2.00")).Must(201);
        Assert.Equal("20.00", await customer.BalanceAsync());
    }

    [Fact]
    public async Task An_owner_goes_only_after_their_shops_and_their_money()
    {
        var owner = await SignedIn.AsAsync(app, Roles.Customer);
        var shop = (await SignedIn.Json(await owner.SendAsync("POST", "/v1/shops", new { name = "Corner Shop" }))).Text("id");
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "5.00");
        var sale = new
        {
            purpose = "sale",
            amount = new { amount = "5.00", currency = "USD" },
            subject = new { shop },
        };
        var payment = await SignedIn.Json(await owner.SendAsync("POST", "/v1/payments", sale));
        (await payer.Owner.PostAsync($"/v1/payments/{payment.Text("code")}/pay", """{"method":"wallet"}""")).Must(200);
        var leave = new { password = SignedIn.Password };
        Assert.Equal("shops_open", await SignedIn.Refusal(await owner.SendAsync("DELETE", "/v1/me", leave)));
        Assert.Equal(HttpStatusCode.NoContent, (await owner.SendAsync("DELETE", "/v1/shops/" + shop)).StatusCode);
        Assert.Equal("shops_hold_money", await SignedIn.Refusal(await owner.SendAsync("DELETE", "/v1/me", leave)));
        await SignedIn.Json(await owner.SendAsync("POST", $"/v1/payments/{payment.Text("id")}/refunds", new { }));
        Assert.Equal("", await SignedIn.Refusal(await owner.SendAsync("DELETE", "/v1/me", leave)));
    }

    private static StringContent JsonContentOf(object body) => new(System.Text.Json.JsonSerializer.Serialize(body, Wire.Json), null, "application/json");

    private static HttpRequestMessage Request(HttpMethod method, string path, string? token, HttpContent? content)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        request.Headers.Add(Idempotency.Header, Guid.NewGuid().ToString());
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return request;
    }

    private string TokenOf(Customer who, string role) => app.Get<Florin.Identity.AccessTokens>().Issue(who.Id, Ids.New(), [role], app.Clock.GetUtcNow());

    private async Task<HttpResponseMessage> PictureAsync(HttpMethod method, Desk desk, string? token, byte[]? file = null)
    {
        using var content = file is null ? null : new ByteArrayContent(file) { Headers = { ContentType = new("application/octet-stream") } };
        using var request = Request(method, desk.Path + "/picture", token, content);
        return await app.Http.SendAsync(request, Cancel);
    }
}
