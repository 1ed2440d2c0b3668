using System.Net;

namespace Florin.Tests.Identity;

public sealed class PasswordTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private const string Next = "a brand new password";

    [Fact]
    public async Task A_password_change_takes_the_old_one_and_a_code_and_ends_the_other_sessions()
    {
        var name = Calls.Fresh("chg");
        var me = await app.Http.RegisterAsync(name);
        var other = await app.Http.SignInAsync(name);
        var started = await ChangeAsync(me, Calls.Password, Next);
        Assert.Equal(HttpStatusCode.Accepted, started.Status);
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("/v1/sessions", other.Access)).Status);

        Assert.Equal(HttpStatusCode.NoContent, (await VerifyAsync(me, started)).Status);
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("/v1/sessions", me.Access)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.GetAsync("/v1/sessions", other.Access)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.PostAsync("/v1/sessions/refresh", new { refresh_token = other.Refresh })).Status);
        Assert.Equal("sign_in_failed", (await app.Http.SignInAsync(name)).Code);
        Assert.Equal(HttpStatusCode.Created, (await app.Http.SignInAsync(name, Next)).Status);
        Assert.Equal("code_not_valid", (await VerifyAsync(me, started)).Code);
    }

    [Fact]
    public async Task A_wrong_current_password_changes_nothing()
    {
        var me = await app.Http.RegisterAsync(Calls.Fresh("wrong"));
        var refused = await ChangeAsync(me, "not my password", Next);
        Assert.Equal((HttpStatusCode.Forbidden, "wrong_password"), (refused.Status, refused.Code));
        Assert.Equal(HttpStatusCode.BadRequest, (await ChangeAsync(me, Calls.Password, "password1")).Status);
    }

    [Fact]
    public async Task A_code_of_one_person_is_worth_nothing_to_another()
    {
        var me = await app.Http.RegisterAsync(Calls.Fresh("me"));
        var thief = await app.Http.RegisterAsync(Calls.Fresh("thief"));
        var started = await ChangeAsync(me, Calls.Password, Next);
        Assert.Equal("code_not_valid", (await VerifyAsync(thief, started)).Code);
        Assert.Equal(HttpStatusCode.NoContent, (await VerifyAsync(me, started)).Status);
    }

    [Fact]
    public async Task A_code_of_a_registration_is_worth_nothing_for_a_reset()
    {
        var name = Calls.Fresh("purpose");
        await app.Http.RegisterAsync(name);
        var registration = await app.Http.StartAsync(new { email = Calls.Fresh("x") + "@example.org", password = Calls.Password });
        var id = registration.Text("id")!.Replace("reg_", "rst_", StringComparison.Ordinal);
        Assert.Equal("code_not_valid", (await ConfirmAsync(id, registration.Text("sandbox_code")!)).Code);
    }

    [Fact]
    public async Task Of_two_changes_on_their_way_the_second_is_worth_nothing()
    {
        var me = await app.Http.RegisterAsync(Calls.Fresh("two"));
        var one = await ChangeAsync(me, Calls.Password, Next);
        var two = await ChangeAsync(me, Calls.Password, Next + " 2");
        Assert.Equal(HttpStatusCode.NoContent, (await VerifyAsync(me, two)).Status);
        Assert.Equal("code_not_valid", (await VerifyAsync(me, one)).Code);
    }

    [Fact]
    public async Task A_reset_sets_the_password_lifts_the_lock_and_ends_every_session()
    {
        var name = Calls.Fresh("rst");
        var me = await app.Http.RegisterAsync(name);
        for (var i = 0; i < 10; i++)
        {
            await app.From($"127.0.7.{i + 1}").SignInAsync(name, "forgotten");
        }

        Assert.Equal("sign_in_failed", (await app.Http.SignInAsync(name)).Code);
        var started = await app.Http.PostAsync("/v1/password-resets", new { login = name + "@example.org" });
        Assert.Equal(HttpStatusCode.Accepted, started.Status);
        var confirmed = await ConfirmAsync(started.Text("id")!, started.Text("sandbox_code")!);
        Assert.Equal(HttpStatusCode.NoContent, confirmed.Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.GetAsync("/v1/sessions", me.Access)).Status);
        Assert.Equal(HttpStatusCode.Created, (await app.Http.SignInAsync(name, Next)).Status);
        Assert.Equal("code_not_valid", (await ConfirmAsync(started.Text("id")!, started.Text("sandbox_code")!)).Code);
    }

    [Fact]
    public async Task A_reset_does_not_tell_whether_there_is_an_account()
    {
        var name = Calls.Fresh("hid");
        await app.Http.RegisterAsync(name);
        var known = await app.Http.PostAsync("/v1/password-resets", new { login = name + "@example.org" });
        var unknown = await app.Http.PostAsync("/v1/password-resets", new { login = "nobody" + name + "@example.org" });
        Assert.Equal(known.Status, unknown.Status);
        Assert.Equal(known.Body.EnumerateObject().Select(p => p.Name), unknown.Body.EnumerateObject().Select(p => p.Name));
        Assert.Equal("code_not_valid", (await ConfirmAsync(unknown.Text("id")!, unknown.Text("sandbox_code")!)).Code);

        // Both are counted, so that the limit of messages tells nothing either.
        foreach (var login in new[] { name + "@example.org", "nobody" + name + "@example.org" })
        {
            for (var i = 0; i < 9; i++)
            {
                await app.Http.PostAsync("/v1/password-resets", new { login });
            }

            Assert.Equal(HttpStatusCode.TooManyRequests, (await app.Http.PostAsync("/v1/password-resets", new { login })).Status);
        }
    }

    [Fact]
    public async Task A_reset_by_a_number_that_is_not_proven_goes_to_the_address_that_is()
    {
        var name = Calls.Fresh("tel");
        var phone = Calls.FreshPhone();
        await app.Http.RegisterAsync(name, phone);
        Assert.False(await ProvenAsync(name));
        var started = await app.Http.PostAsync("/v1/password-resets", new { login = phone });
        var sent = $"from notifications.messages where template = 'password_reset_code' and recipient in ('{phone}', '{name}@example.org')";
        await app.Database.WaitAsync($"select exists (select {sent})");
        Assert.Equal(name + "@example.org", await app.Database.ScalarAsync<string>("select string_agg(recipient, ' ') " + sent));
        Assert.Equal(HttpStatusCode.NoContent, (await ConfirmAsync(started.Text("id")!, started.Text("sandbox_code")!)).Status);
        Assert.False(await ProvenAsync(name));
    }

    [Fact]
    public async Task Of_50_confirmations_at_once_one_sets_the_password()
    {
        var name = Calls.Fresh("fif");
        await app.Http.RegisterAsync(name);
        var started = await app.Http.PostAsync("/v1/password-resets", new { login = name });
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ConfirmAsync(started.Text("id")!, started.Text("sandbox_code")!)));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.NoContent);
        Assert.Equal(49, answers.Count(answer => string.Equals(answer.Code, "code_not_valid", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_password_set_by_a_shop_is_claimed_by_changing_it()
    {
        var name = Calls.Fresh("shop");
        var me = await app.Http.RegisterAsync(name);
        await app.Database.ScalarAsync<int>("update identity.people set created_by_shop = gen_random_uuid() where username = $1", name);
        await VerifyAsync(me, await ChangeAsync(me, Calls.Password, Next));
        Assert.True(await app.Database.ScalarAsync<bool>("select claimed_at is not null from identity.people where username = $1", name));
    }

    [Fact]
    public async Task Staff_need_twelve_characters()
    {
        var name = Calls.Fresh("staff");
        var me = await app.Http.RegisterAsync(name);
        await app.Database.ScalarAsync<int>("update identity.people set roles = '{support}' where username = $1", name);
        Assert.Equal(HttpStatusCode.BadRequest, (await ChangeAsync(me, Calls.Password, "elevenchars")).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await ChangeAsync(me, Calls.Password, "twelve chars")).Status);
    }

    private Task<Got> ChangeAsync(Got me, string current, string next) =>
        app.Http.PostAsync("/v1/me/password", new { current_password = current, new_password = next }, me.Access);

    private Task<Got> VerifyAsync(Got me, Got started) =>
        app.Http.PostAsync("/v1/me/password/verify", new { id = started.Text("id"), code = started.Text("sandbox_code") }, me.Access);

    private Task<Got> ConfirmAsync(string id, string code) =>
        app.Http.PostAsync(
            "/v1/password-resets/confirm",
            new
            {
                id,
                code,
                password = Next,
            }
        );

    private Task<bool> ProvenAsync(string name) =>
        app.Database.ScalarAsync<bool>("select phone_verified_at is not null from identity.people where username = $1", name);
}
