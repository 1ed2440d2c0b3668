using System.Collections.Concurrent;
using Florin.Gateways.Sandbox;
using Florin.Tests.Ledger;
using Florin.Tests.Qr;
using Florin.Tests.Wallets;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Florin.Tests.Browser;

/// <summary>The payer's page, from the QR code at the till to the receipt.</summary>
public sealed class PayTests
{
    private const int MostBytes = 100_000;

    [Fact]
    public async Task A_stranger_scans_signs_in_pays_and_has_a_receipt()
    {
        await using var browser = await BrowserApp.StartAsync();
        using var counter = await Counter.OpenAsync(browser);
        var (id, code) = await counter.AskAsync("12.50", description: "Two <b>teas</b>");
        var scanned = await Scanner.ReadAsync(await counter.BytesAsync($"/v1/payments/{code}/qr"));
        Assert.StartsWith($"{browser.Address}/pay/{code}?s=", scanned, StringComparison.Ordinal);

        var page = await browser.NewPageAsync();
        var bytes = Weigh(page);
        await page.GotoAsync(scanned, new PageGotoOptions { WaitUntil = WaitUntilState.Load });
        await Expect(page.GetByText("verified: Corner Shop")).ToBeVisibleAsync();
        await Expect(page.GetByText("Two <b>teas</b>")).ToBeVisibleAsync();
        var sizes = await Task.WhenAll(bytes.Select(request => request.SizesAsync()));
        var total = sizes.Sum(size => size.ResponseBodySize + size.ResponseHeadersSize);
        Assert.True(total < MostBytes, $"{total} bytes in {sizes.Length} answers");
        await browser.ScanAsync(page);

        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in and pay" }).ClickAsync();
        await page.GetByLabel("Username, e-mail or phone").FillAsync("alice");
        await page.GetByLabel("Password").FillAsync(Counter.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Expect(page.Locator("#taken")).ToHaveTextAsync("12.50 USD");
        await browser.ScanAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay 12.50 USD" }).ClickAsync();
        await Expect(page.Locator("#pay-result")).ToContainTextAsync("Paid");
        await browser.ScanAsync(page);
        Assert.Equal("completed", await counter.StateAsync(id));

        await page.GetByRole(AriaRole.Link, new() { Name = "Receipt" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Corner Shop" })).ToBeVisibleAsync();
        await browser.ScanAsync(page);
        Assert.Equal(page.Url, await Scanner.ReadAsync(await page.Locator("img.qr").ScreenshotAsync()));
        await Book.CheckCleanAsync(browser.App);
    }

    [Fact]
    public async Task A_changed_code_is_warned_of()
    {
        await using var browser = await BrowserApp.StartAsync();
        using var counter = await Counter.OpenAsync(browser);
        var (_, code) = await counter.AskAsync("5.00");
        var page = await browser.NewPageAsync();
        await page.GotoAsync($"/pay/{code}?s=AAAAAAAAAAAAAAAA");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Warning: this QR code was changed");
        await browser.ScanAsync(page);
    }

    [Fact]
    public async Task A_wrong_pin_says_how_many_tries_are_left_and_the_right_one_pays()
    {
        await using var browser = await BrowserApp.StartAsync();
        using var counter = await Counter.OpenAsync(browser);
        await LowerPinLimitAsync(browser);
        var (id, code) = await counter.AskAsync("5.00");
        var page = await browser.NewPageAsync("alice");
        await page.GotoAsync("/pay/" + code);
        await page.GetByLabel("PIN").FillAsync("9876");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay 5.00 USD" }).ClickAsync();
        await Expect(page.Locator("[data-code=wrong_pin]")).ToBeVisibleAsync();
        await Expect(page.Locator("#tries-left")).ToHaveTextAsync("Tries left: 4");
        await browser.ScanAsync(page);
        Assert.Equal("pending", await counter.StateAsync(id));
        await page.GetByLabel("PIN").FillAsync(Counter.Pin);
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay 5.00 USD" }).ClickAsync();
        await Expect(page.Locator("#pay-result")).ToContainTextAsync("Paid");
        Assert.Equal("completed", await counter.StateAsync(id));
    }

    [Fact]
    public async Task A_passkey_signs_in_and_pays_instead_of_the_pin()
    {
        await using var browser = await BrowserApp.StartAsync();
        using var counter = await Counter.OpenAsync(browser);
        var page = await browser.NewPageAsync("alice");
        var device = await page.Context.NewCDPSessionAsync(page);
        await device.SendAsync("WebAuthn.enable");
        var options = new Dictionary<string, object>
        {
            ["protocol"] = "ctap2",
            ["transport"] = "internal",
            ["hasResidentKey"] = true,
            ["hasUserVerification"] = true,
            ["isUserVerified"] = true,
            ["automaticPresenceSimulation"] = true,
        };
        var made = (await device.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object> { ["options"] = options }))!.Value;
        await page.GotoAsync("/account/passkeys");
        await Expect(page.Locator("a[rel=next]")).ToHaveCountAsync(0); // there is none yet, and so nothing older
        await page.Locator("#field-name").FillAsync("This phone");
        await page.Locator("[data-make]").ClickAsync();
        await Expect(page.GetByText("This phone")).ToBeVisibleAsync();
        await page.Locator("form[action='/logout'] button").ClickAsync();
        await page.GotoAsync("/login");
        await page.Locator("[data-passkey]").ClickAsync();
        await Expect(page).ToHaveURLAsync(browser.Address + "/wallet");

        await LowerPinLimitAsync(browser);
        var (id, code) = await counter.AskAsync("5.00");
        await page.GotoAsync("/pay/" + code);
        await Expect(page.GetByLabel("PIN")).ToBeVisibleAsync();
        await browser.ScanAsync(page);
        browser.App.Clock.Wind(TimeSpan.FromMinutes(2)); // what the payer was shown is older than its challenge
        var who = new Dictionary<string, object> { ["authenticatorId"] = made.GetProperty("authenticatorId").GetString()!, ["isUserVerified"] = false };
        await device.SendAsync("WebAuthn.setUserVerified", who);
        await page.Locator("[data-passkey]").ClickAsync();
        await Expect(page.Locator("[data-passkey-problem]")).ToBeVisibleAsync();
        Assert.Equal("pending", await counter.StateAsync(id));
        who["isUserVerified"] = true;
        await device.SendAsync("WebAuthn.setUserVerified", who);
        await page.Locator("[data-passkey]").ClickAsync();
        await Expect(page.Locator("#pay-result")).ToContainTextAsync("Paid");
        Assert.Equal("completed", await counter.StateAsync(id));
        browser.AssertQuiet(page);
    }

    [Fact]
    public async Task Another_currency_shows_the_rate_and_takes_what_was_shown_and_an_old_rate_is_shown_anew()
    {
        await using var browser = await BrowserApp.StartAsync();
        using var counter = await Counter.OpenAsync(browser);
        var (id, code) = await counter.AskAsync("5.00");
        var page = await browser.NewPageAsync("alice");
        await page.GotoAsync("/pay/" + code);
        await page.GetByText("Pay from another wallet").ClickAsync();
        await page.Locator("details a", new() { HasTextString = "KZT" }).ClickAsync();
        await Expect(page.Locator("#taken")).ToContainTextAsync("KZT");
        await Expect(page.GetByText("1 KZT =")).ToBeVisibleAsync();
        await browser.ScanAsync(page);

        browser.App.Clock.Wind(TimeSpan.FromSeconds(61));
        await page.Locator("main form button.btn-primary").ClickAsync();
        await Expect(page.Locator(".alert-danger")).ToBeVisibleAsync();
        Assert.Equal("pending", await counter.StateAsync(id));

        var shown = await page.Locator("#taken .amount").GetAttributeAsync("data-minor");
        await page.Locator("main form button.btn-primary").ClickAsync();
        await Expect(page.Locator("#pay-result")).ToContainTextAsync("Paid");
        Assert.Equal(
            shown,
            await browser.App.Database.ScalarAsync<string>("select taken::text from payments.attempts where state = 'succeeded' and taken_currency = 'KZT'")
        );
        await Book.CheckCleanAsync(browser.App);
    }

    [Fact]
    public async Task Who_looks_for_longer_than_a_minute_pays_all_the_same_where_nothing_is_converted()
    {
        await using var browser = await BrowserApp.StartAsync();
        using var counter = await Counter.OpenAsync(browser);
        var (id, code) = await counter.AskAsync("5.00");
        var page = await browser.NewPageAsync("alice");
        await page.GotoAsync("/pay/" + code);
        browser.App.Clock.Wind(TimeSpan.FromMinutes(2));
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay 5.00 USD" }).ClickAsync();
        await Expect(page.Locator("#pay-result")).ToContainTextAsync("Paid");
        Assert.Equal("completed", await counter.StateAsync(id));
    }

    [Fact]
    public async Task A_guest_pays_by_card_in_the_sandbox()
    {
        await using var browser = await BrowserApp.StartAsync();
        using var counter = await Counter.OpenAsync(browser);
        var (id, code) = await counter.AskAsync("7.25");
        var page = await browser.NewPageAsync();
        await page.GotoAsync("/pay/" + code);
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay by card (sandbox)" }).ClickAsync();
        await page.WaitForURLAsync("**/sandbox/pay/**");

        // Back without paying: the page waits with them, and leads on to where they were.
        await page.GotoAsync("/pay/" + code);
        await Expect(page.GetByText("A payment by card was begun.")).ToBeVisibleAsync();
        await browser.ScanAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue by card" }).ClickAsync();
        await page.WaitForURLAsync("**/sandbox/pay/**");
        await page.GetByRole(AriaRole.Button, new() { Name = "Succeed" }).ClickAsync();
        await Expect(page.GetByText("A payment by card was begun.")).ToBeVisibleAsync();
        await browser.App.Get<SandboxDelivery>().DeliverDueAsync(TestContext.Current.CancellationToken);
        await Expect(page.Locator("#pay-result")).ToContainTextAsync("Paid");
        Assert.Equal("completed", await counter.StateAsync(id));
        browser.AssertQuiet(page);
    }

    [Fact]
    public async Task A_payment_that_ended_says_how_and_one_that_never_was_is_not_found()
    {
        await using var browser = await BrowserApp.StartAsync();
        using var counter = await Counter.OpenAsync(browser);
        var cancelled = await counter.AskAsync("5.00");
        var expired = await counter.AskAsync("6.00");
        var page = await browser.NewPageAsync();
        await page.GotoAsync("/pay/" + cancelled.Code);
        await counter.PostAsync($"/v1/payments/{cancelled.Id}/cancel", new { });
        await Expect(page.Locator("#pay-result")).ToContainTextAsync("Cancelled"); // by itself
        await browser.ScanAsync(page);

        await page.GotoAsync("/receipts/" + cancelled.Code);
        await Expect(page).ToHaveURLAsync($"{browser.Address}/pay/{cancelled.Code}");

        browser.App.Clock.Wind(TimeSpan.FromMinutes(31));
        await page.GotoAsync("/pay/" + expired.Code);
        await Expect(page.Locator("#pay-result")).ToContainTextAsync("Expired");
        await browser.ScanAsync(page);

        var unknown = await page.GotoAsync("/pay/AAAAAAAAAAAAAAAAAAAAAA");
        Assert.Equal(404, unknown!.Status);
        await browser.ScanAsync(page);
        Assert.Equal(404, (await page.GotoAsync("/pay/" + expired.Id))!.Status);
    }

    [Fact]
    public async Task What_is_paid_elsewhere_shows_by_itself_and_two_clicks_pay_once()
    {
        await using var browser = await BrowserApp.StartAsync();
        using var counter = await Counter.OpenAsync(browser);
        var (_, code) = await counter.AskAsync("5.00");
        var watching = await browser.NewPageAsync();
        await watching.GotoAsync("/pay/" + code);
        var page = await browser.NewPageAsync("alice");
        await page.GotoAsync("/pay/" + code);
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay 5.00 USD" }).DblClickAsync();
        await Expect(page.Locator("#pay-result")).ToContainTextAsync("Paid");
        await Expect(watching.Locator("#pay-result")).ToContainTextAsync("Paid");
        Assert.Equal(1, await browser.App.Database.ScalarAsync<long>("select count(*) from payments.attempts"));
        Assert.Equal(-5_00, await browser.App.Database.ScalarAsync<long>("select sum(amount)::bigint from ledger.entries where amount = -500"));
        browser.AssertQuiet(page);
        browser.AssertQuiet(watching);
    }

    [Fact]
    public async Task At_a_standing_code_the_payer_says_the_amount()
    {
        await using var browser = await BrowserApp.StartAsync();
        using var counter = await Counter.OpenAsync(browser);
        var scanned = await Scanner.ReadAsync(await counter.BytesAsync($"/v1/shops/{counter.Shop}/qr"));
        var page = await browser.NewPageAsync();
        await page.GotoAsync(scanned);
        await Expect(page.GetByText("verified: Corner Shop")).ToBeVisibleAsync();
        await browser.ScanAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in and pay" }).ClickAsync();
        await page.GetByLabel("Username, e-mail or phone").FillAsync("bob");
        await page.GetByLabel("Password").FillAsync(Counter.Password);
        await page.Locator("main form button.btn-primary").ClickAsync();

        await page.GetByLabel("Amount").FillAsync("much");
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Expect(page.Locator("#field-amount-error")).ToBeVisibleAsync();
        await browser.ScanAsync(page);
        await page.GetByLabel("Amount").FillAsync("3,40");
        await page.GetByLabel("Note").FillAsync("Bread");
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Expect(page.GetByText("Bread")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay 3.40 USD" }).ClickAsync();
        await Expect(page.Locator("#pay-result")).ToContainTextAsync("Paid");
    }

    private static ConcurrentBag<IRequest> Weigh(IPage page)
    {
        var all = new ConcurrentBag<IRequest>();
        page.RequestFinished += (_, request) => all.Add(request);
        return all;
    }

    // Alice gives her PIN for more than one dollar.
    private static async Task LowerPinLimitAsync(BrowserApp browser)
    {
        using var alice = await Counter.OpenAsync(browser, "alice");
        var wallets = (await alice.GetAsync("/v1/wallets")).At("data").EnumerateArray();
        var limit = new { pin_limit = new { amount = "1.00", currency = "USD" }, pin = Counter.Pin };
        await alice.SendAsync(HttpMethod.Patch, "/v1/wallets/" + wallets.Single(one => one.Text("currency") is "USD").Text("id"), limit);
    }
}
