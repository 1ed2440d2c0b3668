using static Microsoft.Playwright.Assertions;

namespace Florin.Tests.Browser;

public sealed class StaffTests
{
    [Fact]
    public async Task Staff_see_how_the_house_stands_and_others_do_not()
    {
        await using var browser = await BrowserApp.StartAsync();
        using var counter = await Counter.OpenAsync(browser);
        var (id, _) = await counter.AskAsync("12.50");
        await counter.PostAsync($"/v1/payments/{id}/pay", new { method = "cash" });
        await browser.App.Database.WaitAsync("select exists (select from analytics.taken)");
        var page = await browser.NewPageAsync("admin", phone: false);
        await page.GotoAsync("/admin");
        await Expect(page.Locator("#book-even")).ToContainTextAsync("The book balances");
        await Expect(page.Locator("[data-owed=USD]")).ToContainTextAsync("USD");
        await Expect(page.Locator("[data-takings=USD] [data-figure=gross]")).ToHaveTextAsync("12.50 USD");
        await browser.ScanAsync(page);
        await page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { Name = "24 hours" }).ClickAsync();
        await Expect(page.Locator("a[aria-current=true]")).ToHaveTextAsync("24 hours");
        var csv = await page.RunAndWaitForDownloadAsync(() =>
            page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { Name = "Figures as CSV" }).ClickAsync()
        );
        Assert.Equal("florin-figures.csv", csv.SuggestedFilename);

        await page.GotoAsync("/admin?from=2026-02-01&to=2026-01-01");
        await Expect(page.GetByRole(Microsoft.Playwright.AriaRole.Alert)).ToContainTextAsync("From must be earlier than to");
        await Expect(page.Locator("#book-even")).ToContainTextAsync("The book balances");

        var phone = await browser.NewPageAsync("staff");
        await phone.GotoAsync("/dashboard");
        await Expect(phone.Locator("#book-even")).ToContainTextAsync("The book balances");
        await browser.ScanAsync(phone);

        var alice = await browser.NewPageAsync("alice");
        foreach (var path in new[] { "/admin", "/dashboard", "/admin/figures.csv", "/dashboard/house.csv" })
        {
            Assert.Equal(403, (await alice.GotoAsync(path))!.Status);
        }
    }
}
