using System.Net;
using Florin.Identity;

namespace Florin.Tests.Identity;

public sealed class SecondFactorTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_on_only_once_a_code_is_confirmed_and_then_it_cannot_be_replaced()
    {
        var ann = await SignedIn.AsAsync(app);
        Assert.Equal("totp_not_on", await SignedIn.Refusal(await ann.SendAsync("POST", "/v1/me/totp/confirm", new { code = "123456" })));
        var first = await StartAsync(ann);
        var secret = await StartAsync(ann);
        Assert.NotEqual(first, secret);
        Assert.Equal(TotpMatch.Wrong, await TakeAsync(ann, CodeNow(secret)));
        Assert.Equal("wrong_totp", await SignedIn.Refusal(await ConfirmAsync(ann, CodeNow(first))));

        var codes = (await SignedIn.Json(await ConfirmAsync(ann, CodeNow(secret))))
            .GetProperty("recovery_codes")
            .EnumerateArray()
            .Select(c => c.GetString()!)
            .ToList();
        Assert.Equal(10, codes.Count);
        var me = await SignedIn.Json(await ann.GetAsync("/v1/me"));
        Assert.True(me.GetProperty("totp_enabled").GetBoolean());
        Assert.Equal(10, me.GetProperty("recovery_codes_left").GetInt32());

        Assert.Equal("totp_already_on", await SignedIn.Refusal(await ann.SendAsync("POST", "/v1/me/totp", new { })));
        Assert.Equal("totp_already_on", await SignedIn.Refusal(await ConfirmAsync(ann, CodeNow(secret))));
        var row = System.Text.Json.JsonSerializer.Serialize(await ann.NowAsync());
        Assert.All(codes, code => Assert.DoesNotContain(code, row, StringComparison.Ordinal));
        Assert.DoesNotContain(secret, row, StringComparison.Ordinal);
        Assert.Contains("identity.totp_started identity.totp_started identity.totp_enabled", await ann.ActivityAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task To_start_it_the_sign_in_must_be_fresh_or_the_password_given()
    {
        var ann = await SignedIn.AsAsync(app);
        app.Clock.Wind(TimeSpan.FromMinutes(11));
        Assert.Equal("password_required", await SignedIn.Refusal(await ann.SendAsync("POST", "/v1/me/totp", new { })));
        Assert.Equal("wrong_password", await SignedIn.Refusal(await ann.SendAsync("POST", "/v1/me/totp", new { password = "something else" })));
        await SignedIn.Json(await ann.SendAsync("POST", "/v1/me/totp", new { password = SignedIn.Password }));
    }

    [Fact]
    public async Task A_code_is_taken_once_by_one_of_twenty_on_two_servers_and_no_older_one_after_it()
    {
        var (ann, secret, _) = await OnAsync();
        Assert.Equal(TotpMatch.Wrong, await TakeAsync(ann, CodeNow(secret))); // confirming used it up
        app.Clock.Wind(TimeSpan.FromMinutes(2));
        await using var second = await app.SecondServerAsync();
        var (code, older) = (CodeNow(secret), CodeNow(secret, -1));
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? app : second).Get<TotpCheck>().TakeAsync(ann.Id, code, Cancel)));
        Assert.Equal(1, answers.Count(match => match == TotpMatch.Code));
        Assert.Equal(19, answers.Count(match => match == TotpMatch.Wrong));
        Assert.Equal(TotpMatch.Wrong, await TakeAsync(ann, older));
        Assert.Equal(TotpMatch.Code, await TakeAsync(ann, CodeNow(secret, +1)));
        Assert.Equal(TotpMatch.Wrong, await TakeAsync(ann, code));
    }

    [Fact]
    public async Task Of_twenty_requests_with_one_code_one_is_served()
    {
        var (ann, secret, _) = await OnAsync();
        app.Clock.Wind(TimeSpan.FromMinutes(2));
        var body = new { password = SignedIn.Password, code = CodeNow(secret) };
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ann.SendAsync("DELETE", "/v1/me/totp", body)));
        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.NoContent));
        Assert.Equal(1, (await ann.ActivityAsync()).Split(' ').Count(action => action is "identity.totp_disabled"));
    }

    [Fact]
    public async Task Ten_wrong_codes_stop_the_asking_as_wrong_passwords_do()
    {
        var (ann, secret, _) = await OnAsync();
        app.Clock.Wind(TimeSpan.FromMinutes(2));
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("wrong_totp", await SignedIn.Refusal(await StopAsync(CodeNow(secret, -5 - i))));
        }

        Assert.Equal("rate_limited", await SignedIn.Refusal(await StopAsync(CodeNow(secret))));
        Assert.NotNull((await ann.NowAsync()).TotpEnabledAt);

        Task<HttpResponseMessage> StopAsync(string code) => ann.SendAsync("DELETE", "/v1/me/totp", new { password = SignedIn.Password, code });
    }

    [Fact]
    public async Task A_recovery_code_is_taken_once_by_one_of_twenty()
    {
        var (ann, _, codes) = await OnAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => TakeAsync(ann, codes[3].ToUpperInvariant())));
        Assert.Equal(1, answers.Count(match => match == TotpMatch.RecoveryCode));
        Assert.Equal(9, (await ann.NowAsync()).RecoveryCodeHashes.Length);
        var bob = await OnAsync();
        Assert.Equal(TotpMatch.Wrong, await TakeAsync(bob.Who, codes[4]));
    }

    [Fact]
    public async Task Sign_in_asks_for_it()
    {
        var (ann, secret, codes) = await OnAsync();
        app.Clock.Wind(TimeSpan.FromMinutes(2));
        var without = await SignedIn.SendAsync(app.Http, "POST", "/v1/sessions", new { login = ann.Person.Username, password = SignedIn.Password });
        Assert.Equal("second_factor_required", await SignedIn.Refusal(without));
        await ann.SignInAsync(CodeNow(secret));
        Assert.Equal(HttpStatusCode.OK, (await ann.GetAsync("/v1/me")).StatusCode);
        Assert.Equal(10, codes.Count);
    }

    [Fact]
    public async Task To_switch_it_off_takes_password_and_code()
    {
        var (ann, secret, codes) = await OnAsync();
        app.Clock.Wind(TimeSpan.FromMinutes(2));
        Assert.Equal("wrong_password", await SignedIn.Refusal(await StopAsync(ann, "not mine at all", codes[0])));
        Assert.Equal("wrong_totp", await SignedIn.Refusal(await StopAsync(ann, SignedIn.Password, CodeNow(secret, -5))));
        Assert.Equal(HttpStatusCode.NoContent, (await StopAsync(ann, SignedIn.Password, CodeNow(secret))).StatusCode);
        Assert.Equal("totp_not_on", await SignedIn.Refusal(await StopAsync(ann, SignedIn.Password, codes[0])));
        var now = await ann.NowAsync();
        Assert.Null(now.TotpSecret);
        Assert.Empty(now.RecoveryCodeHashes);
        Assert.EndsWith("identity.totp_disabled", await ann.ActivityAsync(), StringComparison.Ordinal);

        static Task<HttpResponseMessage> StopAsync(SignedIn who, string password, string code) =>
            who.SendAsync("DELETE", "/v1/me/totp", new { password, code });
    }

    private async Task<(SignedIn Who, string Secret, List<string> Codes)> OnAsync()
    {
        var who = await SignedIn.AsAsync(app);
        var secret = await StartAsync(who);
        var body = await SignedIn.Json(await ConfirmAsync(who, CodeNow(secret)));
        return (who, secret, [.. body.GetProperty("recovery_codes").EnumerateArray().Select(code => code.GetString()!)]);
    }

    private static async Task<string> StartAsync(SignedIn who)
    {
        var body = await SignedIn.Json(await who.SendAsync("POST", "/v1/me/totp", new { }));
        var secret = body.GetProperty("secret").GetString()!;
        Assert.Contains($"secret={secret}&", body.GetProperty("otpauth_uri").GetString(), StringComparison.Ordinal);
        return secret;
    }

    private static Task<HttpResponseMessage> ConfirmAsync(SignedIn who, string code) => who.SendAsync("POST", "/v1/me/totp/confirm", new { code });

    private Task<TotpMatch> TakeAsync(SignedIn who, string code) => app.Get<TotpCheck>().TakeAsync(who.Id, code, Cancel);

    private string CodeNow(string secret, int steps = 0)
    {
        Assert.True(Base32.TryDecode(secret, out var bytes));
        return Totp.Code(bytes, Totp.StepAt(app.Clock.GetUtcNow()) + steps);
    }
}
