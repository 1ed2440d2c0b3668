using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Platform;
using Florin.Tests.Wallets;
using Florin.Wallets;

namespace Florin.Tests.Notifications;

/// <summary>What people are told of payments and wallets, seen in the sandbox's outbox.</summary>
public sealed class NoticeTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task The_payer_gets_a_receipt_as_plain_text_and_HTML_and_the_merchant_nothing_unless_they_ask()
    {
        var (payer, merchant) = (await Reader.NewAsync(app), await Reader.NewAsync(app));
        await Reader.PublishAsync(app, "payments.completed", Reader.Payment(payer, merchant, description: "Two loaves"));
        var receipt = Assert.Single(await payer.MessagesAsync("receipt"));
        Assert.Equal("email", receipt.Text("channel"));
        Assert.Equal("Receipt from Corner Shop", receipt.Text("subject"));
        foreach (var form in (string[])["body", "html"])
        {
            Assert.All(
                ["1234.50 KZT", "Corner Shop", "Two loaves", "Wallet", "31 Jan 2026, 12:05 UTC", "https://pay.example.org/receipts/abcDEF123"],
                expected => Assert.Contains(expected, receipt.Text(form), StringComparison.Ordinal)
            );
            Assert.DoesNotContain("Reference", receipt.Text(form), StringComparison.Ordinal); // there is none
        }

        Assert.Contains("<a class=\"button\" href=\"https://pay.example.org/receipts/abcDEF123\"", receipt.Text("html"), StringComparison.Ordinal);
        await merchant.SettleAsync();
        Assert.Empty(await merchant.SentAsync("sale"));

        await merchant.ChooseAsync(new { sales = "email" });
        await Reader.PublishAsync(app, "payments.completed", Reader.Payment(payer, merchant));
        Assert.Equal("Corner Shop was paid", Assert.Single(await merchant.MessagesAsync("sale")).Text("subject"));
    }

    [Fact]
    public async Task Somebody_without_an_account_who_pays_is_nobody_to_tell()
    {
        var merchant = await Reader.NewAsync(app);
        await merchant.ChooseAsync(new { sales = "email" });
        await Reader.PublishAsync(app, "payments.completed", Reader.Payment(null, merchant));
        Assert.Single(await merchant.MessagesAsync("sale"));
        Assert.Empty(await merchant.SentAsync("receipt"));
    }

    [Fact]
    public async Task A_top_up_is_told_once_to_the_one_who_pays_and_owns()
    {
        var payer = await Reader.NewAsync(app);
        await payer.ChooseAsync(new { sales = "email" });
        await Reader.PublishAsync(app, "payments.completed", Reader.Payment(payer, payer, "Savings", "top_up"));
        Assert.Contains("Savings", Assert.Single(await payer.MessagesAsync("top_up")).Text("body"), StringComparison.Ordinal);
        await payer.SettleAsync();
        Assert.Empty(await payer.SentAsync("sale"));
        Assert.Empty(await payer.SentAsync("receipt"));
    }

    [Fact]
    public async Task Refunds_are_told_to_the_payer_and_those_that_failed_to_the_owner()
    {
        var (payer, merchant) = (await Reader.NewAsync(app), await Reader.NewAsync(app));
        var payment = Reader.Payment(payer, merchant);
        await Reader.PublishAsync(app, "payments.refunded", Reader.Refund(payment, given: new { amount = "0.39", currency = "USD" }));
        await Reader.PublishAsync(app, "payments.refund_failed", Reader.Refund(payment));
        await Reader.PublishAsync(app, "payments.money_late", Reader.Refund(payment));
        var refund = Assert.Single(await payer.MessagesAsync("refund"));
        Assert.All(
            ["200.00 KZT", "1234.50 KZT", "You get: 0.39 USD", "customer request"],
            expected => Assert.Contains(expected, refund.Text("body"), StringComparison.Ordinal)
        );
        Assert.Contains("200.00 KZT", Assert.Single(await merchant.MessagesAsync("refund_failed")).Text("html"), StringComparison.Ordinal);
        Assert.Contains("200.00 KZT", Assert.Single(await payer.MessagesAsync("money_late")).Text("body"), StringComparison.Ordinal);
        foreach (var topic in (string[])["payments.refunded", "payments.refund_failed"])
        {
            await Reader.PublishAsync(app, topic, Reader.Refund(payment, reason: "late_money")); // told of already, or for staff
        }

        await payer.SettleAsync();
        Assert.Single(await payer.SentAsync("refund"));
        Assert.Single(await merchant.SentAsync("refund_failed"));
        Assert.Empty(await payer.SentAsync("refund_failed"));
        Assert.Empty(await merchant.SentAsync("refund"));
    }

    [Fact]
    public async Task A_hostile_name_is_words_in_HTML_and_in_plain_text()
    {
        var payer = await Reader.NewAsync(app);
        const string evil = "<script>alert(1)</script>\n\n[Sign in](https://evil.example.org/)\n# {url}\r\nBcc: all@example.org\u202Ecod";
        await Reader.PublishAsync(app, "payments.completed", Reader.Payment(payer, null, evil, description: "\"><img src=x onerror=alert(1)>"));
        var receipt = Assert.Single(await payer.MessagesAsync("receipt"));
        var html = receipt.Text("html");
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"https://evil", html, StringComparison.Ordinal);
        Assert.Equal(1, html.Split("class=\"button\"").Length - 1);
        Assert.DoesNotContain('\u202e', html + receipt.Text("body") + receipt.Text("subject"));
        Assert.DoesNotContain('\n', receipt.Text("subject"));
        Assert.Contains("[Sign in](https://evil.example.org/) # {url}  Bcc", receipt.Text("body"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receipt_address_that_is_no_web_address_is_no_link()
    {
        var payer = await Reader.NewAsync(app);
        var payment = Reader.Payment(payer, null);
        payment["receipt_url"] = "javascript:alert(1)";
        await Reader.PublishAsync(app, "payments.completed", payment);
        var receipt = Assert.Single(await payer.MessagesAsync("receipt"));
        Assert.DoesNotContain("javascript", receipt.Text("html") + receipt.Text("body"), StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"button\"", receipt.Text("html"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_loads_nothing_from_anywhere()
    {
        var payer = await Reader.NewAsync(app);
        await Reader.PublishAsync(app, "payments.completed", Reader.Payment(payer, null));
        var receipt = Assert.Single(await payer.MessagesAsync("receipt"));
        Assert.All(
            ["src=", "url(", "@import", "<link", "<img", "<script", "<iframe"],
            loading => Assert.DoesNotContain(loading, receipt.Text("html"), StringComparison.OrdinalIgnoreCase)
        );
        var page = await app.Http.GetAsync(new Uri("/dev/outbox/" + receipt.Text("id"), UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(receipt.Text("html"), await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_delivered_or_published_again_is_told_once()
    {
        var payer = await Reader.NewAsync(app);
        var payment = Reader.Payment(payer, null);
        var refund = Reader.Refund(payment);
        for (var time = 0; time < 3; time++)
        {
            await Reader.PublishAsync(app, "payments.completed", payment);
            await Reader.PublishAsync(app, "payments.refunded", refund);
        }

        await Reader.PublishAsync(app, "payments.refunded", Reader.Refund(payment)); // another refund of the same payment
        await payer.MessagesAsync("refund", 2);
        await payer.SettleAsync();
        Assert.Single(await payer.SentAsync("receipt"));
        Assert.Equal(2, (await payer.SentAsync("refund")).Count);
    }

    [Fact]
    public async Task What_cannot_be_read_stops_nothing()
    {
        var payer = await Reader.NewAsync(app);
        var broken = new object?[] { new { }, new { id = 7 }, new { payment = "x" }, new { id = "pay_x", amount = "12" }, new[] { 1 }, null };
        foreach (var payload in broken)
        {
            foreach (var topic in (string[])["payments.completed", "payments.refunded", "wallets.fee_charged", "wallets.fee_owed", "wallets.transferred"])
            {
                await Reader.PublishAsync(app, topic, payload!);
            }
        }

        var odd = Reader.Payment(payer, null);
        odd["something_new"] = new { nested = true };
        odd["owner"] = "shp_not_a_person";
        odd["completed_at"] = "yesterday";
        odd.Remove("payee_name");
        await Reader.PublishAsync(app, "payments.completed", odd);
        Assert.Single(await payer.MessagesAsync("receipt"));
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select count(*) from platform.outbox_parked"));
    }

    [Fact]
    public async Task Nothing_that_is_personal_can_be_read_in_the_outbox()
    {
        var payer = await Reader.NewAsync(app);
        await Reader.PublishAsync(app, "payments.completed", Reader.Payment(payer, null));
        await payer.MessagesAsync("receipt");
        Assert.Equal(
            """{"template": "receipt"}""",
            await app.Database.ScalarAsync<string>(
                "select distinct payload::text from platform.outbox where topic = 'platform.message_requested' and aggregate = $1",
                payer.Who.Id
            )
        );
    }

    [Fact]
    public async Task A_fee_that_was_taken_and_one_that_blocks_the_wallet_are_told()
    {
        var owner = await Reader.NewAsync(app);
        var (rich, poor) = (await OpenAsync(owner, "KZT"), await OpenAsync(owner, "EUR"));
        var deposit = new { amount = new { amount = "1000.00", currency = "KZT" } };
        await SignedInJson(owner, $"/v1/wallets/{rich.Text("id")}/deposits", deposit);
        await app.Database.ScalarAsync<int>("update wallets.wallets set fee_next_due_at = now() where person_id = $1", owner.Who.Id);
        await MonthlyFee.Job.RunAsync(app.Services, TestContext.Current.CancellationToken);
        var charged = Assert.Single(await owner.MessagesAsync("fee_charged"));
        Assert.Contains("200.00 KZT", charged.Text("body"), StringComparison.Ordinal);
        Assert.Contains(rich.Text("number"), charged.Text("body"), StringComparison.Ordinal);
        var owed = Assert.Single(await owner.MessagesAsync("fee_owed"));
        Assert.Contains(poor.Text("number"), owed.Text("html"), StringComparison.Ordinal);
        Assert.Contains("blocked", owed.Text("subject"), StringComparison.Ordinal);

        // The next month, told not to.
        await owner.ChooseAsync(new { fees = "off" });
        await app.Database.ScalarAsync<int>("update wallets.wallets set fee_next_due_at = now() where person_id = $1", owner.Who.Id);
        await MonthlyFee.Job.RunAsync(app.Services, TestContext.Current.CancellationToken);
        await owner.SettleAsync();
        Assert.Single(await owner.SentAsync("fee_charged"));
        Assert.Single(await owner.SentAsync("fee_owed"));
    }

    [Fact]
    public async Task Money_from_another_is_told_to_who_asked_for_it_and_ones_own_is_not()
    {
        var (sender, receiver) = (await Reader.NewAsync(app), await Reader.NewAsync(app));
        var (from, to, dollars) = (await OpenAsync(sender, "KZT"), await OpenAsync(receiver, "KZT"), await OpenAsync(sender, "USD"));
        var kzt = new { amount = "500.00", currency = "KZT" };
        await SignedInJson(sender, $"/v1/wallets/{from.Text("id")}/deposits", new { amount = kzt });
        await sender.ChooseAsync(new { money_received = "email" });
        await SendAsync(to, "100.00", "unasked");
        await receiver.SettleAsync();
        await receiver.ChooseAsync(new { money_received = "email" });
        await SendAsync(dollars, "20.00", "own");
        await SendAsync(to, "150.00", "for <b>lunch</b>");
        var told = Assert.Single(await receiver.MessagesAsync("money_received"));
        Assert.All(["150.00 KZT", from.Text("number"), "for <b>lunch</b>"], expected => Assert.Contains(expected, told.Text("body"), StringComparison.Ordinal));
        Assert.Contains("for &lt;b&gt;lunch&lt;/b&gt;", told.Text("html"), StringComparison.Ordinal);
        await sender.SettleAsync();
        Assert.Empty(await sender.SentAsync("money_received"));

        Task<JsonElement> SendAsync(JsonElement wallet, string amount, string note) =>
            SignedInJson(
                sender,
                $"/v1/wallets/{from.Text("id")}/transfers",
                new
                {
                    to = wallet.Text("number"),
                    amount = new { amount, currency = "KZT" },
                    note,
                }
            );
    }

    [Fact]
    public async Task Whose_voucher_it_is_is_told_of_gifts_and_of_ends_once_each()
    {
        var owner = await Reader.NewAsync(app);
        var what = new
        {
            id = "vev_1",
            voucher = "vch_1",
            name = "Exam <Results>",
            from = "Bob Baker",
            expires_at = "2026-12-31T12:05:00Z",
        };
        foreach (var topic in (string[])["vouchers.given", "vouchers.given", "vouchers.expiring"])
        {
            await OutboxRig.WriteAsync(app, new OutboxEvent(topic, Guid.NewGuid(), JsonSerializer.Serialize(what, Wire.Json), [owner.Who.Id]));
        }

        var bought = new { name = "Exam Results", gift = false };
        await OutboxRig.WriteAsync(app, new OutboxEvent("vouchers.issued", Guid.NewGuid(), JsonSerializer.Serialize(bought, Wire.Json), [owner.Who.Id]));
        await owner.SettleAsync();
        var given = Assert.Single(await owner.MessagesAsync("voucher_received"));
        Assert.All(["Exam <Results>", "Bob Baker", "31 Dec 2026, 12:05 UTC"], one => Assert.Contains(one, given.Text("body"), StringComparison.Ordinal));
        Assert.Equal("A voucher of yours ends soon", Assert.Single(await owner.MessagesAsync("voucher_expiring")).Text("subject"));
    }

    private static Task<JsonElement> OpenAsync(Reader owner, string currency) => SignedInJson(owner, "/v1/wallets", new { currency });

    private static async Task<JsonElement> SignedInJson(Reader who, string path, object body) =>
        await Identity.SignedIn.Json(await who.Who.SendAsync("POST", path, body));
}
