using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Florin.Tests.Browser;

/// <summary>The till and what stands around it, before real browsers.</summary>
public sealed class PortalTests
{
    // What the payer did must be seen at the till in this time.
    private const float Soon = 2000;

    [Fact]
    public async Task A_sale_is_paid_and_the_till_shows_it_within_two_seconds()
    {
        await using var browser = await BrowserApp.StartAsync();
        var till = await browser.NewPageAsync("corner-shop");
        var list = await browser.NewPageAsync("corner-shop", phone: false);
        await list.GotoAsync("/portal/payments");
        var code = await AskAsync(till, "12.50");
        await Expect(list.Locator("#payments .list-row [data-state=pending]")).ToHaveCountAsync(1, new() { Timeout = Soon });
        await browser.ScanAsync(till);

        await PayAsync(browser, code);
        await Expect(till.Locator(".tick")).ToBeVisibleAsync(new() { Timeout = Soon });
        await Expect(list.Locator("#payments .list-row [data-state=completed]")).ToHaveCountAsync(1, new() { Timeout = Soon });
        await Expect(list.Locator(".toast-note")).ToContainTextAsync("12.50 USD");
        Assert.Equal("1", await till.EvaluateAsync<string>("() => document.documentElement.dataset.rang"));
        await browser.ScanAsync(till);
        await browser.ScanAsync(list);
    }

