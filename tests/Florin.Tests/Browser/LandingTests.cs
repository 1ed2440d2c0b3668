using static Microsoft.Playwright.Assertions;

namespace Florin.Tests.Browser;

public sealed class LandingTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_visitor_signs_in_with_one_click_and_out_again(bool phone)
    {
        await using var browser = await BrowserApp.StartAsync();
        var page = await browser.NewPageAsync(null, phone);
        await page.GotoAsync("/");
        await browser.ScanAsync(page);
        await page.Locator("button[name=username][value=alice]").ClickAsync();
        await page.Locator("form[action='/logout'] button").ClickAsync();
        await Expect(page.Locator("a[href='/login']").First).ToBeVisibleAsync();
        await browser.ScanAsync(page);
    }

    [Theory]
    [InlineData("/login")]
    [InlineData("/register")]
    [InlineData("/forgot")]
    [InlineData("/no-such-page")]
    public async Task The_pages_of_strangers_are_clean(string path)
    {
        await using var browser = await BrowserApp.StartAsync();
        var page = await browser.NewPageAsync(null);
        await page.GotoAsync(path);
        await browser.ScanAsync(page);
    }
}
