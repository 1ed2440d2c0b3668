using System.Net;
using System.Text;
using System.Text.Json;
using Florin.Platform;

namespace Florin.Tests.Identity;

public sealed class ProfileTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task Every_field_of_the_seeds_can_be_set_read_back_and_cleared()
    {
        var ann = await SignedIn.AsAsync(app);
        var fields = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["first_name"] = "Анна",
            ["last_name"] = "O'Neill",
            ["contact_number"] = "01700 000000",
            ["date_of_birth"] = "2001-02-28",
            ["student_id"] = "S-17",
            ["institution"] = "Nazarbayev University",
            ["graduation_year"] = 2027,
            ["bio"] = "two\nlines",
            ["location"] = "Almaty",
            ["website"] = "https://example.org/~ann",
            ["address"] = "1 Abay Ave",
            ["notification_preferences"] = new Dictionary<string, bool> { ["email"] = true },
            ["privacy_settings"] = new Dictionary<string, string> { ["profile"] = "private" },
            ["locale"] = "kk-KZ",
        };
        var changed = await SignedIn.Json(await ann.SendAsync("PATCH", "/v1/me", fields));
        var read = await SignedIn.Json(await ann.GetAsync("/v1/me"));
        Assert.Equal(changed.GetRawText(), read.GetRawText());
        foreach (var (name, value) in fields)
        {
            // The table keeps objects with its own spacing.
            Assert.Equal(JsonSerializer.Serialize(value, Wire.Json), JsonSerializer.Serialize(read.GetProperty(name), Wire.Json));
        }

        Assert.Equal("Анна O'Neill", read.GetProperty("display_name").GetString());
        var cleared = await SignedIn.Json(await ann.SendAsync("PATCH", "/v1/me", fields.ToDictionary(f => f.Key, _ => (object?)null)));
        Assert.Equal("", cleared.GetProperty("first_name").GetString());
        Assert.Equal(JsonValueKind.Null, cleared.GetProperty("bio").ValueKind);
        Assert.Equal(JsonValueKind.Null, cleared.GetProperty("date_of_birth").ValueKind);
        Assert.Equal("{}", cleared.GetProperty("privacy_settings").GetRawText());
        Assert.EndsWith("identity.profile_changed identity.profile_changed", await ann.ActivityAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_left_out_stays()
    {
        var ann = await SignedIn.AsAsync(app);
        await ann.SendAsync("PATCH", "/v1/me", new { bio = "a", location = "b" });
        var me = await SignedIn.Json(await ann.SendAsync("PATCH", "/v1/me", new { bio = "c" }));
        Assert.Equal(
            ("c", "b", "First"),
            (me.GetProperty("bio").GetString(), me.GetProperty("location").GetString(), me.GetProperty("first_name").GetString())
        );
    }

    [Theory]
    [InlineData("roles", """["admin"]""")]
    [InlineData("is_verified", "true")]
    [InlineData("email", "\"eve@example.org\"")]
    [InlineData("phone", "\"+77011234567\"")]
    [InlineData("username", "\"eve\"")]
    [InlineData("id", "\"usr_0\"")]
    [InlineData("bio", "17")]
    [InlineData("first_name", "\"a\\u0000b\"")]
    [InlineData("last_name", "\"a\\nb\"")]
    [InlineData("date_of_birth", "\"2999-01-01\"")]
    [InlineData("date_of_birth", "\"31.12.1999\"")]
    [InlineData("graduation_year", "20270")]
    [InlineData("website", "\"javascript:alert(1)\"")]
    [InlineData("website", "\"example.org\"")]
    [InlineData("locale", "\"en_US!\"")]
    [InlineData("notification_preferences", "[]")]
    [InlineData("privacy_settings", "\"x\"")]
    public async Task What_the_person_may_not_set_or_is_malformed_is_refused_and_changes_nothing(string field, string value)
    {
        var ann = await SignedIn.AsAsync(app);
        var before = await SignedIn.Json(await ann.GetAsync("/v1/me"));
        using var content = new StringContent($$"""{"location": "moved", "{{field}}": {{value}}}""", Encoding.UTF8, "application/json");
        var answer = await ann.Http.PatchAsync(new Uri("/v1/me", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (answer.StatusCode, await SignedIn.Refusal(answer)));
        Assert.Equal(before.GetRawText(), (await SignedIn.Json(await ann.GetAsync("/v1/me"))).GetRawText());
    }

    [Fact]
    public async Task Long_text_is_refused_at_its_limit()
    {
        var ann = await SignedIn.AsAsync(app);
        await SignedIn.Json(await ann.SendAsync("PATCH", "/v1/me", new { bio = new string('x', 500), location = new string('x', 100) }));
        Assert.Equal("invalid_request", await SignedIn.Refusal(await ann.SendAsync("PATCH", "/v1/me", new { bio = new string('x', 501) })));
        Assert.Equal("invalid_request", await SignedIn.Refusal(await ann.SendAsync("PATCH", "/v1/me", new { location = new string('x', 101) })));
    }

    [Fact]
    public async Task The_description_shows_a_member_that_may_be_left_out_as_its_value()
    {
        var description = await SignedIn.Json(await app.Http.GetAsync(new Uri("/openapi/v1.json", UriKind.Relative), TestContext.Current.CancellationToken));
        var text = description.GetRawText();
        Assert.NotEmpty(text);
        foreach (var schema in description.GetProperty("components").GetProperty("schemas").EnumerateObject())
        {
            // What wraps such a member in the program has these two.
            var members = schema.Value.TryGetProperty("properties", out var properties) ? properties : default;
            Assert.False(
                members.ValueKind == JsonValueKind.Object && members.TryGetProperty("given", out _) && members.TryGetProperty("value", out _),
                schema.Name
            );
        }

        var year = Resolve(Resolve(Body("/v1/me")).GetProperty("properties").GetProperty("graduation_year"));
        Assert.Contains("integer", year.GetProperty("type").GetRawText(), StringComparison.Ordinal);
        var birth = Resolve(Resolve(Body("/v1/me")).GetProperty("properties").GetProperty("date_of_birth"));
        Assert.Equal("date", birth.GetProperty("format").GetString());
        var roles = Resolve(Resolve(Body("/v1/users/{id}")).GetProperty("properties").GetProperty("roles"));
        Assert.Contains("array", roles.GetProperty("type").GetRawText(), StringComparison.Ordinal);

        JsonElement Body(string path) =>
            Resolve(
                description
                    .GetProperty("paths")
                    .GetProperty(path)
                    .GetProperty("patch")
                    .GetProperty("requestBody")
                    .GetProperty("content")
                    .GetProperty("application/json")
                    .GetProperty("schema")
            );

        JsonElement Resolve(JsonElement schema) =>
            schema.TryGetProperty("$ref", out var reference)
                ? description.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1])
                : schema;
    }

    [Fact]
    public async Task Ten_wrong_passwords_stop_the_asking_but_not_for_who_only_knows_the_login()
    {
        var ann = await SignedIn.AsAsync(app);
        for (var i = 0; i < 10; i++)
        {
            await SignedIn.SendAsync(app.Http, "POST", "/v1/sessions", new { login = ann.Person.Username, password = "a guess " + i });
        }

        Assert.Equal("invalid_request", await SignedIn.Refusal(await DeleteAsync("")));
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("wrong_password", await SignedIn.Refusal(await DeleteAsync("a guess " + i)));
        }

        var stopped = await DeleteAsync(SignedIn.Password);
        Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limited"), (stopped.StatusCode, await SignedIn.Refusal(stopped)));
        Assert.Equal(TimeSpan.FromMinutes(15), stopped.Headers.RetryAfter?.Delta);
        app.Clock.Wind(TimeSpan.FromMinutes(15));
        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(SignedIn.Password)).StatusCode);

        Task<HttpResponseMessage> DeleteAsync(string password) => ann.SendAsync("DELETE", "/v1/me", new { password });
    }

    [Fact]
    public async Task A_stranger_sees_nothing()
    {
        foreach (
            var (method, path) in ((string, string)[])
                [("GET", "/v1/me"), ("PATCH", "/v1/me"), ("GET", "/v1/me/export"), ("GET", "/v1/me/picture"), ("DELETE", "/v1/me")]
        )
        {
            Assert.Equal("not_signed_in", await SignedIn.Refusal(await SignedIn.SendAsync(app.Http, method, path, new { })));
        }
    }

    [Fact]
    public async Task A_new_address_counts_once_its_code_came_back_and_the_former_one_is_told()
    {
        var ann = await SignedIn.AsAsync(app);
        var eve = await SignedIn.AsAsync(app);
        var fresh = $"new-{ann.Person.Username}@example.org";
        var started = await SignedIn.Json(await ann.SendAsync("POST", "/v1/me/contact", new { email = fresh }));
        Assert.Equal(ann.Person.Email, (await ann.NowAsync()).Email);
        var (id, code) = (started.GetProperty("id").GetString(), started.GetProperty("sandbox_code").GetString());
        Assert.Equal("code_not_valid", await SignedIn.Refusal(await eve.SendAsync("POST", "/v1/me/contact/verify", new { id, code })));
        var me = await SignedIn.Json(await ann.SendAsync("POST", "/v1/me/contact/verify", new { id, code }));
        Assert.Equal((fresh, true), (me.GetProperty("email").GetString(), me.GetProperty("email_verified").GetBoolean()));
        Assert.Equal("code_not_valid", await SignedIn.Refusal(await ann.SendAsync("POST", "/v1/me/contact/verify", new { id, code })));

        await app.Database.WaitAsync(
            $"select exists (select from notifications.messages where template = 'contact_changed' and recipient = '{ann.Person.Email}')"
        );
    }

    [Fact]
    public async Task A_phone_number_is_changed_in_the_same_way()
    {
        var ann = await SignedIn.AsAsync(app);
        var started = await SignedIn.Json(await ann.SendAsync("POST", "/v1/me/contact", new { phone = "+7 701 123-45-01" }));
        Assert.Equal("sms", started.GetProperty("channel").GetString());
        var verify = new { id = started.GetProperty("id").GetString(), code = started.GetProperty("sandbox_code").GetString() };
        var me = await SignedIn.Json(await ann.SendAsync("POST", "/v1/me/contact/verify", verify));
        Assert.Equal("+77011234501", me.GetProperty("phone").GetString());
    }

    [Fact]
    public async Task Whether_an_address_belongs_to_somebody_is_said_only_to_who_reads_its_mail()
    {
        var ann = await SignedIn.AsAsync(app);
        var bob = await SignedIn.AsAsync(app);
        var started = await SignedIn.Json(await ann.SendAsync("POST", "/v1/me/contact", new { email = bob.Person.Email!.ToUpperInvariant() }));
        var verify = new { id = started.GetProperty("id").GetString(), code = started.GetProperty("sandbox_code").GetString() };
        Assert.Equal("email_taken", await SignedIn.Refusal(await ann.SendAsync("POST", "/v1/me/contact/verify", verify)));
        Assert.Equal(ann.Person.Email, (await ann.NowAsync()).Email);
    }

    [Fact]
    public async Task Either_address_or_number_and_a_fresh_sign_in()
    {
        var ann = await SignedIn.AsAsync(app);
        foreach (var body in (object[])[new { }, new { email = "a@example.org", phone = "+77011234567" }, new { email = "nonsense" }, new { phone = "12" }])
        {
            Assert.Equal("invalid_request", await SignedIn.Refusal(await ann.SendAsync("POST", "/v1/me/contact", body)));
        }

        app.Clock.Wind(TimeSpan.FromMinutes(11));
        Assert.Equal("password_required", await SignedIn.Refusal(await ann.SendAsync("POST", "/v1/me/contact", new { email = "a@example.org" })));
    }

    [Fact]
    public async Task The_export_holds_what_is_kept_and_no_secrets()
    {
        var ann = await SignedIn.AsAsync(app, Roles.Customer, Roles.Merchant);
        await ann.SendAsync("PATCH", "/v1/me", new { bio = "mine" });
        var answer = await ann.GetAsync("/v1/me/export");
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition?.DispositionType);
        var export = await SignedIn.Json(answer);
        Assert.Equal("mine", export.GetProperty("identity").GetProperty("profile").GetProperty("bio").GetString());
        Assert.NotEqual(0, export.GetProperty("identity").GetProperty("sessions").GetArrayLength());
        Assert.Contains("identity.profile_changed", export.GetProperty("activity").GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain((await ann.NowAsync()).PasswordHash!, export.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ended_account_names_nobody_and_its_tokens_end_at_once()
    {
        var ann = await SignedIn.AsAsync(app, Roles.Customer, Roles.Merchant);
        var key = (await SignedIn.Json(await ann.SendAsync("POST", "/v1/api-keys", new { name = "till", scopes = SignedIn.List("wallets:read") })))
            .GetProperty("key")
            .GetString()!;
        using var picture = new ByteArrayContent(Pictures.Png());
        picture.Headers.ContentType = new("image/png");
        await ann.Http.PutAsync(new Uri("/v1/me/picture", UriKind.Relative), picture, TestContext.Current.CancellationToken);
        var files = Directory.GetFiles(Path.Combine(app.Get<Settings>().Data, "files"), "*", SearchOption.AllDirectories);
        var name = (await ann.NowAsync()).Picture!;
        var file = Assert.Single(files, f => f.EndsWith(name, StringComparison.Ordinal));

        Assert.Equal("wrong_password", await SignedIn.Refusal(await ann.SendAsync("DELETE", "/v1/me", new { password = "not mine at all" })));
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync("DELETE", "/v1/me", new { password = SignedIn.Password })).StatusCode);

        Assert.Equal("not_signed_in", await SignedIn.Refusal(await ann.GetAsync("/v1/me")));
        Assert.False(File.Exists(file));
        app.Clock.Wind(TimeSpan.FromSeconds(1));
        Assert.Null(await app.Get<Florin.Identity.ApiKeys>().FindAsync(key, TestContext.Current.CancellationToken));
        var row = JsonSerializer.Serialize(await ann.NowAsync());
        Assert.DoesNotContain(ann.Person.Username!, row, StringComparison.Ordinal);
        Assert.NotNull((await ann.NowAsync()).DeletedAt);
        Assert.EndsWith("identity.account_deleted", await ann.ActivityAsync(), StringComparison.Ordinal);
        var again = await SignedIn.SendAsync(app.Http, "POST", "/v1/sessions", new { login = ann.Person.Username, password = SignedIn.Password });
        Assert.Equal("sign_in_failed", await SignedIn.Refusal(again));
    }
}
