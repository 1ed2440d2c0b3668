using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Florin.Tests.Browser;

/// <summary>A browser that runs no scripts: everything but camera, live parts and passkeys works.</summary>
public sealed class NoScriptTests
{
    [Fact]
    public async Task A_sale_is_asked_for_paid_and_paid_back_and_money_is_sent_without_scripts()
    {
        await using var browser = await BrowserApp.StartAsync();
        var till = await browser.NewPageAsync("corner-shop", scripts: false);
        await till.GotoAsync("/portal/sale");
        await till.Locator("[name=amount]").FillAsync("12.50");
        await till.Locator("[name=currency]").SelectOptionAsync("USD");
        await till.Locator("form[action^='/portal/sale'] button.btn-primary").ClickAsync();
        var link = await till.Locator("a[href^='/pay/']").GetAttributeAsync("href");

        var payer = await browser.NewPageAsync(scripts: false);
        await payer.GotoAsync(link!);
        await payer.GetByRole(AriaRole.Link, new() { Name = "Sign in and pay" }).ClickAsync();
        await payer.Locator("#field-login").FillAsync("alice");
        await payer.Locator("#field-password").FillAsync(Counter.Password);
        await payer.ContinueAsync();
        await Expect(payer.Locator("#taken")).ToHaveTextAsync("12.50 USD");
        await payer.GetByRole(AriaRole.Button, new() { Name = "Pay 12.50 USD" }).ClickAsync();
        await Expect(payer.Locator("#pay-result")).ToContainTextAsync("Paid");

        await till.ReloadAsync();
        await Expect(till.Locator(".tick")).ToBeVisibleAsync();
        await till.Locator("a[href$='/refund']").ClickAsync();
        await till.Locator("[name=amount]").FillAsync("2.50");
        await till.Locator("form[action$='/refund'] button").ClickAsync();
        await Expect(till.Locator("#payment")).ToContainTextAsync("2.50 USD");

        await payer.FillSendAsync("bob", "1000", "KZT");
        await Expect(payer.Locator("#recipient")).ToHaveTextAsync("Bob B.");
        await payer.ContinueAsync();
        await Expect(payer.Locator(".amount-big .amount")).ToHaveAttributeAsync("data-minor", "-100000");
    }
}
