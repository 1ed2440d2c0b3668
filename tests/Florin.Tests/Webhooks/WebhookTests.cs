using System.Net;
using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Identity;

namespace Florin.Tests.Webhooks;

/// <summary>Making, changing and taking away webhooks.</summary>
public sealed class WebhookTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private const string Url = "https://shop.example.org/florin";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_secret_is_shown_once_and_kept_encrypted()
    {
        var merchant = await Merchant.AsAsync(app);
        var made = await merchant.CreateAsync(Url, "payments.completed", "payments.completed");
        Assert.Matches("^whsec_[A-Za-z0-9+/]{43}=$", made.Secret);
        var shown = await merchant.ShowAsync(made);
        Assert.Equal("payments.completed", Assert.Single(shown.GetProperty("events").EnumerateArray()).GetString());
        Assert.True(shown.GetProperty("enabled").GetBoolean());
        var list = await SignedIn.Json(await merchant.Person.GetAsync("/v1/webhooks"));
        Assert.Equal(made.Id, Assert.Single(list.GetProperty("data").EnumerateArray()).GetProperty("id").GetString());
        Assert.DoesNotContain("secret", list.GetRawText(), StringComparison.Ordinal);
        var key = Convert.ToHexStringLower(Convert.FromBase64String(made.Secret[6..]));
        Assert.False(
            await app.Database.ScalarAsync<bool>(
                "select bool_or(position($1 in encode(sealed, 'hex')) > 0) from webhooks.secrets where endpoint_id = $2",
                key,
                made.Guid
            )
        );
        Assert.Contains("webhooks.created", await merchant.Person.ActivityAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replay_of_the_request_makes_no_second_one_and_does_not_show_the_secret()
    {
        var merchant = await Merchant.AsAsync(app);
        Assert.Equal(HttpStatusCode.Created, (await SignedIn.SendAsync(merchant.Person.Http, "POST", "/v1/webhooks", new { url = Url }, "k")).StatusCode);
        var again = await SignedIn.SendAsync(merchant.Person.Http, "POST", "/v1/webhooks", new { url = Url }, "k");
        Assert.Equal("answer_not_kept", await SignedIn.Refusal(again));
        Assert.Equal(1, (await SignedIn.Json(await merchant.Person.GetAsync("/v1/webhooks"))).GetProperty("data").GetArrayLength());
    }

    [Theory]
    [InlineData("""{"url": "ftp://shop.example.org"}""", "webhook_url_not_allowed")]
    [InlineData("""{"url": "https://name:word@shop.example.org"}""", "webhook_url_not_allowed")]
    [InlineData("""{"url": "https://shop.example.org:22"}""", "webhook_url_not_allowed")]
    [InlineData("""{"url": "http://10.1.2.3/"}""", "webhook_url_not_allowed")]
    [InlineData("""{"url": "http://169.254.169.254/latest"}""", "webhook_url_not_allowed")]
    [InlineData("""{"url": "shop"}""", "invalid_request")]
    [InlineData("""{"url": ""}""", "invalid_request")]
    [InlineData("""{"url": "https://shop.example.org", "events": []}""", "invalid_request")]
    [InlineData("""{"url": "https://shop.example.org", "events": ["wallets.opened"]}""", "invalid_request")]
    [InlineData("""{"url": "https://shop.example.org", "events": [null]}""", "invalid_request")]
    [InlineData("""{"url": "https://shop.example.org", "secret": "whsec_AAAA"}""", "invalid_request")]
    public async Task What_is_malformed_or_not_allowed_is_refused(string body, string code)
    {
        var merchant = await Merchant.AsAsync(app);
        Assert.Equal(code, await SignedIn.Refusal(await merchant.Person.SendAsync("POST", "/v1/webhooks", JsonSerializer.Deserialize<JsonElement>(body))));
    }

    [Fact]
    public async Task Of_thirty_asked_for_at_once_twenty_are_made()
    {
        var merchant = await Merchant.AsAsync(app);
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => merchant.Person.SendAsync("POST", "/v1/webhooks", new { url = Url })));
        Assert.Equal(20, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        Assert.Equal("webhook_limit_reached", await SignedIn.Refusal(answers.First(answer => !answer.IsSuccessStatusCode)));

        var one = (await SignedIn.Json(await merchant.Person.GetAsync("/v1/webhooks?limit=1"))).GetProperty("data")[0].GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.NoContent, (await merchant.Person.SendAsync("DELETE", $"/v1/webhooks/{one}")).StatusCode);
        await merchant.CreateAsync(Url);
    }

    [Fact]
    public async Task Customers_have_none_and_another_merchant_s_are_not_there()
    {
        var merchant = await Merchant.AsAsync(app);
        var made = await merchant.CreateAsync(Url);
        var customer = await SignedIn.AsAsync(app);
        Assert.Equal("forbidden", await SignedIn.Refusal(await customer.GetAsync("/v1/webhooks")));
        var other = await SignedIn.AsAsync(app, Roles.Merchant);
        var delivery = Ids.Show("msg", Guid.NewGuid());
        var range = new { from = "2026-01-01T00:00:00Z", to = "2027-01-01T00:00:00Z" };
        foreach (
            var (method, path, body) in new (string, string, object?)[]
            {
                ("GET", "", null),
                ("PATCH", "", new { description = "mine" }),
                ("DELETE", "", null),
                ("POST", "/secret", null),
                ("POST", "/test", null),
                ("GET", "/deliveries", null),
                ("GET", $"/deliveries/{delivery}", null),
                ("POST", $"/deliveries/{delivery}/replay", null),
                ("POST", "/replays", range),
            }
        )
        {
            Assert.Equal((path, "not_found"), (path, await SignedIn.Refusal(await other.SendAsync(method, $"/v1/webhooks/{made.Id}{path}", body))));
        }

        Assert.Equal("not_found", await SignedIn.Refusal(await merchant.Person.GetAsync($"/v1/webhooks/{made.Id}/deliveries/{delivery}")));
        Assert.Equal(JsonValueKind.Null, (await merchant.ShowAsync(made)).GetProperty("description").ValueKind);
    }

    [Fact]
    public async Task A_change_leaves_the_rest_as_it_is()
    {
        var merchant = await Merchant.AsAsync(app);
        var made = await merchant.CreateAsync(Url, "payments.completed");
        var changed = await SignedIn.Json(await merchant.Person.SendAsync("PATCH", $"/v1/webhooks/{made.Id}", new { description = "till", enabled = false }));
        Assert.Equal(("till", Url, "owner"), (Text(changed, "description"), Text(changed, "url"), Text(changed, "disabled_reason")));
        changed = await SignedIn.Json(
            await merchant.Person.SendAsync(
                "PATCH",
                $"/v1/webhooks/{made.Id}",
                new
                {
                    url = Url + "2",
                    events = SignedIn.List("*"),
                    enabled = true,
                }
            )
        );
        Assert.Equal(("till", Url + "2", "*"), (Text(changed, "description"), Text(changed, "url"), changed.GetProperty("events")[0].GetString()));
        Assert.True(changed.GetProperty("enabled").GetBoolean());
        var cleared = JsonSerializer.Deserialize<JsonElement>("""{"description": null}""");
        changed = await SignedIn.Json(await merchant.Person.SendAsync("PATCH", $"/v1/webhooks/{made.Id}", cleared));
        Assert.Equal(JsonValueKind.Null, changed.GetProperty("description").ValueKind);
        var refused = await merchant.Person.SendAsync("PATCH", $"/v1/webhooks/{made.Id}", new { url = "http://192.168.0.1/" });
        Assert.Equal("webhook_url_not_allowed", await SignedIn.Refusal(refused));
    }

    [Fact]
    public async Task A_merchant_who_leaves_takes_their_webhooks_along()
    {
        var merchant = await Merchant.AsAsync(app);
        var made = await merchant.CreateAsync(Url);
        var export = await SignedIn.Json(await merchant.Person.GetAsync("/v1/me/export"));
        Assert.Equal(made.Id, export.GetProperty("webhooks")[0].GetProperty("id").GetString());
        var left = await merchant.Person.SendAsync("DELETE", "/v1/me", new { password = SignedIn.Password });
        Assert.True(left.IsSuccessStatusCode, await left.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select count(*) from webhooks.endpoints where id = $1", made.Guid));
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select count(*) from webhooks.secrets where endpoint_id = $1", made.Guid));
    }

    private static string? Text(JsonElement body, string name) => body.GetProperty(name).GetString();
}
