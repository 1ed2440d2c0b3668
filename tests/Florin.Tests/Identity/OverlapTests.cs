using System.Net;
using System.Net.Http.Headers;
using Florin.Identity;
using Florin.Platform;

namespace Florin.Tests.Identity;

/// <summary>
/// Sign-ins and refreshes that overlap a change of rights or password (T3). The change stands still after it was written and before it is
/// committed, and the sign-in has read and compared what is about to be false.
/// </summary>
public sealed class OverlapTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private const string NewPassword = "quite another pass phrase";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sign_in_that_overlaps_a_change_of_roles_starts_with_the_new_ones()
    {
        var admin = await SignedIn.AsAsync(app, Roles.Admin);
        var bob = await SignedIn.AsAsync(app, Roles.Merchant, Roles.Support);
        var (changed, signedIn) = await DuringAsync(bob, () => ChangeAsync(admin, bob, new { roles = SignedIn.List("customer") }), () => SignInAsync(bob));
        await SignedIn.Json(changed);
        var body = await SignedIn.Json(signedIn);
        Assert.Equal("[\"customer\"]", body.GetProperty("person").GetProperty("roles").GetRawText());
        var token = body.GetProperty("access_token").GetString()!;
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("/v1/me", token)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await app.Http.GetAsync("/v1/users", token)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await app.Http.GetAsync("/v1/api-keys", token)).Status);
    }

    [Fact]
    public async Task A_sign_in_that_overlaps_a_closing_of_the_account_is_refused()
    {
        var admin = await SignedIn.AsAsync(app, Roles.Admin);
        var bob = await SignedIn.AsAsync(app);
        var (changed, signedIn) = await DuringAsync(bob, () => ChangeAsync(admin, bob, new { deactivated = true }), () => SignInAsync(bob));
        await SignedIn.Json(changed);
        Assert.Equal("sign_in_failed", await SignedIn.Refusal(signedIn));
    }

    [Fact]
    public async Task A_sign_in_by_the_old_password_that_overlaps_its_change_is_refused_and_counted()
    {
        var bob = await SignedIn.AsAsync(app);
        var code = await StartPasswordChangeAsync(bob);
        var here = bob.Http.DefaultRequestHeaders.Authorization;
        await bob.SignInAsync(); // another session, which the change must end
        var there = bob.Http.DefaultRequestHeaders.Authorization;
        bob.Http.DefaultRequestHeaders.Authorization = here;
        var (changed, signedIn) = await DuringAsync(bob, () => bob.SendAsync("POST", "/v1/me/password/verify", code), () => SignInAsync(bob));
        Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);
        Assert.Equal("sign_in_failed", await SignedIn.Refusal(signedIn));
        Assert.Equal(1, await app.Database.ScalarAsync<int>("select sign_in_failures from identity.people where id = $1", bob.Id));
        Assert.Equal(HttpStatusCode.OK, (await bob.GetAsync("/v1/me")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.GetAsync("/v1/me", there!.Parameter)).Status);
    }

    [Fact]
    public async Task A_sign_in_by_the_right_password_goes_on_where_only_the_way_it_is_stored_changed_meanwhile()
    {
        var bob = await SignedIn.AsAsync(app);
        var hash = await app.Get<Passwords>().HashAsync(SignedIn.Password, Cancel);
        var rehash = await HeldRows.HoldAsync(app.Database, $"update identity.people set password_hash = '{hash}' where id = $1", bob.Id);
        var signedIn = await rehash.BeginAsync(() => SignInAsync(bob));
        await rehash.CommitAsync();
        Assert.Equal(HttpStatusCode.Created, (await signedIn).StatusCode);
    }

    [Fact]
    public async Task A_sign_in_without_a_code_that_overlaps_the_start_of_one_time_codes_is_refused()
    {
        var bob = await SignedIn.AsAsync(app);
        var secret = (await SignedIn.Json(await bob.SendAsync("POST", "/v1/me/totp", new { }))).GetProperty("secret").GetString()!;
        // Confirming writes the person, then the activity.
        var held = await HeldRows.HoldAsync(app.Database, "lock table activity.entries in share mode", bob.Id);
        var confirmed = await held.BeginAsync(() => bob.SendAsync("POST", "/v1/me/totp/confirm", new { code = CodeNow(secret) }));
        var signedIn = await held.BeginAsync(() => SignInAsync(bob));
        await held.DisposeAsync();
        await SignedIn.Json(await confirmed);
        Assert.Equal("second_factor_required", await SignedIn.Refusal(await signedIn));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refresh_that_overlaps_a_change_of_roles_leaves_no_token_with_the_old_ones(bool changeFirst)
    {
        var admin = await SignedIn.AsAsync(app, Roles.Admin);
        var bob = await SignedIn.AsAsync(app, Roles.Support);
        var started = await SignedIn.Json(await SignInAsync(bob));
        var refresh = started.GetProperty("refresh_token").GetString()!;
        // Both stop at this one row, and get it in the order in which they came.
        var session = Ids.Read("ses", started.GetProperty("session_id").GetString()!);
        var held = await HeldRows.HoldAsync(app.Database, "select id from identity.sessions where id = $1 for update", session);
        Func<Task<HttpResponseMessage>> change = () => ChangeAsync(admin, bob, new { roles = SignedIn.List("customer") });
        Func<Task<HttpResponseMessage>> renew = () => SignedIn.SendAsync(app.Http, "POST", "/v1/sessions/refresh", new { refresh_token = refresh });
        var (first, second) = await DuringAsync(held, changeFirst ? change : renew, changeFirst ? renew : change);
        var (changed, renewed) = changeFirst ? (first, second) : (second, first);
        await SignedIn.Json(changed);
        Assert.Equal(!changeFirst, renewed.IsSuccessStatusCode);
        if (renewed.IsSuccessStatusCode)
        {
            var body = await SignedIn.Json(renewed);
            Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.GetAsync("/v1/me", body.GetProperty("access_token").GetString())).Status);
            var again = new { refresh_token = body.GetProperty("refresh_token").GetString() };
            Assert.Equal("refresh_token_not_valid", await SignedIn.Refusal(await SignedIn.SendAsync(app.Http, "POST", "/v1/sessions/refresh", again)));
        }
        else
        {
            Assert.Equal("refresh_token_not_valid", await SignedIn.Refusal(renewed));
        }
    }

    [Fact]
    public async Task An_API_key_sleeps_from_the_second_in_which_its_owner_stops_being_a_merchant_and_one_made_meanwhile_too()
    {
        var admin = await SignedIn.AsAsync(app, Roles.Admin);
        var shop = await SignedIn.AsAsync(app, Roles.Merchant);
        var old = await KeyAsync(shop);
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("/v1/wallets", old)).Status);
        await using var held = await HeldRows.SessionsAsync(shop);
        var changing = await held.BeginAsync(() => ChangeAsync(admin, shop, new { roles = SignedIn.List("customer") }));
        var late = await KeyAsync(shop);
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("/v1/wallets", late)).Status);
        await held.DisposeAsync();
        await SignedIn.Json(await changing);
        app.Clock.Wind(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.GetAsync("/v1/wallets", old)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.GetAsync("/v1/wallets", late)).Status);
    }

    // The first stops at the person's sessions, and the second at the person, whom the first has locked.
    private static async Task<(HttpResponseMessage First, HttpResponseMessage Second)> DuringAsync(
        SignedIn who,
        Func<Task<HttpResponseMessage>> first,
        Func<Task<HttpResponseMessage>> second
    ) => await DuringAsync(await HeldRows.SessionsAsync(who), first, second);

    private static async Task<(HttpResponseMessage First, HttpResponseMessage Second)> DuringAsync(
        HeldRows held,
        Func<Task<HttpResponseMessage>> first,
        Func<Task<HttpResponseMessage>> second
    )
    {
        var one = await held.BeginAsync(first);
        var two = await held.BeginAsync(second);
        await held.DisposeAsync();
        return (await one, await two);
    }

    private static Task<HttpResponseMessage> ChangeAsync(SignedIn admin, SignedIn who, object change) =>
        admin.SendAsync("PATCH", "/v1/users/" + who.Person.PublicId, change);

    private static Task<HttpResponseMessage> SignInAsync(SignedIn who) =>
        SignedIn.SendAsync(who.App.Http, "POST", "/v1/sessions", new { login = who.Person.Username, password = SignedIn.Password });

    private static async Task<object> StartPasswordChangeAsync(SignedIn who)
    {
        var passwords = new { current_password = SignedIn.Password, new_password = NewPassword };
        var started = await SignedIn.Json(await who.SendAsync("POST", "/v1/me/password", passwords));
        return new { id = started.GetProperty("id").GetString(), code = started.GetProperty("sandbox_code").GetString() };
    }

    private static async Task<string> KeyAsync(SignedIn shop)
    {
        var wanted = new { name = "till", scopes = SignedIn.List("wallets:read") };
        return (await SignedIn.Json(await shop.SendAsync("POST", "/v1/api-keys", wanted))).GetProperty("key").GetString()!;
    }

    private string CodeNow(string secret)
    {
        Assert.True(Base32.TryDecode(secret, out var bytes));
        return Totp.Code(bytes, Totp.StepAt(app.Clock.GetUtcNow()));
    }
}
