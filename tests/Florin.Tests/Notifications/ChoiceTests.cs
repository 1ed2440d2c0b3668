using Florin.Platform;
using Florin.Tests.Identity;
using Florin.Tests.Wallets;

namespace Florin.Tests.Notifications;

/// <summary>What people choose about messages, and what is no choice.</summary>
public sealed class ChoiceTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task At_first_receipts_refunds_and_fees_come_by_mail_and_security_is_always_on()
    {
        var ann = await Reader.NewAsync(app);
        var shown = await SignedIn.Json(await ann.Who.GetAsync("/v1/me/notifications"));
        Assert.Equal(
            "email email email off off email",
            string.Join(' ', ((string[])["receipts", "refunds", "fees", "money_received", "sales", "vouchers"]).Select(kind => shown.Text(kind)))
        );
        Assert.Equal(
            [
                "api_key_created",
                "bank_account_added",
                "contact_changed",
                "face_deleted",
                "face_enrolled",
                "face_removed",
                "new_device",
                "passkey_made",
                "password_changed",
                "pin_changed",
                "pin_reset_by_staff",
                "totp_off",
                "totp_on",
            ],
            shown.GetProperty("always_sent").EnumerateArray().Select(name => name.GetString())
        );
    }

    [Fact]
    public async Task A_choice_is_kept_and_null_takes_it_back_and_what_is_left_out_stays()
    {
        var (ann, eve) = (await Reader.NewAsync(app), await Reader.NewAsync(app));
        var changed = await ann.ChooseAsync(new { receipts = "off", money_received = "sms" });
        Assert.Equal(("off", "sms", "email"), (changed.Text("receipts"), changed.Text("money_received"), changed.Text("fees")));
        changed = await ann.ChooseAsync(new { receipts = (string?)null, fees = "sms" });
        Assert.Equal(("email", "sms", "sms"), (changed.Text("receipts"), changed.Text("money_received"), changed.Text("fees")));
        Assert.Equal("email", (await SignedIn.Json(await eve.Who.GetAsync("/v1/me/notifications"))).Text("fees"));
        Assert.Contains("notifications.choices_changed", await ann.Who.ActivityAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("security", "off")]
    [InlineData("new_device", "off")]
    [InlineData("always_sent", "off")]
    [InlineData("receipts", "pigeon")]
    [InlineData("receipts", 2)]
    public async Task Security_is_no_field_and_nothing_else_is_a_channel(string field, object value)
    {
        var ann = await Reader.NewAsync(app);
        var body = new Dictionary<string, object>(StringComparer.Ordinal) { [field] = value };
        Assert.Equal("invalid_request", await SignedIn.Refusal(await ann.Who.SendAsync("PATCH", "/v1/me/notifications", body)));
    }

    [Fact]
    public async Task Strangers_have_no_choice()
    {
        Assert.Equal("not_signed_in", await SignedIn.Refusal(await SignedIn.SendAsync(app.Http, "GET", "/v1/me/notifications")));
        Assert.Equal("not_signed_in", await SignedIn.Refusal(await SignedIn.SendAsync(app.Http, "PATCH", "/v1/me/notifications", new { })));
    }

    [Fact]
    public async Task Receipts_that_are_off_are_not_sent()
    {
        var ann = await Reader.NewAsync(app);
        await ann.ChooseAsync(new { receipts = "off" });
        await Reader.PublishAsync(app, "payments.completed", Reader.Payment(ann, null));
        await ann.SettleAsync();
        Assert.Empty(await ann.SentAsync("receipt"));
    }

    [Fact]
    public async Task The_chosen_channel_is_used_where_it_is_proven_and_else_the_other()
    {
        var ann = await Reader.NewAsync(app, Calls.FreshPhone());
        await Reader.PublishAsync(app, "payments.completed", Reader.Payment(ann, null));
        Assert.Equal("email", Assert.Single(await ann.MessagesAsync("receipt")).Text("channel"));
        await ann.ChooseAsync(new { receipts = "sms" });
        await Reader.PublishAsync(app, "payments.completed", Reader.Payment(ann, null));
        var sms = (await ann.MessagesAsync("receipt", 2)).Single(message => message.Text("channel") is "sms");
        Assert.StartsWith("Paid: 1234.50 KZT to Corner Shop", sms.Text("body"), StringComparison.Ordinal);
        Assert.Equal("null", sms.Text("html"));

        var mailOnly = await Reader.NewAsync(app);
        await mailOnly.ChooseAsync(new { receipts = "sms" });
        await Reader.PublishAsync(app, "payments.completed", Reader.Payment(mailOnly, null));
        Assert.Equal("email", Assert.Single(await mailOnly.MessagesAsync("receipt")).Text("channel"));

        var phoneOnly = await Reader.NewAsync(app, Calls.FreshPhone(), email: false);
        await Reader.PublishAsync(app, "payments.completed", Reader.Payment(phoneOnly, null));
        Assert.Equal("sms", Assert.Single(await phoneOnly.MessagesAsync("receipt")).Text("channel"));
    }

    [Fact]
    public async Task An_address_that_was_only_claimed_is_told_nothing()
    {
        var ann = await Reader.NewAsync(app, email: false);
        await Reader.PublishAsync(app, "payments.completed", Reader.Payment(ann, null));
        var other = await Reader.NewAsync(app);
        await other.SettleAsync();
        Assert.Empty(await ann.SentAsync("receipt"));
    }

    [Fact]
    public async Task Choices_are_exported_and_go_with_the_account()
    {
        var ann = await Reader.NewAsync(app);
        await ann.ChooseAsync(new { sales = "email" });
        var payment = Reader.Payment(ann, null);
        await Reader.PublishAsync(app, "payments.completed", payment);
        await ann.MessagesAsync("receipt");
        var export = await SignedIn.Json(await ann.Who.GetAsync("/v1/me/export"));
        var mine = export.At("notifications");
        Assert.Equal("email", mine.Text("choices.sales"));
        Assert.Equal($"payments.completed:{payment["id"]}", mine.At("told_of")[0].Text("cause"));
        Assert.Equal("receipt", mine.At("sandbox_messages")[0].Text("template"));

        var gone = await ann.Who.SendAsync("DELETE", "/v1/me", new { password = SignedIn.Password });
        Assert.True(gone.IsSuccessStatusCode, await gone.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(
            0,
            await app.Database.ScalarAsync<long>(
                "select (select count(*) from notifications.choices where person = $1) + (select count(*) from notifications.notices where person = $1) "
                    + "+ (select count(*) from notifications.messages where person = $1)",
                ann.Who.Id
            )
        );
    }
}
