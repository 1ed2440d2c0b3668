using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Florin.Identity;
using Florin.Platform;
using Florin.Tests.Identity;
using Florin.Tests.Wallets;
using SignedIn = Florin.Tests.Identity.SignedIn;

namespace Florin.Tests.Notifications;

/// <summary>What people are told about the safety of their account, whatever they chose.</summary>
public sealed class SecurityNoticeTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private const string Firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    private const string NextFirefox = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0";
    private const string Phone =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

    private static readonly object AllOff = new
    {
        receipts = "off",
        refunds = "off",
        fees = "off",
        money_received = "off",
        sales = "off",
        vouchers = "off",
    };

    [Fact]
    public async Task A_sign_in_with_another_browser_is_told_and_the_first_and_the_next_version_are_not()
    {
        var ann = await RegisterAsync();
        await SignInAsync(ann, Firefox);
        await SignInAsync(ann, Firefox);
        await SignInAsync(ann, NextFirefox);
        await SignInAsync(ann, Phone);
        var told = Assert.Single(await ToldAsync(ann, "new_device"));
        Assert.Equal("Sign-in from a new device", told.Text("subject"));
        Assert.All(
            ["Safari on iPhone", "127.0.0.1", "UTC", "reset your password", "always sent"],
            expected => Assert.Contains(expected, told.Text("body"), StringComparison.Ordinal)
        );
        await SignInAsync(ann, Phone);
        Assert.Single(await ToldAsync(ann, "new_device"));
    }

    [Fact]
    public async Task A_sign_in_from_another_network_is_told_and_from_a_neighbouring_address_is_not()
    {
        var ann = await RegisterAsync();
        await SignInAsync(ann, Firefox);
        using var neighbour = app.From("127.0.0.77");
        await SignInAsync(ann, Firefox, http: neighbour);
        Assert.Empty(await SentAsync(ann, "new_device"));
        using var elsewhere = app.From("127.0.9.1");
        await SignInAsync(ann, Firefox, http: elsewhere);
        Assert.Contains("127.0.9.1", Assert.Single(await ToldAsync(ann, "new_device")).Text("html"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_with_an_id_is_known_by_it_alone()
    {
        var ann = await RegisterAsync();
        await SignInAsync(ann, Firefox, "device-one-0123456789");
        using var elsewhere = app.From("127.0.9.2");
        await SignInAsync(ann, Phone, "device-one-0123456789", elsewhere);
        Assert.Empty(await SentAsync(ann, "new_device"));
        await SignInAsync(ann, Firefox, "device-two-0123456789");
        Assert.Single(await ToldAsync(ann, "new_device"));
    }

    [Fact]
    public async Task A_wrong_password_from_a_new_device_tells_nothing_and_makes_it_known_to_nobody()
    {
        var ann = await RegisterAsync();
        await SignInAsync(ann, Firefox);
        using var request = SignInRequest(ann, Phone, null, "not the password at all");
        using var answer = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Empty(await SentAsync(ann, "new_device"));
        await SignInAsync(ann, Phone);
        Assert.Single(await ToldAsync(ann, "new_device"));
    }

    [Fact]
    public async Task What_a_client_calls_itself_is_never_repeated()
    {
        var ann = await RegisterAsync();
        await SignInAsync(ann, Firefox);
        await SignInAsync(ann, "<script>alert(1)</script> https://evil.example.org");
        var told = Assert.Single(await ToldAsync(ann, "new_device"));
        Assert.Contains("an app or unknown browser", told.Text("body"), StringComparison.Ordinal);
        Assert.DoesNotContain("evil", told.Text("body") + told.Text("html"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_change_of_what_one_proves_oneself_with_is_told_and_choices_do_not_matter()
    {
        var ann = await Reader.NewAsync(app, roles: [Roles.Customer, Roles.Merchant]);
        await ann.ChooseAsync(AllOff);
        await Must(ann.Who.SendAsync("PUT", "/v1/me/pin", new { pin = "4711", password = SignedIn.Password }));
        Assert.Contains("reset your password", Words(Assert.Single(await ann.MessagesAsync("pin_changed"))), StringComparison.OrdinalIgnoreCase);
        var reset = await Must(ann.Who.SendAsync("POST", "/v1/me/pin/reset"));
        var confirm = new
        {
            id = reset.Text("id"),
            code = reset.Text("sandbox_code"),
            pin = "4712",
        };
        await Must(ann.Who.SendAsync("POST", "/v1/me/pin/reset/confirm", confirm));
        Assert.Equal(2, (await ann.MessagesAsync("pin_changed", 2)).Count);

        var made = await Must(ann.Who.SendAsync("POST", "/v1/api-keys", new { name = "till <b>", scopes = SignedIn.List("wallets:read") }));
        var key = Assert.Single(await ann.MessagesAsync("api_key_created"));
        Assert.Contains("wallets:read", Words(key), StringComparison.Ordinal);
        Assert.DoesNotContain(made.Text("key"), Words(key), StringComparison.Ordinal);

        var secret = (await Must(ann.Who.SendAsync("POST", "/v1/me/totp", new { password = SignedIn.Password }))).Text("secret");
        var on = await Must(ann.Who.SendAsync("POST", "/v1/me/totp/confirm", new { code = TotpOf(secret) }));
        Assert.Single(await ann.MessagesAsync("totp_on"));
        await Must(ann.Who.SendAsync("DELETE", "/v1/me/totp", new { password = SignedIn.Password, code = on.At("recovery_codes")[0].GetString() }));
        Assert.Single(await ann.MessagesAsync("totp_off"));

        var password = new { current_password = SignedIn.Password, new_password = "another long pass phrase" };
        var started = await Must(ann.Who.SendAsync("POST", "/v1/me/password", password));
        await Must(ann.Who.SendAsync("POST", "/v1/me/password/verify", new { id = started.Text("id"), code = started.Text("sandbox_code") }));
        var changed = Assert.Single(await ann.MessagesAsync("password_changed"));
        Assert.Equal("Your password was changed", changed.Text("subject"));
        Assert.Contains("always sent", Words(changed), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_that_is_refused_tells_nothing()
    {
        var ann = await Reader.NewAsync(app);
        Assert.NotEqual("", await SignedIn.Refusal(await ann.Who.SendAsync("PUT", "/v1/me/pin", new { pin = "4711", password = "wrong wrong wrong" })));
        Assert.NotEqual("", await SignedIn.Refusal(await ann.Who.SendAsync("PUT", "/v1/me/pin", new { pin = "47", password = SignedIn.Password })));
        await ann.SettleAsync();
        Assert.Empty(await ann.SentAsync("pin_changed"));
    }

    private static string Words(JsonElement message) => message.Text("body") + message.Text("html");

    private string TotpOf(string secret)
    {
        Assert.True(Base32.TryDecode(secret, out var bytes));
        return Totp.Code(bytes, Totp.StepAt(app.Clock.GetUtcNow()));
    }

    private static async Task<JsonElement> Must(Task<HttpResponseMessage> answering)
    {
        using var answer = await answering;
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    private async Task<string> RegisterAsync()
    {
        var name = Calls.Fresh("n");
        using var browser = app.CreateClient();
        browser.DefaultRequestHeaders.UserAgent.ParseAdd(Firefox);
        await browser.RegisterAsync(name);
        return name;
    }

    private async Task SignInAsync(string name, string agent, string? device = null, HttpClient? http = null)
    {
        using var request = SignInRequest(name, agent, device, Calls.Password);
        using var answer = await (http ?? app.Http).SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    private static HttpRequestMessage SignInRequest(string name, string agent, string? device, string password)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/sessions", UriKind.Relative))
        {
            Content = JsonContent.Create(
                new
                {
                    login = name,
                    password,
                    device,
                }
            ),
        };
        request.Headers.TryAddWithoutValidation("User-Agent", agent);
        return request;
    }

    private async Task<List<JsonElement>> ToldAsync(string name, string template)
    {
        await app.Database.WaitAsync($"select exists (select from notifications.messages where template = '{template}' and recipient = '{name}@example.org')");
        return await SentAsync(name, template);
    }

    private async Task<List<JsonElement>> SentAsync(string name, string template)
    {
        await app.Database.WaitAsync("select not exists (select from platform.outbox where topic = 'platform.message_requested' and secret is not null)");
        var json = await app.Http.GetStringAsync(new Uri($"/dev/outbox?to={name}@example.org", UriKind.Relative), TestContext.Current.CancellationToken);
        return
        [
            .. JsonDocument
                .Parse(json)
                .RootElement.GetProperty("data")
                .EnumerateArray()
                .Where(message => string.Equals(message.Text("template"), template, StringComparison.Ordinal)),
        ];
    }
}
