using static Microsoft.Playwright.Assertions;

namespace Florin.Tests.Browser;

public sealed class LandingTests
{
    [Fact]
    public async Task A_visitor_signs_in_with_one_click_and_out_again()
    {
        await using var browser = await BrowserApp.StartAsync();
        foreach (var phone in (bool[])[true, false])
        {
            var page = await browser.NewPageAsync(null, phone);
            await page.GotoAsync("/");
            await browser.ScanAsync(page);
            await page.Locator("button[name=username][value=alice]").ClickAsync();
            await page.Locator("form[action='/logout'] button").ClickAsync();
            await Expect(page.Locator("a[href='/login']").First).ToBeVisibleAsync();
            await browser.ScanAsync(page);
        }
    }

    [Fact]
    public async Task The_pages_of_strangers_and_of_the_sandbox_are_clean()
    {
        await using var browser = await BrowserApp.StartAsync();
        var page = await browser.NewPageAsync(null);
        foreach (var path in (string[])["/login", "/register", "/forgot", "/no-such-page", "/dev/ui", "/dev/outbox"])
        {
            await page.GotoAsync(path);
            await browser.ScanAsync(page);
        }
    }
}
