using System.Net.Http.Headers;
using System.Text.Json;
using Florin.Notifications;
using Florin.Platform;
using Florin.Tests.Platform;

namespace Florin.Tests.Notifications;

public sealed class MessageTests
{
    private const string AllErased = "select count(*) > 0 and bool_and(secret is null) from platform.outbox";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sandbox_keeps_messages_and_shows_them_and_erases_the_secret()
    {
        await using var app = new FlorinApp();
        await app.InitializeAsync();
        await RequestAsync(app, MessageChannel.Email, "alice@example.com", "registration_code", "123456");
        await RequestAsync(app, MessageChannel.Sms, "+77010000001", "no_such_template", "654321");
        await app.Database.WaitAsync("select count(*) = 2 from notifications.messages");
        await app.Database.WaitAsync(AllErased);

        var all = await GetAsync(app, "/dev/outbox");
        Assert.Equal(["sms", "email"], all.EnumerateArray().Select(m => m.GetProperty("channel").GetString()).Order(StringComparer.Ordinal).Reverse());
        var mail = Assert.Single((await GetAsync(app, "/dev/outbox?to=alice@example.com")).EnumerateArray());
        Assert.Contains("123456", mail.GetProperty("body").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("123456", mail.GetProperty("subject").GetString(), StringComparison.Ordinal);
        var sms = Assert.Single((await GetAsync(app, "/dev/outbox?to=%2B77010000001")).EnumerateArray());
        Assert.Contains("654321", sms.GetProperty("body").GetString(), StringComparison.Ordinal);

        using var browser = new HttpRequestMessage(HttpMethod.Get, "/dev/outbox");
        browser.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        var page = await app.Http.SendAsync(browser, Cancel);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.Contains("alice@example.com", await page.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_leaves_by_smtp_and_is_tried_again_where_the_server_says_later_and_goes_out_once_from_two_servers()
    {
        await using var server = new SmallMailServer();
        var tries = 0;
        server.AnswerToRecipient = () => Interlocked.Increment(ref tries) == 1 ? "451 later" : "250 ok";
        await using var app = await MailingAppAsync(server);
        await using var second = await app.SecondServerAsync();
        await RequestAsync(app, MessageChannel.Email, "bob@example.com", "password_code", "222333");
        await app.Database.WaitAsync("select count(*) = 1 and bool_and(attempts = 1) from platform.outbox_parked");
        Assert.Equal(1, await app.Database.ScalarAsync<long>("select count(*) from platform.outbox where secret is not null"));

        app.Clock.Wind(TimeSpan.FromSeconds(10));
        var mail = await server.NextAsync();
        Assert.Contains("RCPT TO:<bob@example.com>", mail, StringComparison.Ordinal);
        Assert.Contains("Subject: Your code to change the password", mail, StringComparison.Ordinal);
        Assert.Contains("222333", mail, StringComparison.Ordinal);
        await app.Database.WaitAsync(AllErased);
        await app.Database.WaitAsync("select not exists (select from platform.outbox_parked)");

        // Both servers still have the event in memory, and are given it again, as where one died before it could say that it was sent.
        var sent = server.Recipients;
        foreach (var one in (FlorinApp[])[app, second])
        {
            var page = await one.Get<OutboxTail>().ReadAsync(OutboxPosition.Start, 500, one.Get<OutboxSignal>().Next, [MessageRequest.Topic], cancel: Cancel);
            await DeliverMessages.Consumer.HandleAsync(one.Services, Assert.Single(page.Events), Cancel);
        }

        Assert.Equal(sent, server.Recipients);
    }

    [Fact]
    public async Task An_address_that_does_not_exist_is_not_tried_again()
    {
        await using var server = new SmallMailServer { AnswerToRecipient = () => "550 no such mailbox" };
        await using var app = await MailingAppAsync(server);
        await RequestAsync(app, MessageChannel.Email, "nobody@example.com", "welcome");
        await app.Database.WaitAsync(AllErased);
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select count(*) from platform.outbox_parked"));
        Assert.Equal(1, server.Recipients);
    }

    [Fact]
    public async Task A_code_that_waited_too_long_is_erased_and_not_sent()
    {
        await using var server = new SmallMailServer();
        await using var app = await MailingAppAsync(server);
        app.Clock.Wind(TimeSpan.FromMinutes(16)); // the row's own time is the database's
        await RequestAsync(app, MessageChannel.Email, "late@example.com", "registration_code", "999999");
        await app.Database.WaitAsync(AllErased);
        Assert.Equal(0, server.Recipients);
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select count(*) from notifications.messages"));
    }

    [Fact]
    public async Task Text_messages_leave_by_the_provider_and_are_tried_again_where_it_is_busy()
    {
        await using var provider = await SmallSmsProvider.StartAsync();
        var tries = 0;
        provider.Answer = () => Interlocked.Increment(ref tries) == 1 ? 503 : 202;
        await using var app = new FlorinApp { Settings = { ["FLORIN_SMS_URL"] = provider.Url, ["FLORIN_SMS_TOKEN"] = "sms-token" } };
        await app.InitializeAsync();
        await RequestAsync(app, MessageChannel.Sms, "+77010000002", "registration_code", "424242");
        var first = await provider.NextAsync();
        Assert.Equal("Bearer sms-token", first.Token);
        var body = JsonDocument.Parse(first.Body).RootElement;
        Assert.Equal("+77010000002", body.GetProperty("to").GetString());
        Assert.StartsWith("424242 is your Florin sign-up code", body.GetProperty("text").GetString(), StringComparison.Ordinal);

        await app.Database.WaitAsync("select count(*) = 1 and bool_and(attempts = 1) from platform.outbox_parked");
        app.Clock.Wind(TimeSpan.FromSeconds(10));
        var second = await provider.NextAsync();
        Assert.Equal(first.Key, second.Key);
        await app.Database.WaitAsync(AllErased);
    }

    [Theory]
    [InlineData("registration_code")]
    [InlineData("password_code")]
    [InlineData("password_reset_code")]
    [InlineData("pin_reset_code")]
    [InlineData("contact_code")]
    [InlineData("account_opened_code")]
    [InlineData("cashier_invitation_code")]
    [InlineData("customer_invitation_code")]
    public void Every_code_has_a_text_of_its_own_with_the_code_in_it(string template)
    {
        Assert.Contains(template, MessageTemplates.Names);
        foreach (var channel in Enum.GetValues<MessageChannel>())
        {
            var request = new MessageRequest(channel, "x", template, Values("314159"));
            var message = MessageTemplates.Write(request, new StoredEvent(new(1, 1), "", Guid.Empty, "{}", [], default));
            Assert.Contains("314159", message.Body, StringComparison.Ordinal);
            Assert.DoesNotContain('{', message.Body);
        }
    }

    private static async Task<FlorinApp> MailingAppAsync(SmallMailServer server)
    {
        var app = new FlorinApp
        {
            Settings =
            {
                ["FLORIN_SMTP_HOST"] = "127.0.0.1",
                ["FLORIN_SMTP_PORT"] = $"{server.Port}",
                ["FLORIN_SMTP_TLS"] = "off",
            },
        };
        await app.InitializeAsync();
        return app;
    }

    private static Task RequestAsync(FlorinApp app, MessageChannel channel, string to, string template, string? code = null) =>
        OutboxRig.WriteAsync(app, new MessageRequest(channel, to, template, Values(code)).Event(app.Get<Secrets>(), Guid.NewGuid()));

    private static Dictionary<string, string> Values(string? code) =>
        code is null ? new(StringComparer.Ordinal) : new(StringComparer.Ordinal) { ["code"] = code };

    private static async Task<JsonElement> GetAsync(FlorinApp app, string url)
    {
        var json = await app.Http.GetStringAsync(new Uri(url, UriKind.Relative), Cancel);
        return JsonDocument.Parse(json).RootElement.GetProperty("data");
    }
}
