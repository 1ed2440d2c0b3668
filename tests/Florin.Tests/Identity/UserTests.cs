using System.Net;
using System.Text.Json;
using Florin.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Florin.Tests.Identity;

public sealed class UserTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Staff_find_people_by_the_beginning_of_what_names_them()
    {
        var support = await SignedIn.AsAsync(app, Roles.Support);
        var ann = await SignedIn.AsAsync(app);
        var unique = ann.Person.Username!;
        await ann.SendAsync("PATCH", "/v1/me", new { first_name = "Zoë" + unique, last_name = "Q_" + unique });
        foreach (var search in (string[])[unique, unique.ToUpperInvariant()[..8], ann.Person.Email!, $"zoë{unique}", $"q_{unique}", $"Zoë{unique} Q_{unique}"])
        {
            var found = await SignedIn.Json(await support.GetAsync("/v1/users?search=" + Uri.EscapeDataString(search)));
            Assert.Equal(ann.Person.PublicId, Assert.Single(found.GetProperty("data").EnumerateArray()).GetProperty("id").GetString());
        }

        foreach (var search in (string[])["%" + unique, unique.Replace(unique[3], '_'), unique[1..]])
        {
            Assert.Equal(
                0,
                (await SignedIn.Json(await support.GetAsync("/v1/users?search=" + Uri.EscapeDataString(search)))).GetProperty("data").GetArrayLength()
            );
        }

        var shown = await SignedIn.Json(await support.GetAsync("/v1/users/" + ann.Person.PublicId));
        Assert.Equal(ann.Person.Email, shown.GetProperty("email").GetString());
        Assert.DoesNotContain("hash", shown.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_is_filtered_by_role_and_paged()
    {
        var auditor = await SignedIn.AsAsync(app, Roles.Auditor);
        var made = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            made.Insert(0, (await SignedIn.AsAsync(app, Roles.Cashier)).Person.PublicId);
        }

        var first = await SignedIn.Json(await auditor.GetAsync("/v1/users?role=cashier&limit=2"));
        var rest = await SignedIn.Json(await auditor.GetAsync("/v1/users?role=cashier&limit=2&cursor=" + first.GetProperty("next_cursor").GetString()));
        Assert.Equal(
            made,
            first.GetProperty("data").EnumerateArray().Concat(rest.GetProperty("data").EnumerateArray()).Take(3).Select(u => u.GetProperty("id").GetString())
        );
        Assert.Equal("invalid_request", await SignedIn.Refusal(await auditor.GetAsync("/v1/users?role=king")));
        Assert.Equal("invalid_request", await SignedIn.Refusal(await auditor.GetAsync("/v1/users?search=a")));
    }

    [Fact]
    public async Task Who_may_do_what_stands_with_the_role()
    {
        var bob = await SignedIn.AsAsync(app);
        var path = "/v1/users/" + bob.Person.PublicId;
        foreach (
            var (role, see, name, rights, delete) in ((string, bool, bool, bool, bool)[])
                [
                    (Roles.Customer, false, false, false, false),
                    (Roles.Merchant, false, false, false, false),
                    (Roles.Cashier, false, false, false, false),
                    (Roles.Auditor, true, false, false, false),
                    (Roles.Finance, true, false, false, false),
                    (Roles.Support, true, true, false, false),
                    (Roles.Admin, true, true, true, true),
                ]
        )
        {
            var who = await SignedIn.AsAsync(app, role);
            await ExpectAsync(see, await who.GetAsync("/v1/users"));
            await ExpectAsync(see, await who.GetAsync(path));
            await ExpectAsync(name, await who.SendAsync("PATCH", path, new { first_name = "By " + role }));
            await ExpectAsync(rights, await who.SendAsync("PATCH", path, new { is_verified = true }));
            await ExpectAsync(rights, await who.SendAsync("PATCH", path, new { roles = SignedIn.List("customer") }));
            await ExpectAsync(rights, await who.SendAsync("PATCH", path, new { deactivated = false }));
            await ExpectAsync(delete, await who.SendAsync("DELETE", path));
        }

        static async Task ExpectAsync(bool allowed, HttpResponseMessage answer) => Assert.Equal(allowed ? "" : "forbidden", await SignedIn.Refusal(answer));
    }

    [Fact]
    public async Task New_roles_and_a_closed_account_end_the_persons_sessions_on_every_server()
    {
        var admin = await SignedIn.AsAsync(app, Roles.Admin);
        var bob = await SignedIn.AsAsync(app);
        await using var second = await app.SecondServerAsync();
        var path = "/v1/users/" + bob.Person.PublicId;

        await SignedIn.Json(await admin.SendAsync("PATCH", path, new { first_name = "Robert", roles = SignedIn.List("customer") }));
        Assert.Equal(HttpStatusCode.OK, (await bob.GetAsync("/v1/me")).StatusCode);

        var changed = await SignedIn.Json(await admin.SendAsync("PATCH", path, new { roles = SignedIn.List("customer", "merchant", "merchant") }));
        Assert.Equal("[\"customer\",\"merchant\"]", changed.GetProperty("roles").GetRawText());
        Assert.Equal("not_signed_in", await SignedIn.Refusal(await bob.GetAsync("/v1/me")));
        await EndedAsync(second, bob);
        await bob.SignInAsync();
        Assert.Equal(HttpStatusCode.OK, (await bob.GetAsync("/v1/api-keys")).StatusCode);

        await SignedIn.Json(await admin.SendAsync("PATCH", path, new { deactivated = true }));
        Assert.Equal("not_signed_in", await SignedIn.Refusal(await bob.GetAsync("/v1/me")));
        var closed = await SignedIn.SendAsync(app.Http, "POST", "/v1/sessions", new { login = bob.Person.Username, password = SignedIn.Password });
        Assert.Equal("sign_in_failed", await SignedIn.Refusal(closed));
        await SignedIn.Json(await admin.SendAsync("PATCH", path, new { deactivated = false }));
        await bob.SignInAsync();
        Assert.Contains("identity.user_changed", await bob.ActivityAsync(), StringComparison.Ordinal);
        Assert.Equal(4, await app.Database.ScalarAsync<long>("select count(*) from activity.entries where actor = $1 and subject = $2", admin.Id, bob.Id));
    }

    [Fact]
    public async Task Nobody_changes_their_own_roles()
    {
        var admin = await SignedIn.AsAsync(app, Roles.Admin);
        var path = "/v1/users/" + admin.Person.PublicId;
        Assert.Equal("own_roles", await SignedIn.Refusal(await admin.SendAsync("PATCH", path, new { roles = SignedIn.List("admin", "finance") })));
        Assert.Equal("own_roles", await SignedIn.Refusal(await admin.SendAsync("PATCH", path, new { deactivated = true })));
        Assert.Equal("own_roles", await SignedIn.Refusal(await admin.SendAsync("DELETE", path)));
        await SignedIn.Json(await admin.SendAsync("PATCH", path, new { first_name = "Ada" }));
    }

    [Theory]
    [InlineData("""{"roles": ["king"]}""")]
    [InlineData("""{"roles": null}""")]
    [InlineData("""{"roles": [null]}""")]
    [InlineData("""{"email": "x@example.org"}""")]
    [InlineData("""{"password_hash": "x"}""")]
    [InlineData("""{"deactivated": "yes"}""")]
    public async Task Malformed_changes_are_refused(string body)
    {
        var admin = await SignedIn.AsAsync(app, Roles.Admin);
        var bob = await SignedIn.AsAsync(app);
        var answer = await admin.SendAsync("PATCH", "/v1/users/" + bob.Person.PublicId, JsonSerializer.Deserialize<JsonElement>(body));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (answer.StatusCode, await SignedIn.Refusal(answer)));
    }

    [Fact]
    public async Task A_deleted_person_is_not_found_by_name_and_cannot_be_changed_again()
    {
        var admin = await SignedIn.AsAsync(app, Roles.Admin);
        var bob = await SignedIn.AsAsync(app);
        var path = "/v1/users/" + bob.Person.PublicId;
        Assert.Equal(HttpStatusCode.NoContent, (await admin.SendAsync("DELETE", path)).StatusCode);
        Assert.Equal("not_signed_in", await SignedIn.Refusal(await bob.GetAsync("/v1/me")));
        Assert.Equal("not_found", await SignedIn.Refusal(await admin.SendAsync("DELETE", path)));
        Assert.Equal("not_found", await SignedIn.Refusal(await admin.SendAsync("PATCH", path, new { first_name = "x" })));
        Assert.Equal("not_found", await SignedIn.Refusal(await admin.GetAsync("/v1/users/usr_00000000000000000000000000000000")));
        Assert.Equal("not_found", await SignedIn.Refusal(await admin.GetAsync("/v1/users/1")));
        var found = await SignedIn.Json(await admin.GetAsync("/v1/users?search=" + bob.Person.Username));
        Assert.Equal(0, found.GetProperty("data").GetArrayLength());
        Assert.EndsWith("identity.user_deleted", await bob.ActivityAsync(), StringComparison.Ordinal);
    }

    // The other server reads revocations every half second; the test asks until it has.
    private static async Task EndedAsync(FlorinApp server, SignedIn who)
    {
        using var http = server.CreateClient();
        http.DefaultRequestHeaders.Authorization = who.Http.DefaultRequestHeaders.Authorization;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while ((await http.GetAsync(new Uri("/v1/me", UriKind.Relative), patience.Token)).StatusCode != HttpStatusCode.Unauthorized)
        {
            await Task.Yield();
        }
    }
}

