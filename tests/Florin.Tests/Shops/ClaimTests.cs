using System.Net;
using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Identity;
using Florin.Tests.Wallets;

namespace Florin.Tests.Shops;

/// <summary>An account that a shop made is its person's alone once they claimed it.</summary>
public sealed class ClaimTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private const string Chosen = "another horse battery";

    [Fact]
    public async Task Until_it_is_claimed_nothing_is_set_up_that_would_open_it_later()
    {
        var (desk, name, _) = await MadeAsync();
        var shop = await app.Http.SignInAsync(name);
        var wallet = (await app.Http.GetAsync("/v1/wallets", shop.Access)).Body.At("data")[0].Text("id");
        await RefusedAsync("PUT", "/v1/me/pin", new { pin = "4071", password = Calls.Password });
        await RefusedAsync("POST", "/v1/me/pin/reset", new { });
        await RefusedAsync("POST", "/v1/me/totp", new { password = Calls.Password });
        await RefusedAsync("POST", "/v1/me/passkeys/options", new { password = Calls.Password });
        await RefusedAsync("POST", "/v1/me/contact", new { phone = Calls.FreshPhone(), password = Calls.Password });
        await RefusedAsync(
            "POST",
            "/v1/me/cards",
            new
            {
                wallet,
                name = "Tag",
                pin = "4071",
            }
        );
        await RefusedAsync("POST", "/v1/shops", new { name = "Mine" });

        await ClaimAsync(shop);
        var own = await app.Http.SignInAsync(name, Chosen);
        var set = await app.Http.SendAsync(HttpMethod.Put, "/v1/me/pin", new { pin = "4071", password = Chosen }, own.Access);
        Assert.Equal(HttpStatusCode.NoContent, set.Status);
        Assert.NotNull(desk);

        async Task RefusedAsync(string method, string path, object body)
        {
            var refused = await KeyedAsync(method, path, body, shop.Access);
            Assert.Equal((path, HttpStatusCode.Forbidden, "claim_first"), (path, refused.Status, refused.Code));
        }
    }

    [Fact]
    public async Task Whoever_has_the_shops_password_signs_in_and_pays()
    {
        var (desk, name, id) = await MadeAsync();
        var session = await app.Http.SignInAsync(name);
        var wallet = (await app.Http.GetAsync("/v1/wallets", session.Access)).Body.At("data")[0].Text("id");
        var money = new { amount = "20.00", currency = "USD" };
        Assert.Equal(HttpStatusCode.Created, (await KeyedAsync("POST", $"/v1/wallets/{wallet}/deposits", new { amount = money }, session.Access)).Status);
        var bill = Invoice.Of(app, (await desk.AskAsync(desk.Owner, Ids.Read("usr", id), "5.00")).Must(201));
        var paid = await KeyedAsync("POST", $"/v1/payments/{bill.Payment.Id}/pay", new { method = "wallet" }, session.Access);
        Assert.Equal(HttpStatusCode.OK, paid.Status);
    }

    [Fact]
    public async Task Claiming_ends_the_sessions_of_the_shop()
    {
        var (_, name, _) = await MadeAsync();
        var (shop, own) = (await app.Http.SignInAsync(name), await app.Http.SignInAsync(name));
        await ClaimAsync(own);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.GetAsync("/v1/me", shop.Access)).Status);
        Assert.NotEqual(HttpStatusCode.OK, (await app.Http.PostAsync("/v1/sessions/refresh", new { refresh_token = shop.Refresh })).Status);
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("/v1/me", own.Access)).Status);
    }

    [Fact]
    public async Task A_reset_goes_to_where_the_invitation_went_or_to_what_was_proven_and_never_to_what_the_shop_typed_besides()
    {
        var phone = Calls.FreshPhone();
        var (_, name, _) = await MadeAsync($",\"phone\":\"{phone}\"");
        await ResetAsync(phone);
        Assert.Equal(1, await SentAsync(name + "@example.org"));
        await ClaimAsync(await app.Http.SignInAsync(name));
        await ResetAsync(phone);
        Assert.Equal(2, await SentAsync(name + "@example.org"));
        Assert.Equal(0, await SentAsync(phone));

        async Task ResetAsync(string login)
        {
            var before = await app.Database.ScalarAsync<long>("select count(*) from notifications.messages where template = 'password_reset_code'");
            Assert.Equal(HttpStatusCode.Accepted, (await app.Http.PostAsync("/v1/password-resets", new { login })).Status);
            await app.Database.WaitAsync($"select count(*) > {before} from notifications.messages where template = 'password_reset_code'");
        }

        Task<long> SentAsync(string to) =>
            app.Database.ScalarAsync<long>("select count(*) from notifications.messages where template = 'password_reset_code' and recipient = $1", to);
    }

    [Fact]
    public async Task An_account_without_any_address_takes_its_first_one_and_is_claimed_by_it()
    {
        var desk = await Desk.OpenAsync(app);
        var name = Calls.Fresh("bare");
        var body = $$"""{"username":"{{name}}","password":"{{Calls.Password}}"}""";
        (await desk.Owner.PostAsync(desk.Path + "/customers", body)).Must(201);
        var session = await app.Http.SignInAsync(name);
        Assert.Equal("no_contact", (await StartAsync(session)).Code);
        Assert.Equal(HttpStatusCode.OK, (await ContactAsync(new { email = name + "@example.org" })).Status);
        Assert.Equal("claim_first", (await app.Http.PostAsync("/v1/me/contact", new { phone = Calls.FreshPhone() }, session.Access)).Code);
        await ClaimAsync(session);
        Assert.Equal(HttpStatusCode.OK, (await ContactAsync(new { phone = Calls.FreshPhone() })).Status);

        async Task<Got> ContactAsync(object contact)
        {
            var started = await app.Http.PostAsync("/v1/me/contact", contact, session.Access);
            return await app.Http.PostAsync("/v1/me/contact/verify", new { id = started.Text("id"), code = started.Text("sandbox_code") }, session.Access);
        }
    }

    [Fact]
    public async Task The_shop_sees_and_finds_their_addresses_until_then_and_nobody_elses()
    {
        var (desk, name, id) = await MadeAsync();
        var address = name + "@example.org";
        Assert.Equal((address, 1), await SeenAsync(desk, id, address));
        await ClaimAsync(await app.Http.SignInAsync(name));
        Assert.Equal(("null", 0), await SeenAsync(desk, id, address));

        var ann = await SignedIn.AsAsync(app);
        var code = (await desk.LinkAsync(ann.Person.Email!)).Text("sandbox_code");
        await SignedIn.Json(await ann.SendAsync("POST", "/v1/shop-invitations/accept", new { code }));
        Assert.Equal(("null", 0), await SeenAsync(desk, ann.Person.PublicId, ann.Person.Email!));
    }

    [Fact]
    public async Task Whether_it_is_the_address_or_the_number_that_somebody_has_is_not_told()
    {
        var phone = Calls.FreshPhone();
        var (desk, name, _) = await MadeAsync($",\"phone\":\"{phone}\"");
        var email = await TryAsync($"\"email\":\"{name}@example.org\"");
        var number = await TryAsync($"\"phone\":\"{phone}\"");
        Assert.Equal(email.Text("title"), number.Text("title"));

        async Task<JsonElement> TryAsync(string contact) =>
            (await desk.Owner.PostAsync(desk.Path + "/customers", $"{{{contact}}}")).MustRefuse(409, "customer_exists_link_instead");
    }

    private static async Task<(string Email, int Found)> SeenAsync(Desk desk, string id, string address) =>
        (
            (await desk.Owner.GetAsync($"{desk.Path}/customers/{id}")).Must(200).Text("customer.email"),
            (await desk.Owner.GetAsync($"{desk.Path}/customers?q={Uri.EscapeDataString(address)}")).Must(200).At("data").GetArrayLength()
        );

    private async Task<(Desk Desk, string Name, string Id)> MadeAsync(string more = "")
    {
        var desk = await Desk.OpenAsync(app);
        var name = Calls.Fresh("cla");
        var body = $$"""{"username":"{{name}}","password":"{{Calls.Password}}","email":"{{name}}@example.org"{{more}}}""";
        return (desk, name, (await desk.Owner.PostAsync(desk.Path + "/customers", body)).Must(201).Text("id"));
    }

    private Task<Got> StartAsync(Got session) =>
        app.Http.PostAsync("/v1/me/password", new { current_password = Calls.Password, new_password = Chosen }, session.Access);

    private async Task ClaimAsync(Got session)
    {
        var started = await StartAsync(session);
        var verify = new { id = started.Text("id"), code = started.Text("sandbox_code") };
        Assert.Equal(HttpStatusCode.NoContent, (await app.Http.PostAsync("/v1/me/password/verify", verify, session.Access)).Status);
    }

    private async Task<Got> KeyedAsync(string method, string path, object body, string token)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative))
        {
            Content = System.Net.Http.Json.JsonContent.Create(body, options: Wire.Json),
        };
        request.Headers.Add(Idempotency.Header, Guid.NewGuid().ToString());
        request.Headers.Authorization = new("Bearer", token);
        var answer = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Got(answer.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement, answer);
    }
}
