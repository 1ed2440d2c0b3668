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
        await Expect(page.Locator("#entries a").First).ToBeVisibleAsync();
        await browser.ScanAsync(page);
        await page.Locator("#entries a").First.ClickAsync();
        await Expect(page.Locator("dl.facts").First).ToBeVisibleAsync();
        await browser.ScanAsync(page);
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
        await BelieveARateAsync(browser, page);
        foreach (var path in new[] { "people", "shops", "payouts", "faces", "files" })
        {
            await page.GotoAsync("/admin/" + path);
            await browser.ScanAsync(page);
        }

        await page.GotoAsync("/admin/shops");
        await page.Locator("#shops a").First.ClickAsync();
        await browser.ScanAsync(page);

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
        await FillTheWindowAsync(browser, admin);
    }

    private static async Task BelieveARateAsync(BrowserApp browser, IPage finance)
    {
        var rate = await browser.App.Database.ScalarAsync<decimal>(
            """
            with used as (
                insert into fx.rates (base, quote, rate, fetched_at, source) values ('USD', 'EUR', 0.9, now(), 'test') returning base, quote, source
            )
            insert into fx.suspect_rates (base, quote, rate, first_seen_at, fetched_at, times, source)
            select base, quote, 1.8, now(), now(), 1, source from used returning rate
            """
        );
        await finance.AddInitScriptAsync("window.confirm = () => true");
        await finance.GotoAsync("/admin/rates");
        await Expect(finance.Locator("#suspects")).ToContainTextAsync("USD → EUR");
        await browser.ScanAsync(finance);
        await finance.GetByRole(AriaRole.Button, new() { Name = "Believe it" }).ClickAsync();
        await Expect(finance.Locator("#suspects")).ToContainTextAsync("No rate waits.");
        Assert.Equal(rate, await browser.App.Database.ScalarAsync<decimal>("select rate from fx.rates where base = 'USD' and quote = 'EUR'"));
    }

    private static async Task FillTheWindowAsync(BrowserApp browser, IPage admin)
    {
        await admin.GotoAsync("/admin/vouchers");
        await admin.GetByText("New voucher type").ClickAsync();
        var form = admin.Locator("form[action='/admin/vouchers/types']");
        await form.Locator("[name=code]").FillAsync("sauna");
        await form.Locator("[name=name]").FillAsync("An hour in the sauna");
        await form.Locator("[name=prices]").FillAsync("5,50 USD; 2500 KZT");
        await form.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(admin.Locator("#types")).ToContainTextAsync("An hour in the sauna");
        await admin.GetByRole(AriaRole.Button, new() { Name = "Take out of the window: An hour in the sauna" }).ClickAsync();
        await Expect(admin.GetByRole(AriaRole.Button, new() { Name = "Sell again: An hour in the sauna" })).ToBeVisibleAsync();

        await admin.GetByText("New discount").ClickAsync();
        form = admin.Locator("form[action='/admin/vouchers/discounts']");
        await form.Locator("[name=code]").FillAsync("AUTUMN");
        await form.Locator("[name=percent]").FillAsync("12,345");
        await form.Locator("[name=valid_from]").FillAsync("2026-01-01");
        await form.Locator("[name=valid_until]").FillAsync("2099-12-31");
        await form.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(form.Locator("[name=percent]")).ToHaveAttributeAsync("aria-invalid", "true");
        await browser.ScanAsync(admin);
        await form.Locator("[name=percent]").FillAsync("12,5");
        await form.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(admin.Locator("#discounts")).ToContainTextAsync("12.5 %");
        await admin.GetByRole(AriaRole.Button, new() { Name = "Switch off: AUTUMN" }).ClickAsync();
        await Expect(admin.GetByRole(AriaRole.Button, new() { Name = "Switch on: AUTUMN" })).ToBeVisibleAsync();
        Assert.Equal(
            "1250 false",
            await browser.App.Database.ScalarAsync<string>("select percent_bps || ' ' || active from vouchers.discounts where code = 'AUTUMN'")
        );
    }
}
