using Florin.Demo;
using Florin.Identity;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Florin.Tests.Browser;

public sealed class AccountTests
{
    [Fact]
    public async Task One_time_codes_are_switched_on_and_asked_at_the_next_sign_in()
    {
        await using var browser = await BrowserApp.StartAsync();
        var page = await browser.NewPageAsync("alice");
        await page.GotoAsync("/account/totp");
        await page.ContinueAsync();
        await Expect(page.Locator(".qr svg")).ToBeVisibleAsync();
        await browser.ScanAsync(page);
        var secret = (await page.Locator("#totp-secret").TextContentAsync())!;
        await page.Locator("#field-code").FillAsync("000000");
        await page.ContinueAsync();
        await page.ExpectRefusalAsync("wrong_totp");
        await Expect(page.Locator("#totp-secret")).ToHaveTextAsync(secret);
        await page.Locator("#field-code").FillAsync(CodeOf(browser, secret));
        await page.ContinueAsync();
        await Expect(page.Locator("#recovery-codes li")).ToHaveCountAsync(10);
        await browser.ScanAsync(page);
        var recovery = (await page.Locator("#recovery-codes li").First.TextContentAsync())!;

        var next = await browser.NewPageAsync();
        await SignInAsync(next, "alice", DemoPeople.Password);
        await Expect(next.Locator("#field-factor")).ToBeVisibleAsync();
        await browser.ScanAsync(next);
        browser.App.Clock.Wind(TimeSpan.FromSeconds(31)); // each code counts once
        await next.Locator("#field-factor").FillAsync(CodeOf(browser, secret));
        await next.ContinueAsync();
        await Expect(next).ToHaveURLAsync(browser.Address + "/wallet");

        await page.GotoAsync("/account/totp");
        await page.Locator("#field-password").FillAsync(DemoPeople.Password);
        await page.Locator("#field-code").FillAsync(recovery);
        await page.Locator("form[action$='/stop'] button").ClickAsync();
        await Expect(page.Locator("form[action$='/start']")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_password_is_changed_by_a_code_and_other_places_are_signed_out()
    {
        await using var browser = await BrowserApp.StartAsync();
        var other = await browser.NewPageAsync("alice");
        var page = await browser.NewPageAsync("alice");
        await page.GotoAsync("/account/sessions");
        await Expect(page.Locator(".list-row")).ToHaveCountAsync(2);
        await browser.ScanAsync(page);
        await page.GotoAsync("/account/password");
        await browser.ScanAsync(page);
        await page.Locator("#field-current_password").FillAsync(DemoPeople.Password);
        await page.Locator("#field-new_password").FillAsync("another-good-one-7");
        await page.ContinueAsync();
        await page.Locator("#field-code").FillAsync((await page.Locator("#sandbox-code").TextContentAsync())!);
        await page.ContinueAsync();
        await Expect(page.Locator(".alert-success")).ToBeVisibleAsync();
        await other.GotoAsync("/account");
        await Expect(other.Locator("#field-login")).ToBeVisibleAsync();
        await SignInAsync(other, "alice", DemoPeople.Password);
        await other.ExpectRefusalAsync("sign_in_failed");
        await SignInAsync(other, "alice", "another-good-one-7");
        await Expect(other).ToHaveURLAsync(browser.Address + "/wallet");
    }

    [Fact]
    public async Task The_pin_is_changed_and_reset_by_a_code()
    {
        await using var browser = await BrowserApp.StartAsync();
        var page = await browser.NewPageAsync("alice");
        await page.GotoAsync("/account/pin");
        await browser.ScanAsync(page);
        await page.Locator("#field-current_pin").FillAsync(DemoPeople.Pin);
        await page.Locator("#field-new_pin").FillAsync("8642");
        await page.ContinueAsync();
        await Expect(page.Locator(".alert-success")).ToBeVisibleAsync();
        await page.Locator("form[action$='/reset'] button").ClickAsync();
        await page.Locator("#field-code").FillAsync((await page.Locator("#sandbox-code").TextContentAsync())!);
        await page.Locator("#field-pin").FillAsync("7531");
        await browser.ScanAsync(page);
        await page.ContinueAsync();
        await page.Locator("#field-current_pin").FillAsync("8642");
        await page.Locator("#field-new_pin").FillAsync("1111");
        await page.ContinueAsync();
        await page.ExpectRefusalAsync("wrong_pin");
        await browser.ScanAsync(page);
    }

    [Fact]
    public async Task Name_picture_notifications_and_cards_are_set()
    {
        await using var browser = await BrowserApp.StartAsync();
        var page = await browser.NewPageAsync("bob");
        page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await page.GotoAsync("/account/profile");
        await page.Locator("#field-last_name").FillAsync("Bäcker");
        await page.Locator("form[action$='/profile'] button").ClickAsync();
        await page.Locator("#field-picture")
            .SetInputFilesAsync(
                new FilePayload
                {
                    Name = "me.png",
                    MimeType = "image/png",
                    Buffer = Png(),
                }
            );
        await page.Locator("form[action$='/picture'] button").ClickAsync();
        await Expect(page.Locator("main img.picture")).ToBeVisibleAsync();
        Assert.True(await page.Locator("main img.picture").EvaluateAsync<bool>("image => image.decode().then(() => image.naturalWidth > 0)"));
        await browser.ScanAsync(page);
        await page.GotoAsync("/account");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Bob Bäcker");
        await browser.ScanAsync(page);

        await page.GotoAsync("/account/notifications");
        await page.Locator("#field-money_received").SelectOptionAsync("sms");
        await page.ContinueAsync();
        await Expect(page.Locator("#field-money_received")).ToHaveValueAsync("sms");
        await browser.ScanAsync(page);

        await page.GotoAsync("/account/cards");
        await page.Locator("#field-name").FillAsync("Ring");
        await page.Locator("#field-pin").FillAsync(DemoPeople.Pin);
        await page.ContinueAsync();
        await Expect(page.Locator("#card-token")).ToContainTextAsync("flc_");
        await browser.ScanAsync(page);
        await page.Locator("form[action$='/revoke'] button").ClickAsync();
        await Expect(page.Locator("[data-state=revoked]")).ToHaveCountAsync(1);
        await page.GotoAsync("/account/activity");
        await Expect(page.Locator(".list-row").First).ToBeVisibleAsync();
        await browser.ScanAsync(page);
    }

    [Fact]
    public async Task Somebody_accepts_a_shops_invitation_takes_their_data_and_leaves()
    {
        await using var browser = await BrowserApp.StartAsync();
        var page = await browser.NewPageAsync("bob");
        page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await page.GotoAsync("/account/invitations?code=AAAA-BBBB");
        await page.ContinueAsync();
        await page.ExpectRefusalAsync("invitation_not_valid");
        await browser.ScanAsync(page);
        await page.GotoAsync("/account/data");
        await browser.ScanAsync(page);
        var download = await page.RunAndWaitForDownloadAsync(() => page.Locator("a[download]").ClickAsync());
        Assert.Equal("florin-export.json", download.SuggestedFilename);
        await page.Locator("#field-password").FillAsync(DemoPeople.Password);
        await page.Locator("form[action$='/delete'] button").ClickAsync();
        await page.ExpectRefusalAsync("wallets_open");
        await page.GotoAsync("/account/contact");
        await page.Locator("#field-contact").FillAsync("+15550107777");
        await page.ContinueAsync();
        await page.Locator("#field-code").FillAsync((await page.Locator("#sandbox-code").TextContentAsync())!);
        await page.ContinueAsync();
        await Expect(page.Locator("dl")).ToContainTextAsync("+15550107777");
        await browser.ScanAsync(page);
    }

    private static string CodeOf(BrowserApp browser, string secret) =>
        Base32.TryDecode(secret, out var bytes) ? Totp.Code(bytes, Totp.StepAt(browser.App.Clock.GetUtcNow())) : "";

    private static async Task SignInAsync(IPage page, string login, string password)
    {
        await page.GotoAsync("/login");
        await page.Locator("#field-login").FillAsync(login);
        await page.Locator("#field-password").FillAsync(password);
        await page.ContinueAsync();
    }

    private static byte[] Png() => Florin.Qr.QrImage.Png("a picture", 100, 4);
}
