using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Identity;
using Florin.Tests.Wallets;

namespace Florin.Tests.Shops;

public sealed class CustomerTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_shop_makes_a_customer_who_signs_in_with_a_wallet_and_claims_the_account_by_another_password()
    {
        var desk = await Desk.OpenAsync(app);
        var name = Calls.Fresh("cus");
        var made = await MakeAsync(desk, $$"""{"username":"{{name}}","password":"{{Calls.Password}}","email":"{{name}}@example.org","first_name":"Cleo"}""");
        Assert.Equal(("false", "Cleo", "null"), (made.Text("claimed"), made.Text("display_name"), made.Text("invitation")));

        var session = await app.Http.SignInAsync(name);
        Assert.Equal(HttpStatusCode.Created, session.Status);
        Assert.Equal("False", (await app.Http.GetAsync("/v1/me", session.Access)).Text("claimed"));
        var wallet = Assert.Single((await app.Http.GetAsync("/v1/wallets", session.Access)).Body.At("data").EnumerateArray());
        Assert.Equal(("USD", "0.00"), (wallet.Text("balance.currency"), wallet.Text("balance.amount")));

        var change = new { current_password = Calls.Password, new_password = "another horse battery" };
        var started = await app.Http.PostAsync("/v1/me/password", change, session.Access);
        var verify = new { id = started.Text("id"), code = started.Text("sandbox_code") };
        Assert.Equal(HttpStatusCode.NoContent, (await app.Http.PostAsync("/v1/me/password/verify", verify, session.Access)).Status);
        Assert.Equal("True", (await app.Http.GetAsync("/v1/me", session.Access)).Text("claimed"));
        Assert.NotEqual(HttpStatusCode.Created, (await app.Http.SignInAsync(name)).Status);
    }

    [Fact]
    public async Task Without_a_password_they_choose_one_by_a_code()
    {
        var desk = await Desk.OpenAsync(app);
        var address = Desk.FreshAddress();
        var invitation = (await MakeAsync(desk, $$"""{"email":"{{address}}"}""")).At("invitation");
        await app.Database.WaitAsync($"select exists (select from notifications.messages where recipient = '{address}')");
        var confirm = new
        {
            id = invitation.Text("id"),
            code = invitation.Text("sandbox_code"),
            password = Calls.Password,
        };
        Assert.Equal(HttpStatusCode.NoContent, (await app.Http.PostAsync("/v1/password-resets/confirm", confirm)).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await app.Http.PostAsync("/v1/password-resets/confirm", confirm)).Status);
        var session = await app.Http.SignInAsync(address);
        Assert.Equal("True", (await app.Http.GetAsync("/v1/me", session.Access)).Text("claimed"));
        Assert.Equal("True", (await app.Http.GetAsync("/v1/me", session.Access)).Text("email_verified"));
    }

    [Fact]
    public async Task A_form_does_as_JSON_does_and_neither_takes_what_it_does_not_know()
    {
        var desk = await Desk.OpenAsync(app);
        var name = Calls.Fresh("form");
        Assert.Equal(HttpStatusCode.Created, (await FormAsync(desk, ("username", name), ("password", Calls.Password))).StatusCode);
        Assert.Equal("invalid_request", await SignedIn.Refusal(await FormAsync(desk, ("username", Calls.Fresh("f")), ("face", "x"))));
        var picture = await FormAsync(desk, ("username", Calls.Fresh("f")), ("password", Calls.Password), ("face_template", null));
        Assert.Contains("\"face_template\"", await picture.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, picture.StatusCode);
        foreach (
            var wrong in new[]
            {
                "{}",
                """{"username":"x"}""",
                """{"username":"a b","password":"correct horse battery"}""",
                """{"username":"short","password":"12"}""",
                """{"email":"nonsense"}""",
                """{"email":"a@example.org","roles":["admin"]}""",
                "[]",
                "{",
            }
        )
        {
            (await desk.Owner.PostAsync(desk.Path + "/customers", wrong)).MustRefuse(400, "invalid_request");
        }

        (await desk.Owner.PostAsync(desk.Path + "/customers", $$"""{"username":"{{name}}","password":"{{Calls.Password}}"}""")).MustRefuse(
            409,
            "username_taken"
        );
    }

    [Fact]
    public async Task One_key_makes_one_customer()
    {
        var desk = await Desk.OpenAsync(app);
        var name = Calls.Fresh("once");
        var body = $$"""{"username":"{{name}}","password":"{{Calls.Password}}"}""";
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => desk.Owner.PostAsync(desk.Path + "/customers", body, "one-key-" + name)));
        Assert.Single(answers.Select(answer => answer.Must(201).Text("id")).Distinct(StringComparer.Ordinal));
        Assert.Single((await desk.Owner.GetAsync(desk.Path + "/customers")).Must(200).At("data").EnumerateArray());
    }

    [Fact]
    public async Task A_person_is_linked_only_once_they_agree_and_their_addresses_stay_their_own()
    {
        var (one, two) = (await Desk.OpenAsync(app), await Desk.OpenAsync(app));
        var ann = await SignedIn.AsAsync(app);
        foreach (var desk in new[] { one, two })
        {
            var code = (await desk.LinkAsync(ann.Person.Email!)).Text("sandbox_code");
            Assert.Empty((await desk.Owner.GetAsync(desk.Path + "/customers")).Must(200).At("data").EnumerateArray());
            (await desk.AskAsync(desk.Owner, ann.Id, "1.00")).MustRefuse(422, "unknown_customer");
            Assert.Equal("customer", (await SignedIn.Json(await ann.SendAsync("POST", "/v1/shop-invitations/accept", new { code }))).Text("kind"));
            var listed = Assert.Single((await desk.Owner.GetAsync(desk.Path + "/customers")).Must(200).At("data").EnumerateArray());
            Assert.Equal((ann.Person.PublicId, "null"), (listed.Text("id"), listed.Text("email")));
        }

        (await one.Owner.SendAsync(HttpMethod.Delete, $"{one.Path}/customers/{ann.Person.PublicId}")).Must(204);
        (await one.Owner.GetAsync($"{one.Path}/customers/{ann.Person.PublicId}")).MustRefuse(404, "not_found");
        (await one.AskAsync(one.Owner, ann.Id, "1.00")).MustRefuse(422, "unknown_customer");
        (await two.Owner.GetAsync($"{two.Path}/customers/{ann.Person.PublicId}")).Must(200);
    }

    [Fact]
    public async Task They_are_listed_page_by_page_and_found_by_name_and_address_in_their_shop_only()
    {
        var desk = await Desk.OpenAsync(app);
        var other = await Desk.OpenAsync(app);
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            var name = Calls.Fresh($"z{i}_list");
            var made = await MakeAsync(
                desk,
                $$"""{"username":"{{name}}","password":"{{Calls.Password}}","email":"{{name}}@example.org","first_name":"Grace","last_name":"Hopper{{i}}"}"""
            );
            ids.Insert(0, made.Text("id"));
        }

        var first = (await desk.Owner.GetAsync(desk.Path + "/customers?limit=3")).Must(200);
        var second = (await desk.Owner.GetAsync($"{desk.Path}/customers?limit=3&cursor={first.Text("next_cursor")}")).Must(200);
        Assert.Equal(ids, Shown(first).Concat(Shown(second)));
        Assert.Equal([ids[1]], await FindAsync("z3_l"));
        Assert.Equal([ids[1]], await FindAsync("hopper3"));
        Assert.Equal([ids[1]], await FindAsync("grace hopper3"));
        Assert.Empty(await FindAsync("%"));
        Assert.Empty(await FindAsync("zzlist"));
        var address = (await desk.Owner.GetAsync($"{desk.Path}/customers/{ids[1]}")).Must(200).Text("customer.email");
        Assert.Equal([ids[1]], await FindAsync(address.ToUpperInvariant()));
        Assert.Empty(await FindAsync(address[..^1]));

        (await other.Owner.GetAsync(desk.Path + "/customers")).MustRefuse(404, "not_found");
        (await other.Owner.GetAsync($"{desk.Path}/customers/{ids[0]}")).MustRefuse(404, "not_found");
        (await other.Owner.GetAsync($"{other.Path}/customers/{ids[0]}")).MustRefuse(404, "not_found");
        (await other.AskAsync(other.Owner, Ids.Read("usr", ids[0]), "1.00")).MustRefuse(422, "unknown_customer");
        Assert.Empty((await other.Owner.GetAsync(other.Path + "/customers?q=grace")).Must(200).At("data").EnumerateArray());

        async Task<List<string>> FindAsync(string text) =>
            Shown((await desk.Owner.GetAsync($"{desk.Path}/customers?q={Uri.EscapeDataString(text)}")).Must(200));
    }

    [Fact]
    public async Task A_customers_page_shows_their_bills_and_totals_at_this_shop_alone()
    {
        var (desk, other) = (await Desk.OpenAsync(app), await Desk.OpenAsync(app));
        var customer = await desk.CustomerAsync();
        (await Desk.AcceptAsync(customer.Owner, (await other.LinkAsync(Desk.FreshAddress())).Text("sandbox_code"))).Must(200);
        (await (await desk.BillAsync(customer.Owner, "2.00")).PayAsync(customer)).Must(200);
        (await (await desk.BillAsync(customer.Owner, "3.00")).PayAsync(customer)).Must(200);
        await desk.BillAsync(customer.Owner, "4.00");
        await other.BillAsync(customer.Owner, "9.00");
        var page = (await desk.Owner.GetAsync($"{desk.Path}/customers/{Ids.Show("usr", customer.Owner.Id)}")).Must(200);
        Assert.Equal(["4.00", "3.00", "2.00"], page.At("bills").EnumerateArray().Select(bill => bill.Text("amount.amount")));
        Assert.Equal(["completed 2 5.00", "pending 1 4.00"], Totals(page));
        (await customer.Owner.GetAsync("/v1/bills?shop=" + desk.Shop)).MustRefuse(404, "not_found");
    }

    internal static IEnumerable<string> Totals(JsonElement page) =>
        page.At("totals").EnumerateArray().Select(total => $"{total.Text("state")} {total.Text("count")} {total.Text("amount.amount")}");

    private static List<string> Shown(JsonElement page) => [.. page.At("data").EnumerateArray().Select(one => one.Text("id"))];

    private static async Task<JsonElement> MakeAsync(Desk desk, string body) => (await desk.Owner.PostAsync(desk.Path + "/customers", body)).Must(201);

    // A value of null is a file.
    private async Task<HttpResponseMessage> FormAsync(Desk desk, params (string Name, string? Value)[] parts)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (name, value) in parts)
        {
            if (value is null)
            {
                form.Add(new ByteArrayContent(Pictures.Png()), name, name + ".png");
            }
            else
            {
                form.Add(new StringContent(value), name);
            }
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(desk.Path + "/customers", UriKind.Relative)) { Content = form };
        request.Headers.Add(Idempotency.Header, Guid.NewGuid().ToString());
        var token = app.Get<Florin.Identity.AccessTokens>().Issue(desk.Owner.Id, Ids.New(), [Roles.Merchant], app.Clock.GetUtcNow());
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await app.Http.SendAsync(request, Cancel);
    }
}
