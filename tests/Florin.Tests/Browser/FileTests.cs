using Florin.Files;
using Florin.Tests.Files;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Florin.Tests.Browser;

public sealed class FileTests
{
    [Fact]
    public async Task A_customer_buys_a_credit_sends_a_file_and_sees_its_words_come_by_themselves()
    {
        await using var browser = await BrowserApp.StartAsync(("FLORIN_FILE_PRICE_WORD_COUNT", "1.00 USD,100 BDT"));
        var page = await browser.NewPageAsync("alice");
        await page.GotoAsync("/files");
        await Expect(page.Locator("[data-credits=word_count]")).ToHaveTextAsync("Free: 0");
        await browser.ScanAsync(page);

        // On a page of its own: the browser itself complains of every refused upload.
        var early = await browser.NewPageAsync("bob");
        await early.GotoAsync("/files");
        await early.Locator("#field-file").SetInputFilesAsync(Text("early.txt", "no credit yet"));
        await early.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true }).ClickAsync();
        await Expect(early.Locator("[data-code=no_file_credit]")).ToBeVisibleAsync();

        await page.Locator("#field-quantity").FillAsync("2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Buy credits" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay 2.00 USD" }).ClickAsync();
        await Expect(page.Locator("#pay-result")).ToContainTextAsync("Paid");

        await page.GotoAsync("/files");
        await Expect(page.Locator("[data-credits=word_count]")).ToHaveTextAsync("Free: 2");
        await page.Locator("#field-file").SetInputFilesAsync(Text("essay.txt", "Three words here.\nআর বাংলা\n"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "essay.txt" })).ToBeVisibleAsync();
        await Expect(page.Locator("#result [data-state=processing]")).ToBeVisibleAsync();
        await browser.ScanAsync(page);
        await browser.App.Get<FileProcessing>().RunAsync(TestContext.Current.CancellationToken);
        await Expect(page.Locator("#result [data-state=completed]")).ToBeVisibleAsync(); // by itself
        await Expect(page.Locator("#result")).ToContainTextAsync("5");
        await browser.ScanAsync(page);

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Download" }).ClickAsync());
        Assert.Equal("essay.txt", download.SuggestedFilename);

        await page.GotoAsync("/files");
        await page.Locator("#field-file").SetInputFilesAsync(Text("late.txt", new string('a', 5000) + "\0"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true }).ClickAsync();
        await Expect(page.Locator("#result [data-state=processing]")).ToBeVisibleAsync();
        await browser.App.Get<FileProcessing>().RunAsync(TestContext.Current.CancellationToken);
        await Expect(page.Locator("[data-code=not_text]")).ToBeVisibleAsync();
        await page.GotoAsync("/files");
        await Expect(page.Locator("[data-credits=word_count]")).ToHaveTextAsync("Free: 1");
        await Expect(page.Locator("#files-list")).ToContainTextAsync("5 words");
        await browser.ScanAsync(page);
        await FileBooks.CheckAsync(browser.App);
    }

    private static FilePayload Text(string name, string text) =>
        new()
        {
            Name = name,
            MimeType = "text/plain",
            Buffer = System.Text.Encoding.UTF8.GetBytes(text),
        };
}