    [Fact]
    public async Task What_is_muted_stays_silent()
    {
        await using var browser = await BrowserApp.StartAsync();
        var list = await browser.NewPageAsync("corner-shop");
        await list.GotoAsync("/portal/sale");
        await list.Locator("[data-mute=sound]").ClickAsync();
        await list.Locator("[data-mute=toast]").ClickAsync();
        var code = await AskAsync(list, "3.00");
        await list.GotoAsync("/portal/payments");
        await Expect(list.Locator("[data-mute=sound]")).ToHaveAttributeAsync("aria-pressed", "true");
        await PayAsync(browser, code);
        await Expect(list.Locator("#payments [data-state=completed]")).ToHaveCountAsync(1);
        Assert.Null(await list.EvaluateAsync<string?>("() => document.documentElement.dataset.rang ?? null"));
        await Expect(list.Locator(".toast-note")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Cash_is_taken_and_paid_back_in_part()
    {
        await using var browser = await BrowserApp.StartAsync();
        var till = await browser.NewPageAsync("corner-shop");
        await till.AddInitScriptAsync("window.confirm = () => true");
        await AskAsync(till, "20");
        await till.Locator("form[action$='/cash'] button").ClickAsync();
        await Expect(till.Locator(".tick")).ToBeVisibleAsync();
        await till.Locator("a[href$='/refund']").ClickAsync();
        await browser.ScanAsync(till);

        await till.Locator("[name=amount]").FillAsync("99,00"); // more than was paid
        await till.Locator("form[action$='/refund'] button").ClickAsync();
        await Expect(till.Locator("[role=alert][data-code=refund_too_large]")).ToBeVisibleAsync();
        await Expect(till.Locator("[name=amount]")).ToHaveValueAsync("99,00");
        await till.Locator("[name=amount]").FillAsync("5,5");
        await till.Locator("form[action$='/refund'] button").ClickAsync();
        await Expect(till.Locator("#payment")).ToContainTextAsync("5.50 USD");
        await browser.ScanAsync(till);
    }

    [Fact]
    public async Task A_sale_that_is_called_off_can_no_longer_be_paid()
    {
        await using var browser = await BrowserApp.StartAsync();
        var till = await browser.NewPageAsync("corner-shop");
        await AskAsync(till, "4.00");
        await till.Locator("form[action$='/cancel'] button").ClickAsync();
        await Expect(till.Locator("#payment")).ToHaveAttributeAsync("data-payment-state", "cancelled");
        await Expect(till.Locator(".qr")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task The_till_shows_nothing_else_and_stays_itself_from_sale_to_sale()
    {
        await using var browser = await BrowserApp.StartAsync();
        var till = await browser.NewPageAsync("corner-shop");
        await till.GotoAsync("/portal/sale?till=1");
        await Expect(till.Locator("header")).ToBeHiddenAsync();
        await till.EvaluateAsync("() => window.same = true"); // gone where the page is another, and full screen with it
        foreach (var key in (string[])["7", ".", "5"])
        {
            await till.Locator($"[data-key='{key}']").ClickAsync();
        }

        await till.Locator("[name=currency]").SelectOptionAsync("USD");
        await till.Locator("form[action^='/portal/sale'] button.btn-primary").ClickAsync();
        await Expect(till.Locator("#payment h1")).ToContainTextAsync("7.50 USD");
        var link = await till.Locator("a[href^='/pay/']").GetAttributeAsync("href");
        await PayAsync(browser, link!.Split('/')[^1]);
        await Expect(till.Locator(".tick")).ToBeVisibleAsync();
        await browser.ScanAsync(till);
        await till.Locator("a[href='/portal/sale?till=1']").ClickAsync();
        await Expect(till.Locator("[name=amount]")).ToHaveValueAsync("");
        Assert.True(await till.EvaluateAsync<bool>("() => window.same === true"));
    }

    [Fact]
    public async Task A_till_without_connection_says_so_keeps_what_was_typed_and_catches_up()
    {
        await using var browser = await BrowserApp.StartAsync();
        var till = await browser.NewPageAsync("corner-shop");
        var code = await AskAsync(till, "8.00");
        await till.GotoAsync("/portal/payments");
        var form = await till.Context.NewPageAsync();
        await form.GotoAsync("/portal/sale");
        await form.Locator("[name=note]").FillAsync("a long note");

        await till.Context.SetOfflineAsync(true);
        await Expect(till.Locator("#live-state")).ToBeVisibleAsync();
        await form.Locator("[name=amount]").FillAsync("1.00");
        await form.Locator("form[action='/portal/sale'] button.btn-primary").ClickAsync();
        await Expect(form.Locator(".offline-note")).ToBeVisibleAsync();
        await Expect(form.Locator("[name=note]")).ToHaveValueAsync("a long note");
        await PayAsync(browser, code); // meanwhile

        await till.Context.SetOfflineAsync(false);
        await Expect(till.Locator("#payments [data-state=completed]")).ToHaveCountAsync(1);
        await Expect(till.Locator("#live-state")).ToBeHiddenAsync();
        await form.Locator("form[action='/portal/sale'] button.btn-primary").ClickAsync();
        await Expect(form.Locator("#payment")).ToContainTextAsync("a long note");
    }

    [Fact]
    public async Task A_cashier_joins_by_code_sells_and_sees_no_payouts()
    {
        await using var browser = await BrowserApp.StartAsync();
        var owner = await browser.NewPageAsync("corner-shop");
        await owner.GotoAsync("/portal/settings");
        await owner.Locator("form[action='/portal/settings/members'] [name=login]").FillAsync("bob");
        await owner.Locator("form[action='/portal/settings/members'] button").ClickAsync();
        var code = await owner.Locator("#sandbox-code").InnerTextAsync();

        var cashier = await browser.NewPageAsync("bob");
        await cashier.GotoAsync("/portal");
        await cashier.Locator("[name=code]").FillAsync(code);
        await cashier.Locator("form[action='/portal/join'] button").ClickAsync();
        await Expect(cashier).ToHaveURLAsync(browser.Address + "/portal/sale");
        await Expect(cashier.Locator(".page-nav a[href='/portal']")).ToBeVisibleAsync();
        await Expect(cashier.Locator(".portal-nav a[href='/portal/balance']")).ToHaveCountAsync(0);
        foreach (var path in (string[])["/portal/takings", "/portal/settings", "/portal/developers"])
        {
            Assert.Equal(403, (await cashier.GotoAsync(path))!.Status);
        }

        Assert.Equal(404, (await cashier.GotoAsync("/portal/balance"))!.Status);

        await cashier.AddInitScriptAsync("window.confirm = () => true");
        await AskAsync(cashier, "6.00");
        await cashier.Locator("form[action$='/cash'] button").ClickAsync();
        await cashier.Locator("a[href$='/refund']").ClickAsync();
        await cashier.Locator("form[action$='/refund'] button").ClickAsync();
        await Expect(cashier.Locator("[data-code=forbidden]")).ToBeVisibleAsync(); // the shop lets its cashiers refund nothing, unless it says so
    }

    [Fact]
    public async Task A_customer_is_invited_billed_and_pays()
    {
        await using var browser = await BrowserApp.StartAsync();
        var desk = await browser.NewPageAsync("corner-shop");
        await desk.GotoAsync("/portal/customers/new");
        await desk.Locator("form[action='/portal/customers/invite'] [name=login]").FillAsync("alice");
        await desk.Locator("form[action='/portal/customers/invite'] button").ClickAsync();
        var code = await desk.Locator("#sandbox-code").InnerTextAsync();
        var customer = await browser.NewPageAsync("alice");
        await customer.GotoAsync("/portal");
        await browser.ScanAsync(customer);
        await customer.Locator("[name=code]").FillAsync(code);
        await customer.Locator("form[action='/portal/join'] button").ClickAsync();

        await desk.GotoAsync("/portal/bills/new?q=ali");
        await desk.Locator(".card a.list-row").ClickAsync();
        await desk.Locator("[name=amount]").FillAsync("9");
        await desk.Locator("[name=currency]").SelectOptionAsync("USD");
        await browser.ScanAsync(desk);
        await desk.Locator("form[action='/portal/bills/new'] button").ClickAsync();
        await Expect(desk.Locator("#bill [data-state=pending]")).ToBeVisibleAsync();
        await browser.ScanAsync(desk);
        var payment = (await desk.Locator("a[href^='/portal/payments/']").GetAttributeAsync("href"))!.Split('/')[^1];
        await PayAsync(browser, payment);
        await Expect(desk.Locator("#bill [data-state=completed]")).ToBeVisibleAsync(new() { Timeout = Soon });
        await desk.GotoAsync("/portal/bills");
        await Expect(desk.Locator("#bills")).ToContainTextAsync("9.00 USD");
        await browser.ScanAsync(desk);

        // The shop has taken pictures of her; nobody needs the engine to take them back.
        await browser.App.Database.ScalarAsync<int>(
            """
            with face as (
                insert into biometrics.faces (person_id, face_id, template, model_id, photos, made_by, shop_id, enrolled_at)
                select person_id, person_id, '\x00', 'none', 1, 'shop', shop_id, now() from shops.customers where person_id = (
                    select id from identity.people where username = 'alice') returning face_id
            )
            insert into biometrics.keys (face_id, sealed) select face_id, decode(repeat('00', 60), 'hex') from face
            """
        );
        await desk.AddInitScriptAsync("window.confirm = () => true");
        await desk.GotoAsync("/portal/customers");
        await desk.Locator("a[href^='/portal/customers/usr_']").First.ClickAsync();
        await browser.ScanAsync(desk);
        await desk.Locator("form[action$='/face/remove'] button").ClickAsync();
        await Expect(desk.Locator("form[action$='/face/remove']")).ToHaveCountAsync(0);
        await Expect(desk.Locator("h1")).ToContainTextAsync("Alice");
        Assert.Equal(0, await browser.App.Database.ScalarAsync<long>("select count(*) from biometrics.faces"));
    }

    [Fact]
    public async Task An_owner_adds_a_bank_account_and_asks_for_a_payout_once()
    {
        await using var browser = await BrowserApp.StartAsync();
        var owner = await browser.NewPageAsync("corner-shop", phone: false);
        await owner.AddInitScriptAsync("window.confirm = () => true");
        await PayAsync(browser, await AskAsync(owner, "50.00"));
        await owner.GotoAsync("/portal/balance");
        await owner.Locator("[name=holder]").FillAsync("Corner Shop");
        await owner.Locator("[name=iban]").FillAsync("DE89 3704 0044 0532 0130 00");
        await owner.Locator("form[action='/portal/bank-accounts'] button").ClickAsync();
        await owner.Locator("form[action='/portal/payouts'] [name=amount]").FillAsync("500");
        await owner.Locator("form[action='/portal/payouts'] button").ClickAsync();
        await Expect(owner.Locator("[data-code=insufficient_funds]")).ToBeVisibleAsync();
        // After a lost connection all is loaded again; the address of a form that was refused is no page, though.
        await owner.RunAndWaitForResponseAsync(
            async () => await owner.EvaluateAsync("dispatchEvent(new Event('offline')); dispatchEvent(new Event('online'))"),
            answer => answer.Url.EndsWith("/portal/balance", StringComparison.Ordinal)
        );
        await owner.Locator("form[action='/portal/payouts'] [name=amount]").FillAsync("20");
        await owner.Locator("form[action='/portal/payouts'] button").ClickAsync();
        await Expect(owner.Locator("#payouts [data-state=awaiting_approval]")).ToHaveCountAsync(1);
        await browser.ScanAsync(owner);
        await owner.Locator("#payouts form button").ClickAsync();
        await Expect(owner.Locator("#payouts [data-state=cancelled]")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Every_page_is_clean_on_a_phone_and_in_Russian()
    {
        string[] paths =
        [
            "sale",
            "payments",
            "bills",
            "bills/new",
            "customers",
            "customers/new",
            "takings",
            "balance",
            "settings",
            "sign",
            "shops",
            "developers",
        ];
        await using var browser = await BrowserApp.StartAsync();
        foreach (var language in (string[])["en", "ru"])
        {
            var page = await browser.NewPageAsync("corner-shop", language: language);
            await PayAsync(browser, await AskAsync(page, "5.00"));
            foreach (var path in paths)
            {
                Assert.Equal(200, (await page.GotoAsync("/portal/" + path))!.Status);
                await browser.ScanAsync(page);
            }
        }
    }

    [Fact]
    public async Task A_developer_makes_a_key_and_a_webhook_and_tests_it()
    {
        await using var browser = await BrowserApp.StartAsync();
        var page = await browser.NewPageAsync("corner-shop");
        await page.AddInitScriptAsync("window.confirm = () => true");
        await page.GotoAsync("/portal/developers");
        await page.Locator("summary").First.ClickAsync();
        await page.Locator("form[action='/portal/developers/keys'] [name=name]").FillAsync("Our till");
        await page.Locator("form[action='/portal/developers/keys'] button").ClickAsync();
        await Expect(page.Locator("#secret")).ToBeVisibleAsync();
        await browser.ScanAsync(page);
        await page.Locator("summary").Nth(1).ClickAsync();
        await page.Locator("[name=url]").FillAsync("https://example.com/hook");
        await page.Locator("form[action='/portal/developers/webhooks'] button").ClickAsync();
        await Expect(page.Locator("#secret")).ToContainTextAsync("whsec_");
        await page.Locator("a[href^='/portal/developers/webhooks/']").ClickAsync();
        await page.Locator("form[action$='/test'] button").ClickAsync();
        await Expect(page.Locator("h1")).ToContainTextAsync("example.com");
        await browser.ScanAsync(page);
        await page.Locator("form[action$='/secret'] button").ClickAsync();
        await Expect(page.Locator("#secret")).ToContainTextAsync("whsec_");
    }

    // Asks for a sale in dollars.
    // Returns the code of the payer's page.
    private static async Task<string> AskAsync(IPage till, string amount)
    {
        await till.GotoAsync("/portal/sale");
        await till.Locator("[name=amount]").FillAsync(amount);
        await till.Locator("[name=currency]").SelectOptionAsync("USD");
        await till.Locator("form[action='/portal/sale'] button.btn-primary").ClickAsync();
        await Expect(till.Locator("#payment .qr")).ToBeVisibleAsync();
        return (await till.Locator("a[href^='/pay/']").GetAttributeAsync("href"))!.Split('/')[^1];
    }

    // Alice pays from her dollars, with her own program.
    private static async Task PayAsync(BrowserApp browser, string payment)
    {
        using var phone = new HttpClient { BaseAddress = new Uri(browser.Address) };
        var session = await PostAsync(phone, "/v1/sessions", new { login = "alice", password = "florin-demo-pass" });
        phone.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session.GetProperty("access_token").GetString());
        await PostAsync(phone, $"/v1/payments/{payment}/pay", new { method = "wallet" });
    }

    private static async Task<JsonElement> PostAsync(HttpClient phone, string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await phone.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}