/// <summary>On a database of its own, since it counts admins.</summary>
public sealed class AdminTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task The_first_admin_comes_by_a_token_and_the_last_one_stays()
    {
        var ann = await SignedIn.AsAsync(app);
        var eve = await SignedIn.AsAsync(app);
        var token = await TokenAsync();
        Assert.DoesNotContain(
            token,
            await app.Database.ScalarAsync<string>("select string_agg(t::text, '') from identity.admin_tokens t"),
            StringComparison.Ordinal
        );

        Assert.Equal("wrong_password", await SignedIn.Refusal(await ClaimAsync(ann, token, "not mine at all")));
        Assert.Equal("wrong_admin_token", await SignedIn.Refusal(await ClaimAsync(eve, "fla_" + new string('0', 64))));
        var claims = await Task.WhenAll(ClaimAsync(ann, token), ClaimAsync(eve, token), ClaimAsync(ann, token), ClaimAsync(eve, token));
        Assert.Equal(1, claims.Count(answer => answer.StatusCode == HttpStatusCode.NoContent));
        var admin = (await ann.NowAsync()).Roles.Contains(Roles.Admin) ? ann : eve;
        Assert.Equal("not_signed_in", await SignedIn.Refusal(await admin.GetAsync("/v1/me")));
        await admin.SignInAsync();
        Assert.Equal(["admin", "customer"], (await admin.NowAsync()).Roles);
        Assert.Contains("identity.admin_claimed", await admin.ActivityAsync(), StringComparison.Ordinal);

        Assert.Equal("last_admin", await SignedIn.Refusal(await admin.SendAsync("DELETE", "/v1/me", new { password = SignedIn.Password })));
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/v1/users")).StatusCode);

        // Two admins that take each other's role at the same time: one stays.
        var other = admin == ann ? eve : ann;
        await SignedIn.Json(await admin.SendAsync("PATCH", "/v1/users/" + other.Person.PublicId, new { roles = SignedIn.List("admin") }));
        await other.SignInAsync();
        var answers = await Task.WhenAll(
            admin.SendAsync("PATCH", "/v1/users/" + other.Person.PublicId, new { roles = SignedIn.List("customer") }),
            other.SendAsync("PATCH", "/v1/users/" + admin.Person.PublicId, new { deactivated = true })
        );
        Assert.Equal(1, answers.Count(answer => answer.IsSuccessStatusCode));
        Assert.Equal(1, await app.Database.ScalarAsync<long>("select count(*) from identity.people where 'admin' = any(roles) and deactivated_at is null"));
    }

    [Fact]
    public async Task A_token_ends_after_a_day()
    {
        var ann = await SignedIn.AsAsync(app);
        var token = await TokenAsync();
        app.Clock.Wind(TimeSpan.FromHours(24));
        await ann.SignInAsync();
        Assert.Equal("wrong_admin_token", await SignedIn.Refusal(await ClaimAsync(ann, token)));
    }

    private static Task<HttpResponseMessage> ClaimAsync(SignedIn who, string token, string password = SignedIn.Password) =>
        who.SendAsync("POST", "/v1/admin-claims", new { token, password });

    // What ./florin admin-token prints.
    private async Task<string> TokenAsync()
    {
        var command = app.Services.GetServices<Command>().Single(c => string.Equals(c.Name, "admin-token", StringComparison.Ordinal));
        var console = Console.Out;
        await using var printed = new StringWriter();
        Console.SetOut(printed);
        try
        {
            Assert.Equal(0, await command.RunAsync(new CommandCall(app.Services), TestContext.Current.CancellationToken));
        }
        finally
        {
            Console.SetOut(console);
        }

        return printed.ToString().Trim();
    }
}
