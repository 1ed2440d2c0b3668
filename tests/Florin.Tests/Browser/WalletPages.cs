using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Florin.Tests.Browser;

/// <summary>What journeys through the wallet's pages have in common.</summary>
internal static class WalletPages
{
    /// <summary>Sends money up to the page that asks whether it is right.</summary>
    public static async Task FillSendAsync(this IPage page, string to, string amount, string from)
    {
        await page.GotoAsync("/wallet/send");
        await page.Locator("#field-to").FillAsync(to);
        await page.Locator("#field-amount").FillAsync(amount);
        await page.ChooseWalletAsync("from", from);
        await page.ContinueAsync();
    }

    /// <summary>Chooses the wallet of a currency.</summary>
    public static async Task ChooseWalletAsync(this IPage page, string field, string currency)
    {
        var option = page.Locator($"#field-{field} option[data-currency={currency}]");
        await page.Locator("#field-" + field).SelectOptionAsync((await option.GetAttributeAsync("value"))!);
    }

    /// <summary>Presses the main button of the page's one form.</summary>
    public static Task ContinueAsync(this IPage page) => page.Locator("main form button.btn-primary").ClickAsync();

    /// <summary>What a wallet may spend, as the page of wallets shows it: minor units.</summary>
    public static async Task ExpectMinorAsync(this IPage page, string currency, long minor) =>
        await Expect(page.Locator($"section[data-wallet={currency}] .amount-big .amount"))
            .ToHaveAttributeAsync("data-minor", minor.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Demands the refusal of a form.</summary>
    public static Task ExpectRefusalAsync(this IPage page, string code) => Expect(page.Locator($"main [role=alert][data-code={code}]")).ToBeVisibleAsync();
}
