using Florin.Demo;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Florin.Tests.Browser;

public sealed class WalletTests
{
    private const long DemoTenge = 50_000_000;
    private const long DemoEuros = 100_000;

    [Fact]
    public async Task A_new_person_registers_tops_up_and_sends_across_currencies_and_the_other_sees_it_at_once()
    {
        await using var browser = await BrowserApp.StartAsync();
        var bob = await browser.NewPageAsync("bob");
        await bob.GotoAsync("/wallet");
        await bob.ExpectMinorAsync("EUR", DemoEuros);

        var page = await browser.NewPageAsync();
        await page.GotoAsync("/register");
        await page.Locator("#field-contact").FillAsync("carol@example.com");
        await page.Locator("#field-password").FillAsync("four-words-are-enough");
        await page.Locator("#field-first_name").FillAsync("Carol");
        await page.ContinueAsync();
        await page.Locator("#field-code").FillAsync((await page.Locator("#sandbox-code").TextContentAsync())!);
        await page.ContinueAsync();
        await Expect(page).ToHaveURLAsync(browser.Address + "/wallet");
        await page.Locator("details form button").ClickAsync(); // the first currency is the house's own
        await page.ExpectMinorAsync("KZT", 0);
        await browser.ScanAsync(page);

        await page.GotoAsync("/wallet/top-up");
        await page.ChooseWalletAsync("wallet", "KZT");
        await page.Locator("#field-amount").FillAsync("10 000,5");
        await page.ContinueAsync();
        await Expect(page.Locator(".amount-big .amount")).ToHaveAttributeAsync("data-minor", "1000050");
        await browser.ScanAsync(page);

        // Carol has one currency only: to bob's euros, by his wallet's number.
        var number = await bob.Locator("section[data-wallet=EUR] .font-monospace").TextContentAsync();
        await page.FillSendAsync(number!, "5000", "KZT");
        await Expect(page.Locator("#recipient")).ToHaveTextAsync("Bob B.");
        var gets = await page.Locator("#they-get .amount").GetAttributeAsync("data-minor");
        await Expect(page.Locator("main dd time")).Not.ToContainTextAsync("UTC"); // it counts down
        await browser.ScanAsync(page);
        await page.ContinueAsync();
        await Expect(page.Locator(".amount-big .amount")).ToHaveAttributeAsync("data-minor", "-500000");

        // Bob's page was not touched.
        await bob.ExpectMinorAsync("EUR", DemoEuros + long.Parse(gets!, System.Globalization.CultureInfo.InvariantCulture));
        await Expect(bob.Locator("[data-entry=transfer]")).ToHaveCountAsync(1);
        await browser.ScanAsync(bob);
    }

    [Fact]
    public async Task Above_the_limit_the_pin_is_asked_and_a_wrong_one_says_how_many_tries_are_left()
    {
        await using var browser = await BrowserApp.StartAsync();
        var page = await browser.NewPageAsync("alice");
        await page.GotoAsync("/wallet");
        await page.Locator("section[data-wallet=KZT] a[href$='/settings']").ClickAsync();
        await page.Locator("#field-pin_limit").FillAsync("100");
        await page.Locator("#field-pin").FillAsync(DemoPeople.Pin);
        await page.Locator("form[action$='/pin-limit'] button").ClickAsync();
        await Expect(page.Locator(".alert-success")).ToBeVisibleAsync();

        await page.FillSendAsync("bob", "100.01", "KZT");
        await Expect(page.Locator("#recipient")).ToHaveTextAsync("Bob B.");
        await page.Locator("#field-pin").FillAsync("9999");
        await page.ContinueAsync();
        await page.ExpectRefusalAsync("wrong_pin");
        await Expect(page.Locator("#field-pin-error")).ToContainTextAsync("4");
        await browser.ScanAsync(page);
        await page.Locator("#field-pin").FillAsync(DemoPeople.Pin);
        await page.ContinueAsync();
        await Expect(page.Locator(".amount-big .amount")).ToHaveAttributeAsync("data-minor", "-10001");
        await page.GotoAsync("/wallet");
        await page.ExpectMinorAsync("KZT", DemoTenge - 10001);
    }

