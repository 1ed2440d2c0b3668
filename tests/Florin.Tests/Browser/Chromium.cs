using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Florin.Tests.Browser.Chromium))]

namespace Florin.Tests.Browser;

/// <summary>The one Chromium of all browser tests: started by the first that wants it. <c>./test</c> installs it.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private readonly SemaphoreSlim starting = new(1);
    private IPlaywright? playwright;
    private IBrowser? browser;

    /// <summary>The running browser.</summary>
    public async Task<IBrowser> StartedAsync()
    {
        await starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            Assertions.SetDefaultExpectTimeout(30_000); // a busy machine is no reason to fail; what must be quick says so where it is looked for
            playwright ??= await Playwright.CreateAsync();
            return browser ??= await playwright.Chromium.LaunchAsync(
                new BrowserTypeLaunchOptions
                {
                    ExecutablePath = "/usr/bin/chromium",
                    ChromiumSandbox = false,
                    Args = ["--use-fake-device-for-media-stream"],
                }
            );
        }
        finally
        {
            starting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
        starting.Dispose();
    }
}
