using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Florin.Tests.Browser;

/// <summary>The staff's pages of operations.</summary>
public sealed class OperationsTests
{
    [Fact]
    public async Task An_admin_looks_at_health_jobs_queues_inbox_and_settings_and_has_a_job_run_and_staff_may_not()
    {
        await using var browser = await BrowserApp.StartAsync();
        var page = await browser.NewPageAsync("admin");
        await page.GotoAsync("/admin/operations");
        await Expect(page.Locator("[data-part=Database]")).ToContainTextAsync("PostgreSQL");
        await browser.ScanAsync(page);
        await page.GotoAsync("/admin/operations/jobs");
        await browser.ScanAsync(page);
        await page.Locator("[data-job='platform.delete_old'] button").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("It runs within seconds.");
        await Expect(page.Locator("[data-job='platform.delete_old'] [data-state=pending]")).ToBeVisibleAsync();
        foreach (var path in new[] { "queues", "callbacks", "settings" })
        {
            await page.GotoAsync("/admin/operations/" + path);
            await Expect(page.Locator(".staff nav a[aria-current=page]").Last).ToHaveAttributeAsync("href", "/admin/operations/" + path);
            await browser.ScanAsync(page);
        }

        await Expect(page.Locator("[data-setting=FLORIN_SECRET_KEY]")).ToContainTextAsync("set");

        var staff = await browser.NewPageAsync("staff", phone: false, language: "ru");
        await staff.GotoAsync("/admin/operations/jobs");
        await Expect(staff.Locator("[data-job='platform.delete_old']")).ToBeVisibleAsync();
        await Expect(staff.Locator("[data-job] button")).ToHaveCountAsync(0);
        await Expect(staff.Locator("a[href='/admin/operations/settings']")).ToHaveCountAsync(0);
        await browser.ScanAsync(staff);

        // Finance imports a file of a charge that is nobody's, and says what it was.
        await staff.GotoAsync("/admin/reconciliation");
        await staff
            .Locator("#field-file")
            .SetInputFilesAsync(
                new FilePayload
                {
                    Name = "october.csv",
                    MimeType = "text/csv",
                    Buffer = "id,type\n"u8.ToArray(),
                }
            );
        await staff.Locator("form[action='/admin/reconciliation'] button").ClickAsync();
        await Expect(staff.Locator("[data-code=settlement_not_readable]")).ToBeVisibleAsync();
        await browser.ScanAsync(staff);
        var file = "id,type,amount,currency,created,source\ntxn_1,charge,5.00,usd,2026-10-01 10:00,pi_1\n"u8.ToArray();
        await staff
            .Locator("#field-file")
            .SetInputFilesAsync(
                new FilePayload
                {
                    Name = "october.csv",
                    MimeType = "text/csv",
                    Buffer = file,
                }
            );
        await staff.Locator("form[action='/admin/reconciliation'] button").ClickAsync();
        await Expect(staff.Locator("#found")).ToHaveTextAsync("1");
        await browser.ScanAsync(staff);
        await staff.GotoAsync("/admin/reconciliation");
        await staff.Locator("#exceptions input[name=reason]").FillAsync("of another shop of ours");
        await browser.ScanAsync(staff);
        await staff.Locator("#exceptions button").ClickAsync();
        await Expect(staff.Locator("#exceptions [data-exception]")).ToHaveCountAsync(0);
    }
}
