using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Florin.Compat;
using Florin.Platform;
using Florin.Tests.Biometrics;
using Florin.Tests.Pages;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace Florin.Tests.Compat;

/// <summary>What the routes of the old systems have in common.</summary>
[Collection(CompatServer.Name)]
public sealed partial class EdgeTests(FaceRig rig)
{
    private readonly FlorinApp app = rig.App;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/health/")]
    [InlineData("/api/health")]
    public async Task Health_is_answered_as_monitors_look_for_it(string path) =>
        Assert.Equal("""{"status":"healthy","django":"running"}""", (await OldClient.Anonymous(app).GetAsync(path)).Text);

    [Fact]
    public async Task Both_sign_ins_of_api_auth_login_get_what_they_want()
    {
        var person = await OldClient.NewAsync(app);
        var byName = (await person.PostAsync("/api/auth/login/", new { username = person.Username, password = OldClient.Password })).Must(200);
        var byEmail = (await person.FormAsync("/api/auth/login", ("email", person.Username + "@example.org"), ("password", OldClient.Password))).Must(200);
        Assert.All((JsonElement[])[byName, byEmail], answer => Assert.Equal(3, answer.GetProperty("access").GetString()!.Split('.').Length));
        Assert.Equal(person.Number, byEmail.GetProperty("user").GetProperty("id").GetInt64());
        Assert.Equal("{}", byEmail.GetProperty("user").GetProperty("profile").GetProperty("privacy_settings").GetRawText());

        // Seed 1's refresh token stays the same for its day; seed 2's changes at every use.
        var fixedOne = byName.GetProperty("refresh").GetString();
        var again = (await person.PostAsync("/api/auth/token/refresh/", new { refresh = fixedOne })).Must(200);
        Assert.Equal(fixedOne, again.GetProperty("refresh").GetString());
        (await person.PostAsync("/api/login/refresh/", new { refresh = fixedOne })).Must(200);
        var rotating = byEmail.GetProperty("refresh").GetString();
        var next = (await person.PostAsync("/api/auth/token/refresh/", new { refresh = rotating })).Must(200);
        Assert.NotEqual(rotating, next.GetProperty("refresh").GetString());
        var reused = await person.PostAsync("/api/auth/token/refresh/", new { refresh = rotating });
        Assert.Equal("token_not_valid", reused.Must(401).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Wrong_and_missing_credentials_are_told_in_the_old_shape()
    {
        var person = await OldClient.NewAsync(app);
        var missing = await person.PostAsync("/api/auth/login/", new { username = "x" });
        Assert.Equal("""{"password":["This field is required."]}""", missing.Text);
        missing.Must(400);
        var wrong = await person.PostAsync("/api/auth/login/", new { username = person.Username, password = "not this one" });
        wrong.Must(401);
        Assert.Equal("detail", wrong.Members);
        Assert.Equal("sign_in_failed", wrong.Header("Refusal-Code"));
        var nobody = await person.PostAsync("/api/login", new { login = "nobody-at-all", password = "not this one" });
        Assert.Equal((wrong.Status, wrong.Text), (nobody.Status, nobody.Text)); // seed 4 told which logins exist
        (await person.PostAsync("/api/auth/login/", new { username = person.Username + "@example.org", password = OldClient.Password })).Must(401);
    }

    [Fact]
    public async Task A_token_that_is_worth_nothing_is_told_as_simplejwt_did()
    {
        var client = OldClient.Anonymous(app);
        var without = await client.GetAsync("/api/wallet/");
        without.Must(401);
        Assert.Equal("detail", without.Members);
        client.Token = "a.b.c";
        var bad = (await client.GetAsync("/api/wallet/")).Must(401);
        Assert.Equal("token_not_valid", bad.GetProperty("code").GetString());
        Assert.Equal("access", bad.GetProperty("messages")[0].GetProperty("token_type").GetString());
    }

    [Theory]
    [InlineData("{", "application/json", 400, "JSON parse error")]
    [InlineData("[1]", "application/json", 400, "non_field_errors")]
    [InlineData("""{"username":"a\u0000b","password":"x"}""", "application/json", 400, "Null characters")]
    [InlineData("""{"username":"\ud800","password":"x"}""", "application/json", 400, "parse error")]
    [InlineData("""{"username":"a","username":"b","password":"x"}""", "application/json", 400, "parse error")]
    [InlineData("""{"username":{"a":1},"password":["x"]}""", "application/json", 400, "Not a valid string")]
    [InlineData("username=a", "text/plain", 415, "detail")]
    [InlineData("", "application/json", 400, "This field is required")]
    public async Task A_body_that_is_none_is_refused_in_the_old_shape(string body, string type, int status, string said)
    {
        var answer = await OldClient.Anonymous(app).SendAsync("POST", "/api/auth/login/", new StringContent(body, Encoding.UTF8, type));
        answer.Must(status);
        Assert.Contains(said, answer.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_cookie_counts_only_from_our_own_pages()
    {
        var shop = await OldClient.ShopAsync(app);
        var answer = await shop.PostAsync("/api/login", new { login = shop.Username, password = OldClient.Password });
        var set = answer.Header("Set-Cookie")!;
        Assert.StartsWith("acess_token=", set, StringComparison.Ordinal);
        Assert.Contains("httponly", set, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", set, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("max-age=3600", set, StringComparison.OrdinalIgnoreCase);
        var browser = await shop.WithCookieAsync();
        var amount = new StringContent("""{"amount":1}""", Encoding.UTF8, "application/json");
        (await browser.SendAsync("POST", "/api/start_payment", amount, ("Origin", "https://evil.example"))).Must(403);
        amount = new StringContent("""{"amount":1}""", Encoding.UTF8, "application/json");
        (await browser.SendAsync("POST", "/api/start_payment", amount, ("Sec-Fetch-Site", "cross-site"))).Must(403);
        amount = new StringContent("""{"amount":1}""", Encoding.UTF8, "application/json");
        (await browser.SendAsync("POST", "/api/start_payment", amount, ("Sec-Fetch-Site", "same-origin"))).Must(200);
        (await browser.GetAsync("/v1/me")).Must(401); // no route of /v1 takes it
        (await browser.GetAsync("/api/wallet/")).Must(401); // nor those of the other systems
    }

    [Fact]
    public async Task Ids_are_small_stable_and_given_once_however_many_ask_at_once()
    {
        var ids = app.Get<CompatIds>();
        var things = Enumerable.Range(0, 20).Select(_ => Ids.New()).ToList();
        var asked = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => ids.NumbersAsync("test.thing", [.. things.Skip(i % 10).Take(10)], Cancel)));
        var numbers = await ids.NumbersAsync("test.thing", things, Cancel);
        Assert.Equal(Enumerable.Range(1, 20).Select(number => (long)number), numbers.Values.Order());
        Assert.All(asked.SelectMany(one => one), one => Assert.Equal(numbers[one.Key], one.Value));
        Assert.Equal(things[7], await ids.FindAsync("test.thing", numbers[things[7]], Cancel));
        Assert.Null(await ids.FindAsync("test.thing", 21, Cancel));
        Assert.Null(await ids.FindAsync("test.other", 1, Cancel));
        Assert.Equal(1, await ids.NumberAsync("test.other", things[3], Cancel)); // each kind counts for itself
    }

    [Fact]
    public async Task Who_signed_in_by_the_old_route_may_open_the_pages()
    {
        var shop = await OldClient.ShopAsync(app);
        var browser = await shop.WithCookieAsync();
        var portal = await browser.GetAsync("/portal/sale");
        Assert.Equal(200, portal.Status);
        Assert.Contains("Corner Shop", portal.Text, StringComparison.Ordinal);
        (await browser.PostAsync("/api/logout")).Must(200);
        Assert.Equal(302, (await browser.GetAsync("/portal")).Status);
        using var other = new PageBrowser(app);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await other.GetAsync("/login?redirect=/portal")).StatusCode);
    }

    [Fact]
    public async Task No_bad_body_is_our_fault_on_any_old_route()
    {
        var client = await OldClient.SignedInAsync(app, [.. Roles.All]);
        (byte[] Body, string Type)[] bodies =
        [
            ("null"u8.ToArray(), "application/json"),
            ("{\"amount\":{},\"customer\":[],\"username\":1,\"bill_id\":-1,\"code\":true,\"refresh\":{}}"u8.ToArray(), "application/json"),
            ("{\"amount\":1e400,\"customer\":\"\u0661\",\"mer_txnid\":\"PAY_\",\"transaction_secret\":\"\\u0000\"}"u8.ToArray(), "application/json"),
            (Encoding.UTF8.GetBytes(new string('[', 5000)), "application/json"),
            ([0xFF, 0xFE, 0x00], "application/json"),
            ("amount=%00&username=%FF%FE&email=%"u8.ToArray(), "application/x-www-form-urlencoded"),
            ("--x\r\nbroken"u8.ToArray(), "multipart/form-data; boundary=x"),
            ("x"u8.ToArray(), "multipart/form-data"),
        ];
        var routes =
            from route in app.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            where route.Metadata.GetMetadata<EdgeRoute>() is not null
            let path = Parameter().Replace("/" + route.RoutePattern.RawText!.Trim('/'), "99999999")
            where path is not "/api/logout"
            from method in route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
            where method is not "GET"
            select (method, path);
        var wrong = new List<string>();
        var tried = 0;
        foreach (var (method, path) in routes)
        {
            foreach (var (body, type) in bodies)
            {
                tried++;
                var content = new ByteArrayContent(body);
                content.Headers.TryAddWithoutValidation("Content-Type", type);
                var answer = await client.SendAsync(method, path, content);
                if (
                    answer.Status >= 500
                    || answer.Text.Contains("Florin.", StringComparison.Ordinal)
                    || answer.Text.Contains("Exception", StringComparison.Ordinal)
                )
                {
                    wrong.Add($"{method} {path} {Encoding.UTF8.GetString(body[..Math.Min(40, body.Length)])}: {answer.Status} {answer.Text}");
                }
            }
        }

        Assert.True(tried > 100, $"only {tried} were tried");
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task GET_api_dashboard_is_a_page_for_staff()
    {
        var staff = await (await OldClient.NewAsync(app, Roles.Support)).WithCookieAsync();
        var page = await staff.GetAsync("/api/dashboard/");
        Assert.Equal(200, page.Status);
        Assert.StartsWith("text/html", page.Header("Content-Type"), StringComparison.Ordinal);
        Assert.Contains("Uploaded files", page.Text, StringComparison.Ordinal);
        Assert.Equal(302, (await OldClient.Anonymous(app).GetAsync("/api/dashboard/")).Status);
        var customer = await (await OldClient.NewAsync(app)).WithCookieAsync();
        Assert.Equal(403, (await customer.GetAsync("/api/dashboard/")).Status);
    }

    [GeneratedRegex(@"\{[^}]*}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Parameter();
}
