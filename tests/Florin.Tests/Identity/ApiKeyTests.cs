using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Florin.Identity;
using Florin.Platform;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Florin.Tests.Identity;

public sealed class ApiKeyTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_is_shown_once_and_stored_as_a_hash()
    {
        var shop = await SignedIn.AsAsync(app, Roles.Merchant);
        var made = await CreateAsync(shop, "wallets:read", "payments:write");
        var key = made.GetProperty("key").GetString()!;
        Assert.Matches("^flk_[0-9a-f]{64}$", key);
        var list = await SignedIn.Json(await shop.GetAsync("/v1/api-keys"));
        var shown = Assert.Single(list.GetProperty("data").EnumerateArray());
        Assert.Equal(made.GetProperty("id").GetString(), shown.GetProperty("id").GetString());
        Assert.Equal(key[..12], shown.GetProperty("prefix").GetString());
        Assert.DoesNotContain(key, list.GetRawText(), StringComparison.Ordinal);
        var tables = await app.Database.ScalarAsync<string>(
            "select (select string_agg(k::text, '') from identity.api_keys k) || (select string_agg(i::text || coalesce(convert_from(body, 'utf8'), ''), '') from platform.idempotency i)"
        );
        Assert.NotNull(tables);
        Assert.DoesNotContain(key, tables, StringComparison.Ordinal);
        Assert.Contains("identity.api_key_created", await shop.ActivityAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replay_makes_no_second_key_and_says_that_the_answer_was_not_kept()
    {
        var shop = await SignedIn.AsAsync(app, Roles.Merchant);
        var body = new { name = "till", scopes = SignedIn.List("wallets:read") };
        var first = await SignedIn.SendAsync(shop.Http, "POST", "/v1/api-keys", body, "the-key");
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal("answer_not_kept", await SignedIn.Refusal(await SignedIn.SendAsync(shop.Http, "POST", "/v1/api-keys", body, "the-key")));
        var other = new { name = "other", scopes = SignedIn.List("wallets:read") };
        Assert.Equal("idempotency_key_reused", await SignedIn.Refusal(await SignedIn.SendAsync(shop.Http, "POST", "/v1/api-keys", other, "the-key")));
        Assert.Equal(1, (await SignedIn.Json(await shop.GetAsync("/v1/api-keys"))).GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task Without_an_idempotency_key_nothing_is_made()
    {
        var shop = await SignedIn.AsAsync(app, Roles.Merchant);
        using var content = System.Net.Http.Json.JsonContent.Create(new { name = "till", scopes = SignedIn.List("wallets:read") });
        var answer = await shop.Http.PostAsync(new Uri("/v1/api-keys", UriKind.Relative), content, Cancel);
        Assert.Equal("idempotency_key_missing", await SignedIn.Refusal(answer));
    }

    [Theory]
    [InlineData("""{"name": "till", "scopes": []}""")]
    [InlineData("""{"name": "till", "scopes": ["everything"]}""")]
    [InlineData("""{"name": "till", "scopes": ["wallets:read", "admin"]}""")]
    [InlineData("""{"name": "till", "scopes": ["wallets:read", null]}""")]
    [InlineData("""{"name": "till"}""")]
    [InlineData("""{"name": " ", "scopes": ["wallets:read"]}""")]
    [InlineData("""{"name": "till", "scopes": ["wallets:read"], "expires_at": "2001-01-01T00:00:00Z"}""")]
    [InlineData("""{"name": "till", "scopes": ["wallets:read"], "person_id": "x"}""")]
    public async Task Malformed_requests_are_refused(string body)
    {
        var shop = await SignedIn.AsAsync(app, Roles.Merchant);
        var answer = await shop.SendAsync("POST", "/v1/api-keys", JsonSerializer.Deserialize<JsonElement>(body));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (answer.StatusCode, await SignedIn.Refusal(answer)));
    }

    [Fact]
    public async Task Keys_are_for_merchants_and_each_sees_their_own()
    {
        var ann = await SignedIn.AsAsync(app);
        var shop = await SignedIn.AsAsync(app, Roles.Merchant);
        var other = await SignedIn.AsAsync(app, Roles.Merchant);
        Assert.Equal("forbidden", await SignedIn.Refusal(await ann.GetAsync("/v1/api-keys")));
        var made = await CreateAsync(shop, "wallets:read");
        Assert.Equal(0, (await SignedIn.Json(await other.GetAsync("/v1/api-keys"))).GetProperty("data").GetArrayLength());
        Assert.Equal("not_found", await SignedIn.Refusal(await other.SendAsync("DELETE", "/v1/api-keys/" + made.GetProperty("id").GetString())));
        Assert.NotNull(await FindAsync(app, made));
    }

    [Fact]
    public async Task A_key_passes_the_policies_of_its_scopes_and_no_others()
    {
        var shop = await SignedIn.AsAsync(app, Roles.Merchant);
        var made = await CreateAsync(shop, "wallets:read");
        var holder = await FindAsync(app, made);
        Assert.Equal((shop.Id, "wallets:read"), (holder!.Person, Assert.Single(holder.Scopes)));

        var user = await UserOfAsync(made);
        Assert.True(await PassesAsync(user, Policies.Scope("wallets:read")));
        foreach (var policy in ApiKeys.Scopes.Skip(1).Select(Policies.Scope).Append(Policies.Person).Append(Policies.Merchant))
        {
            Assert.False(await PassesAsync(user, policy), policy);
        }

        // At the front door: a key opens nothing that is for persons, merchants or staff.
        using var http = ClientOf(app, made);
        foreach (var path in (string[])["/v1/me", "/v1/me/picture", "/v1/me/export", "/v1/api-keys", "/v1/users"])
        {
            Assert.Equal("forbidden", await SignedIn.Refusal(await http.GetAsync(new Uri(path, UriKind.Relative), Cancel)));
        }
    }

    [Fact]
    public async Task An_unknown_key_is_not_signed_in()
    {
        using var http = app.CreateClient();
        foreach (var key in (string[])[ApiKeys.New(), "flk_", "flk_" + new string('0', 64)])
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            Assert.Equal("not_signed_in", await SignedIn.Refusal(await http.GetAsync(new Uri("/v1/api-keys", UriKind.Relative), Cancel)));
        }
    }

    [Fact]
    public async Task A_revoked_key_fails_within_a_second_on_another_server()
    {
        var shop = await SignedIn.AsAsync(app, Roles.Merchant);
        var made = await CreateAsync(shop, "wallets:read");
        await using var second = await app.SecondServerAsync();
        Assert.NotNull(await FindAsync(second, made));
        var path = "/v1/api-keys/" + made.GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.NoContent, (await shop.SendAsync("DELETE", path)).StatusCode);
        app.Clock.Wind(TimeSpan.FromSeconds(1));
        Assert.Null(await FindAsync(second, made));
        Assert.Null(await FindAsync(app, made));
        using var http = ClientOf(second, made);
        Assert.Equal("not_signed_in", await SignedIn.Refusal(await http.GetAsync(new Uri("/v1/api-keys", UriKind.Relative), Cancel)));
        Assert.Equal(HttpStatusCode.NoContent, (await shop.SendAsync("DELETE", path)).StatusCode);
        Assert.EndsWith("identity.api_key_created identity.api_key_revoked", await shop.ActivityAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_ends_when_it_expires_and_with_its_owners_role_or_account()
    {
        var shop = await SignedIn.AsAsync(app, Roles.Merchant);
        var soon = await SignedIn.Json(
            await shop.SendAsync(
                "POST",
                "/v1/api-keys",
                new
                {
                    name = "soon",
                    scopes = SignedIn.List("wallets:read"),
                    expires_at = app.Clock.GetUtcNow().AddMinutes(5),
                }
            )
        );
        var made = await CreateAsync(shop, "wallets:read");
        app.Clock.Wind(TimeSpan.FromMinutes(5));
        Assert.Null(await FindAsync(app, soon));
        Assert.NotNull(await FindAsync(app, made));
        await app.Database.ScalarAsync<int>("update identity.people set roles = '{customer}' where id = $1", shop.Id);
        app.Clock.Wind(TimeSpan.FromSeconds(1));
        Assert.Null(await FindAsync(app, made));
        await app.Database.ScalarAsync<int>("update identity.people set roles = '{merchant}', deactivated_at = now() where id = $1", shop.Id);
        Assert.Null(await FindAsync(app, made));
    }

    [Fact]
    public async Task The_time_of_last_use_is_written_at_most_once_a_minute()
    {
        var shop = await SignedIn.AsAsync(app, Roles.Merchant);
        var made = await CreateAsync(shop, "wallets:read");
        await FindAsync(app, made);
        var first = await UsedAsync();
        Assert.NotEqual(default, first);
        app.Clock.Wind(TimeSpan.FromSeconds(30));
        await FindAsync(app, made);
        Assert.Equal(first, await UsedAsync());
        app.Clock.Wind(TimeSpan.FromSeconds(31));
        await FindAsync(app, made);
        Assert.True(await UsedAsync() > first);

        Task<DateTime> UsedAsync() => app.Database.ScalarAsync<DateTime>("select last_used_at from identity.api_keys where person_id = $1", shop.Id);
    }

    [Fact]
    public async Task The_list_is_paged_newest_first()
    {
        var shop = await SignedIn.AsAsync(app, Roles.Merchant);
        var made = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            made.Insert(0, (await CreateAsync(shop, "wallets:read")).GetProperty("id").GetString()!);
        }

        var (seen, path) = (new List<string>(), "/v1/api-keys?limit=2");
        while (path.Length > 0)
        {
            var page = await SignedIn.Json(await shop.GetAsync(path));
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(key => key.GetProperty("id").GetString()!));
            path = page.GetProperty("next_cursor").GetString() is { } cursor ? "/v1/api-keys?limit=2&cursor=" + cursor : "";
        }

        Assert.Equal(made, seen);
        foreach (var bad in (string[])["limit=0", "limit=101", "cursor=x", "cursor=" + new string('*', 22)])
        {
            Assert.Equal("invalid_request", await SignedIn.Refusal(await shop.GetAsync("/v1/api-keys?" + bad)));
        }
    }

    private async Task<System.Security.Claims.ClaimsPrincipal> UserOfAsync(JsonElement made)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var http = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        http.Request.Headers.Authorization = "Bearer " + made.GetProperty("key").GetString();
        return (await http.AuthenticateAsync()).Principal!;
    }

    private async Task<bool> PassesAsync(System.Security.Claims.ClaimsPrincipal user, string policy)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<IAuthorizationService>().AuthorizeAsync(user, null, policy)).Succeeded;
    }

    private static async Task<JsonElement> CreateAsync(SignedIn who, params string[] scopes) =>
        await SignedIn.Json(await who.SendAsync("POST", "/v1/api-keys", new { name = "till", scopes }));

    private static ValueTask<ApiKeyHolder?> FindAsync(FlorinApp server, JsonElement made) =>
        server.Get<ApiKeys>().FindAsync(made.GetProperty("key").GetString()!, Cancel);

    private static HttpClient ClientOf(FlorinApp server, JsonElement made)
    {
        var http = server.CreateClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", made.GetProperty("key").GetString());
        return http;
    }
}