    [Fact]
    public async Task Sending_is_refused_in_words_where_money_is_short_or_nobody_is_there()
    {
        await using var browser = await BrowserApp.StartAsync();
        var page = await browser.NewPageAsync("alice");
        await page.FillSendAsync("nobody-at-all", "1", "KZT");
        await page.ExpectRefusalAsync("recipient_not_found");
        await browser.ScanAsync(page);
        await page.FillSendAsync("bob", "1,000", "KZT"); // a thousand, or one? It is asked, not guessed.
        await Expect(page.Locator("#field-amount-error")).ToBeVisibleAsync();
        await page.FillSendAsync("bob", "1000000", "KZT");
        await page.ContinueAsync();
        await page.ExpectRefusalAsync("insufficient_funds");
        await page.GotoAsync("/wallet");
        await page.ExpectMinorAsync("KZT", DemoTenge);
    }

    [Fact]
    public async Task A_double_click_sends_once()
    {
        await using var browser = await BrowserApp.StartAsync();
        var page = await browser.NewPageAsync("alice");
        await page.FillSendAsync("bob", "250", "KZT");
        // The same form twice at once, whatever our own script does against it.
        await page.EvaluateAsync(
            """
            async () => {
                const form = document.querySelector("main form");
                const send = () => fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
                await Promise.all([send(), send(), send()]);
            }
            """
        );
        await page.Locator("main form button.btn-primary").DblClickAsync();
        await Expect(page.Locator(".amount-big .amount")).ToHaveAttributeAsync("data-minor", "-25000");
        await page.GotoAsync("/wallet");
        await page.ExpectMinorAsync("KZT", DemoTenge - 25000);
    }

    [Fact]
    public async Task A_wallet_that_owes_a_fee_says_so_and_a_deposit_ends_it()
    {
        await using var browser = await BrowserApp.StartAsync();
        var page = await browser.NewPageAsync("alice");
        await browser.App.Database.ScalarAsync<int>(
            """
            update ledger.accounts set arrears = 12345, arrears_to = (select min(id) from ledger.accounts where currency = 'USD' and code is not null) where id = (
                select w.account_id from wallets.wallets w join identity.people p on p.id = w.person_id where p.username = 'alice' and w.currency = 'USD')
            """
        );
        await page.GotoAsync("/wallet");
        var card = page.Locator("section[data-wallet=USD]");
        await Expect(card.Locator("[data-blocked=fee_owed]")).ToContainTextAsync("123.45");
        await browser.ScanAsync(page);
        await page.FillSendAsync("bob", "1", "USD");
        await page.ContinueAsync();
        await page.ExpectRefusalAsync("wallet_blocked");

        await page.GotoAsync("/wallet");
        await card.Locator("[data-blocked] a").ClickAsync();
        await Expect(page.Locator("#field-amount")).ToHaveValueAsync("123.45");
        await page.ContinueAsync();
        await page.GotoAsync("/wallet");
        await Expect(card.Locator("[data-blocked]")).ToHaveCountAsync(0);
        await page.ExpectMinorAsync("USD", 100_000);
    }

