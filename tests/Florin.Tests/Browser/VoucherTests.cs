using Florin.Tests.Vouchers;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Florin.Tests.Browser;

/// <summary>The pages of vouchers, from the shop window to the one who redeems.</summary>
public sealed class VoucherTests
{
    [Fact]
    public async Task A_customer_buys_two_gives_one_away_redeems_the_other_and_who_verifies_scans()
    {
        await using var browser = await BrowserApp.StartAsync();
        var guest = await browser.NewPageAsync();
        await guest.GotoAsync("/vouchers");
        await Expect(guest.Locator("[data-type=result_check]")).ToContainTextAsync("Exam Results Checking");
        await Expect(guest.Locator("#window section")).ToHaveCountAsync(4);
        await browser.ScanAsync(guest);

        var page = await browser.NewPageAsync("alice");
        await page.GotoAsync("/vouchers");
        await page.Locator("[data-type=result_check] a").ClickAsync();
        await page.Locator("#field-quantity").SelectOptionAsync("2");
        await page.Locator("#field-discount").FillAsync("WELCOME20");
        await page.ContinueAsync();
        await page.ExpectRefusalAsync("discount_not_valid"); // nobody made it
        await browser.ScanAsync(page);
        await page.Locator("#field-discount").FillAsync("");
        await page.ContinueAsync();
        await Expect(page.Locator("#taken")).ToHaveTextAsync("20.00 USD");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay 20.00 USD" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "My vouchers" }).ClickAsync();
        await Expect(page.Locator("#vouchers [data-voucher]")).ToHaveCountAsync(2);
        await Expect(page.Locator("#voucher-stats")).ToContainTextAsync("2 active");
        await browser.ScanAsync(page);

        // One goes to bob, with a new code.
        await page.Locator("#vouchers [data-voucher]").First.ClickAsync();
        await Expect(page.Locator(".qr img")).ToBeVisibleAsync();
        var code = await page.Locator("#code").TextContentAsync();
        await browser.ScanAsync(page);
        await page.Locator("#field-to").FillAsync("bob");
        await page.Locator("form[action$='/gift'] button").ClickAsync();
        await Expect(page.GetByText("To Bob B.")).ToBeVisibleAsync();
        await browser.ScanAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Give it", Exact = true }).ClickAsync();
        await Expect(page.Locator("#vouchers [data-voucher]")).ToHaveCountAsync(1);

        // Alice redeems hers.
        await page.Locator("#vouchers [data-voucher]").First.ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Redeem", Exact = true }).ClickAsync();
        await page.Locator("#field-note").FillAsync("Seat 7");
        await page.ContinueAsync();
        await Expect(page.Locator("#redeemed")).ToContainTextAsync("Uses left: 2");
        await Expect(page.GetByText("Seat 7")).ToBeVisibleAsync();
        await browser.ScanAsync(page);

        // Bob's is redeemed at the desk of the corner shop, which verifies this service and scans his code.
        var bob = await browser.NewPageAsync("bob", language: "ru");
        await bob.GotoAsync("/vouchers/mine");
        await bob.Locator("#vouchers [data-voucher]").ClickAsync();
        var his = await bob.Locator("#code").TextContentAsync();
        Assert.NotEqual(code, his);
        await browser.ScanAsync(bob);
        using var admin = await Counter.OpenAsync(browser, "admin");
        await admin.PostAsync("/v1/voucher-verifiers", new { login = "corner-shop", service_type = "result_check" });
        var desk = await browser.NewPageAsync("corner-shop", phone: false);
        await desk.GotoAsync("/vouchers/redeem?code=" + his!.Replace("-", "", StringComparison.Ordinal));
        await Expect(desk.Locator("#services")).ToContainTextAsync("result_check");
        await desk.ContinueAsync();
        await Expect(desk.Locator("#redeemed")).ToContainTextAsync("Uses left: 2");
        await desk.Locator("#field-code").FillAsync(code!);
        await desk.ContinueAsync();
        await desk.ExpectRefusalAsync("voucher_not_valid"); // the old code is worth nothing
        await browser.ScanAsync(desk);
        await Expect(bob.Locator("#history")).ToContainTextAsync("погашен"); // by itself
        await VoucherStand.CheckBooksAsync(browser.App);
    }
}
