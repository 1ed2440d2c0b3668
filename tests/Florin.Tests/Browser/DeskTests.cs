using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Florin.Tests.Browser;

public sealed class DeskTests
{
    [Fact]
    public async Task Staff_find_somebody_look_at_their_money_and_two_of_them_put_a_mistake_right()
    {
        await using var browser = await BrowserApp.StartAsync();
        var page = await browser.NewPageAsync("staff");
        await page.GotoAsync("/admin/search");
        await page.Locator("#field-q").FillAsync("alice");
        await page.GetByRole(AriaRole.Button, new() { Name = "Search", Exact = true }).ClickAsync();
        await browser.ScanAsync(page);
        await page.Locator("#found a[href^='/admin/people/']").First.ClickAsync();
        await Expect(page.Locator("#wallets a").First).ToBeVisibleAsync();
        var person = page.Url;
        await browser.ScanAsync(page);

        await page.Locator("#wallets a").First.ClickAsync();
        await page.Locator("#entries a").First.ClickAsync();
        await Expect(page.Locator("dl.facts").First).ToBeVisibleAsync();
        var wallet = await browser.App.Database.ScalarAsync<long>(
            "select account_id from wallets.wallets where currency = 'KZT' and person_id = (select id from identity.people where username = 'alice')"
        );
        await page.GotoAsync("/admin/ledger?currency=KZT");
        var house = (await page.Locator("#accounts a").First.GetAttributeAsync("href"))!.Split('/')[^1];
        await page.Locator("#accounts a").First.ClickAsync();
        await browser.ScanAsync(page);

        await page.GotoAsync("/admin/adjustments");
        await page.GetByText("Propose an adjustment").ClickAsync();
        await page.Locator("#field-from").FillAsync(wallet.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await page.Locator("#field-to").FillAsync(house);
        await page.Locator("#field-amount").FillAsync("1,25");
        await page.Locator("#field-currency").FillAsync("KZT");
        await page.Locator("#field-reason").FillAsync("booked twice by the bank");
        await page.GetByRole(AriaRole.Button, new() { Name = "Propose", Exact = true }).ClickAsync();
        await Expect(page.Locator("#adjustments [data-state=proposed]")).ToBeVisibleAsync();
        await Expect(page.Locator("details[data-action$='/approve']")).ToHaveCountAsync(0); // not one's own
        await browser.ScanAsync(page);

        var second = await browser.NewPageAsync("staff2", phone: false);
        await second.GotoAsync("/admin/adjustments");
        await second.Locator("details[data-action$='/approve'] summary").ClickAsync();
        await second.Locator("details[data-action$='/approve'] button").ClickAsync();
        await Expect(second.Locator("#adjustments [data-state=approved]")).ToBeVisibleAsync();

        var admin = await browser.NewPageAsync("admin", phone: false);
        await admin.GotoAsync(new Uri(person).AbsolutePath);
        await admin.Locator("details[data-action$='/freeze'] summary").ClickAsync();
        await admin.Locator("details[data-action$='/freeze'] input[name=reason]").FillAsync("a stolen phone");
        await admin.Mouse.MoveAsync(0, 0); // what is under it has another colour
        await browser.ScanAsync(admin);
        await admin.Locator("details[data-action$='/freeze'] button").ClickAsync();
        await Expect(admin.Locator("h1 [data-state=frozen]")).ToBeVisibleAsync();
        await Expect(admin.Locator("#activity")).ToContainTextAsync("a stolen phone");
        await ManageAsync(browser, admin);
    }

    private static async Task ManageAsync(BrowserApp browser, IPage admin)
    {
        await admin.GotoAsync("/admin/plans");
        await admin.Locator("#field-name").FillAsync("standard");
        await admin.Locator("#field-percent").FillAsync("2,5");
        await admin.Locator("#field-reason").FillAsync("prices of the new year");
        await admin.GetByRole(AriaRole.Button, new() { Name = "Show what it would have done" }).ClickAsync();
        await browser.ScanAsync(admin);
        await admin.GetByRole(AriaRole.Button, new() { Name = "Set the plan standard" }).ClickAsync();
        await Expect(admin.GetByText("2.5 %")).ToBeVisibleAsync();

        using var counter = await Counter.OpenAsync(browser);
        await counter.AskAsync("7.25");
        await admin.GotoAsync("/admin/payments");
        await admin.Locator("#payments a").First.ClickAsync();
        await Expect(admin.Locator("#timeline li").First).ToBeVisibleAsync();
        await browser.ScanAsync(admin);
    }
}