    [Fact]
    public async Task History_is_searched_and_a_statement_is_printed_and_saved()
    {
        await using var browser = await BrowserApp.StartAsync();
        var page = await browser.NewPageAsync("alice");
        await page.GotoAsync("/wallet/send");
        await page.Locator("#field-note").FillAsync("for the 50% cake");
        await page.Locator("#field-to").FillAsync("bob@example.com");
        await page.Locator("#field-amount").FillAsync("7.25");
        await page.ChooseWalletAsync("from", "KZT");
        await page.ContinueAsync();
        await page.ContinueAsync();
        await page.GotoAsync("/wallet");
        await page.Locator("section[data-wallet=KZT] a.card-footer").ClickAsync();
        await Expect(page.Locator("#entries [data-entry]")).ToHaveCountAsync(2);
        await browser.ScanAsync(page);
        await page.Locator("summary").ClickAsync();
        await page.Locator("#field-q").FillAsync("50% CAKE");
        await page.Locator("details form button").ClickAsync();
        await Expect(page.Locator("#entries [data-entry]")).ToHaveCountAsync(1);
        await page.Locator("#field-direction").SelectOptionAsync("in");
        await page.Locator("details form button").ClickAsync();
        await Expect(page.Locator("#entries .empty-state")).ToBeVisibleAsync();
        await browser.ScanAsync(page);

        foreach (var (format, name) in new[] { ("csv", ".csv"), ("json", ".json"), ("camt053", ".xml") })
        {
            var download = await page.RunAndWaitForDownloadAsync(() => page.Locator($"button[name=format][value={format}]").ClickAsync());
            Assert.EndsWith(name, download.SuggestedFilename, StringComparison.Ordinal);
            var text = await File.ReadAllTextAsync((await download.PathAsync())!, TestContext.Current.CancellationToken);
            Assert.Contains("for the 50% cake", text, StringComparison.Ordinal);
        }

        await page.Locator("button[name=format][value=page]").ClickAsync();
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);
        await browser.ScanAsync(page);
    }

    [Fact]
    public async Task Money_is_withdrawn_and_a_wallet_opened_renamed_and_closed()
    {
        await using var browser = await BrowserApp.StartAsync(("FLORIN_WALLETS_PER_PERSON", "4"));
        var page = await browser.NewPageAsync("alice");
        await page.GotoAsync("/wallet/withdraw");
        await page.ChooseWalletAsync("wallet", "EUR");
        await page.Locator("#field-amount").FillAsync("10");
        await page.ContinueAsync();
        await Expect(page.Locator(".alert-success")).ToContainTextAsync("10.00");
        await Expect(page.Locator("#withdrawals [data-state=paid]")).ToHaveCountAsync(1);
        await browser.ScanAsync(page);

        await page.GotoAsync("/wallet");
        await page.ExpectMinorAsync("EUR", DemoEuros - 1000);
        await page.Locator("summary").ClickAsync();
        await page.Locator("#field-name").FillAsync("Rickshaws");
        await page.Locator("details form button").ClickAsync();
        var card = page.Locator("section[data-wallet=BDT]");
        await Expect(card.Locator("h2")).ToHaveTextAsync("Rickshaws");
        await card.Locator("a[href$='/settings']").ClickAsync();
        await page.Locator("#field-name").FillAsync("Tuk-tuks");
        await page.Locator("form[action$='/name'] button").ClickAsync();
        await Expect(page.Locator("h1")).ToContainTextAsync("Tuk-tuks");
        await browser.ScanAsync(page);
        page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await page.Locator("form[action$='/close'] button").ClickAsync();
        await Expect(page).ToHaveURLAsync(browser.Address + "/wallet");
        await Expect(card).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task The_code_of_a_wallet_is_scanned_from_a_picture_and_leads_to_sending()
    {
        await using var browser = await BrowserApp.StartAsync();
        var bob = await browser.NewPageAsync("bob");
        await bob.GotoAsync("/wallet/receive");
        await browser.ScanAsync(bob);
        var number = await bob.Locator("#number").TextContentAsync();
        var download = await bob.RunAndWaitForDownloadAsync(() => bob.Locator("a[download]").ClickAsync());
        var picture = (await download.PathAsync())!;

        var alice = await browser.NewPageAsync("alice");
        await alice.GotoAsync("/wallet/scan");
        await browser.ScanAsync(alice);
        await ScanAsync(alice, await File.ReadAllBytesAsync(picture, TestContext.Current.CancellationToken));
        await Expect(alice.Locator("#field-to")).ToHaveValueAsync(number!);

        // A till's code of the kind that banks read leads to the page that pays it.
        using var counter = await Counter.OpenAsync(browser);
        var (_, code) = await counter.AskAsync("2.00");
        await alice.GotoAsync("/wallet/scan");
        await ScanAsync(alice, await counter.BytesAsync($"/v1/payments/{code}/qr?payload=emvco"));
        await Expect(alice.GetByText("verified: Corner Shop")).ToBeVisibleAsync();
        browser.AssertQuiet(alice);
    }

    private static Task ScanAsync(IPage page, byte[] png) =>
        page.Locator("#scan-file")
            .SetInputFilesAsync(
                new FilePayload
                {
                    Name = "code.png",
                    MimeType = "image/png",
                    Buffer = png,
                }
            );
}
