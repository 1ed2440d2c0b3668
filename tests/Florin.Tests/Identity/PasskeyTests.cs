using System.Text.Json;
using Florin.Tests.Payments;

namespace Florin.Tests.Identity;

public sealed class PasskeyTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static readonly Uri Home = new("http://localhost:8000"); // FLORIN_PUBLIC_URL's default in tests

    [Fact]
    public async Task A_passkey_signs_in_without_a_name_and_each_question_is_answered_once()
    {
        var person = await SignedIn.AsAsync(app);
        using var device = await WithPasskeyAsync(person);
        var listed = (await SignedIn.Json(await person.GetAsync("/v1/me/passkeys"))).GetProperty("data");
        Assert.Equal("my phone", listed[0].GetProperty("name").GetString());

        var asked = await AskAsync("/v1/sessions/passkey/options", app.Http);
        var answer = new { state = asked.State, credential = device.Use(asked.Options) };
        var session = await SignedIn.Json(await SignedIn.SendAsync(app.Http, "POST", "/v1/sessions/passkey", answer));
        Assert.Equal(person.Person.PublicId, session.GetProperty("person").GetProperty("id").GetString());
        Assert.Equal("passkey_not_valid", await SignedIn.Refusal(await SignedIn.SendAsync(app.Http, "POST", "/v1/sessions/passkey", answer)));

        Assert.True((await person.SendAsync("DELETE", "/v1/me/passkeys/" + listed[0].GetProperty("id").GetString())).IsSuccessStatusCode);
        Assert.Equal("passkey_not_valid", await SignInByAsync(device));
    }

    [Fact]
    public async Task Answers_to_another_question_from_another_site_unverified_or_late_are_refused()
    {
        await using var winding = new FlorinApp();
        await winding.InitializeAsync();
        var person = await SignedIn.AsAsync(winding);
        using var device = await WithPasskeyAsync(person);
        var first = await AskAsync("/v1/sessions/passkey/options", winding.Http);
        var second = await AskAsync("/v1/sessions/passkey/options", winding.Http);
        Assert.Equal("passkey_not_valid", await TryAsync(winding, first.State, device.Use(second.Options)));
        device.VerifiesPerson = false;
        Assert.Equal("passkey_not_valid", await TryAsync(winding, first.State, device.Use(first.Options)));
        device.VerifiesPerson = true;
        Assert.Equal("passkey_not_valid", await TryAsync(winding, "AAAA", device.Use(first.Options)));
        var late = device.Use(first.Options);
        winding.Clock.Wind(TimeSpan.FromMinutes(6));
        Assert.Equal("passkey_not_valid", await TryAsync(winding, first.State, late));
        using var elsewhere = new SoftAuthenticator("https://evil.example");
        var asked = await AskAsync("/v1/me/passkeys/options", (await SignedIn.AsAsync(winding)).Http, new { password = SignedIn.Password });
        var made = new
        {
            state = asked.State,
            credential = elsewhere.Make(asked.Options),
            name = "x",
        };
        Assert.Equal("passkey_not_valid", await SignedIn.Refusal(await person.SendAsync("POST", "/v1/me/passkeys", made)));
    }

    [Fact]
    public async Task Of_twenty_who_send_one_answer_at_once_one_signs_in()
    {
        var person = await SignedIn.AsAsync(app);
        using var device = await WithPasskeyAsync(person);
        var asked = await AskAsync("/v1/sessions/passkey/options", app.Http);
        var answer = new { state = asked.State, credential = device.Use(asked.Options) };
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SignedIn.SendAsync(app.Http, "POST", "/v1/sessions/passkey", answer)));
        Assert.Equal(1, answers.Count(one => one.IsSuccessStatusCode));
        Assert.Equal(19, answers.Count(one => (int)one.StatusCode == 403));
    }

    [Fact]
    public async Task It_confirms_one_payment_above_the_PIN_limit_and_no_other()
    {
        var till = await Till.OpenAsync(app);
        var bill = await till.AskAsync("400.00");
        var other = await till.AskAsync("400.00");
        var payer = await SignedIn.AsAsync(app);
        var wallet = (await SignedIn.Json(await payer.SendAsync("POST", "/v1/wallets", new { currency = "USD" }))).GetProperty("id").GetString();
        var deposit = new { amount = new { amount = "1000.00", currency = "USD" } };
        Assert.True((await payer.SendAsync("POST", $"/v1/wallets/{wallet}/deposits", deposit)).IsSuccessStatusCode);
        Assert.True((await payer.SendAsync("PUT", "/v1/me/pin", new { pin = "7291", password = SignedIn.Password })).IsSuccessStatusCode);
        var limit = new { pin_limit = new { amount = "100.00", currency = "USD" }, pin = "7291" };
        Assert.True((await payer.SendAsync("PATCH", $"/v1/wallets/{wallet}", limit)).IsSuccessStatusCode);
        using var device = new SoftAuthenticator(Home.GetLeftPart(UriPartial.Authority));
        await MakeAsync(payer.Http, device);
        Assert.Equal("pin_required", await PayAsync(payer, bill.Code, null));

        var asked = await AskAsync($"/v1/payments/{bill.Code}/passkey-options", payer.Http);
        var proof = new { state = asked.State, credential = device.Use(asked.Options) };
        Assert.Equal("passkey_not_valid", await PayAsync(payer, other.Code, proof));
        Assert.Null(await PayAsync(payer, bill.Code, proof));
        var again = await AskAsync($"/v1/payments/{other.Code}/passkey-options", payer.Http);
        using var stranger = new SoftAuthenticator(Home.GetLeftPart(UriPartial.Authority));
        await MakeAsync((await SignedIn.AsAsync(app)).Http, stranger);
        Assert.Equal("passkey_not_valid", await PayAsync(payer, other.Code, new { state = again.State, credential = stranger.Use(again.Options) }));
    }

    private static async Task<string?> PayAsync(SignedIn payer, string code, object? passkey)
    {
        using var answer = await SignedIn.SendAsync(payer.Http, "POST", $"/v1/payments/{code}/pay", new { method = "wallet", passkey });
        return answer.IsSuccessStatusCode ? null : await SignedIn.Refusal(answer);
    }

    private async Task<string> SignInByAsync(SoftAuthenticator device)
    {
        var asked = await AskAsync("/v1/sessions/passkey/options", app.Http);
        return await TryAsync(app, asked.State, device.Use(asked.Options));
    }

    private static async Task<string> TryAsync(FlorinApp at, string state, JsonElement credential) =>
        await SignedIn.Refusal(await SignedIn.SendAsync(at.Http, "POST", "/v1/sessions/passkey", new { state, credential }));

    /// <summary>A device with a passkey of the person's.</summary>
    internal static async Task<SoftAuthenticator> WithPasskeyAsync(SignedIn person)
    {
        var device = new SoftAuthenticator(Home.GetLeftPart(UriPartial.Authority));
        await MakeAsync(person.Http, device);
        return device;
    }

    private static async Task MakeAsync(HttpClient http, SoftAuthenticator device)
    {
        var asked = await AskAsync("/v1/me/passkeys/options", http, new { });
        var made = new
        {
            state = asked.State,
            credential = device.Make(asked.Options),
            name = "my phone",
        };
        using var answer = await SignedIn.SendAsync(http, "POST", "/v1/me/passkeys", made);
        Assert.Equal(201, (int)answer.StatusCode);
    }

    private static async Task<(string State, JsonElement Options)> AskAsync(string path, HttpClient http, object? body = null)
    {
        var asked = await SignedIn.Json(await SignedIn.SendAsync(http, "POST", path, body));
        return (asked.GetProperty("state").GetString()!, asked.GetProperty("options"));
    }
}
