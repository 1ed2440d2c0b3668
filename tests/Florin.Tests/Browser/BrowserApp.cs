using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Florin.Bench;
using Florin.Tests.Architecture;
using Microsoft.Playwright;

namespace Florin.Tests.Browser;

/// <summary>Florin with its demo people, and browsers that stand before it. Pages wait for what they look for, never for a time.</summary>
internal sealed partial class BrowserApp : IAsyncDisposable
{
    private static readonly string Axe = File.ReadAllText(Path.Combine(Sources.Root, "src/Florin/Assets/node_modules/axe-core/axe.min.js"));
    private readonly IBrowser browser;
    private readonly ConcurrentBag<IBrowserContext> contexts = [];
    private readonly ConcurrentDictionary<IPage, Heard> heard = [];

    private readonly TestDatabase database;

    private BrowserApp(FlorinApp app, TestDatabase database, IBrowser browser, string address)
    {
        App = app;
        this.database = database;
        this.browser = browser;
        Address = address;
    }

    /// <summary>The server, with demo data.</summary>
    public FlorinApp App { get; }

    /// <summary>Where it is, without a slash at the end.</summary>
    public string Address { get; }

    /// <param name="settings">Settings of the server besides the usual.</param>
    public static async Task<BrowserApp> StartAsync(params (string Name, string Value)[] settings)
    {
        var chromium = (await TestContext.Current.GetFixture<Chromium>())!;
        var port = ServerProcess.FreePort();
        var address = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}");
        var clone = await TestDatabase.CreateWithDemoAsync();
        var app = new FlorinApp(clone) { Port = port, Settings = { ["FLORIN_DEMO"] = "true", ["FLORIN_PUBLIC_URL"] = address } };
        foreach (var (name, value) in settings)
        {
            app.Settings[name] = value;
        }

        await app.InitializeAsync();
        return new BrowserApp(app, clone, await chromium.StartedAsync(), address);
    }

    /// <summary>A window of a browser of its own, with its own cookies.</summary>
    /// <param name="demoPerson">Who is signed in already, as by the button of the landing page; null for nobody.</param>
    /// <param name="phone">Whether it is a phone of 390×844 or a screen of 1280×800.</param>
    /// <param name="language">What the browser says that its reader reads.</param>
    /// <param name="scripts">Whether it runs scripts.</param>
    public async Task<IPage> NewPageAsync(string? demoPerson = null, bool phone = true, string language = "en", bool scripts = true)
    {
        var context = await browser.NewContextAsync(
            new BrowserNewContextOptions
            {
                BaseURL = Address,
                Locale = language,
                ViewportSize = phone ? new ViewportSize { Width = 390, Height = 844 } : new ViewportSize { Width = 1280, Height = 800 },
                IsMobile = phone,
                HasTouch = phone,
                ReducedMotion = ReducedMotion.Reduce,
                JavaScriptEnabled = scripts,
            }
        );
        contexts.Add(context);
        context.SetDefaultTimeout(30_000);
        if (scripts)
        {
            await context.AddInitScriptAsync(Axe);
        }

        var page = await context.NewPageAsync();
        Listen(page);
        if (demoPerson is not null)
        {
            await SignInAsync(context.APIRequest, demoPerson);
        }

        return page;
    }

    /// <summary>Presses the landing page's button without drawing two pages, which would cost a second for each window.</summary>
    private static async Task SignInAsync(IAPIRequestContext browser, string demoPerson)
    {
        var landing = await (await browser.GetAsync("/")).TextAsync();
        var form = browser.CreateFormData();
        form.Set("username", demoPerson);
        form.Set("form_token", FormToken().Match(landing).Groups["token"].Value);
        var signedIn = await browser.PostAsync("/demo", new() { Form = form, MaxRedirects = 0 });
        Assert.True(signedIn.Status is 302 or 303, $"{demoPerson} could not sign in: {signedIn.Status} {await signedIn.TextAsync()}");
    }

    [GeneratedRegex("name=\"form_token\" value=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FormToken();

    /// <summary>
    /// Demands of the page as it stands: no serious or critical finding of axe in light and in dark, one first heading, nothing that sticks out sideways,
    /// and since it was opened no error in the console and nothing that the content security policy stopped.
    /// </summary>
    public async Task ScanAsync(IPage page)
    {
        foreach (var theme in new[] { "dark", "light" })
        {
            await page.EvaluateAsync("theme => document.documentElement.setAttribute('data-bs-theme', theme)", theme);
            var found = await page.EvaluateAsync<JsonElement>(
                """
                async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
                    .filter(one => one.impact === 'serious' || one.impact === 'critical')
                    .map(one => `${one.id}: ${one.help}: ${one.nodes.map(node => `${node.html} ${node.failureSummary}`).join(' | ')}`)
                """
            );
            Assert.True(found.GetArrayLength() == 0, $"{page.Url} ({theme}): {found}");
        }

        Assert.True(await page.Locator("h1").CountAsync() == 1, page.Url + " must have one h1");
        var wide = await page.EvaluateAsync<JsonElement>(
            """
            () => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? []
                : [...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > innerWidth + 1).map(one => one.outerHTML.slice(0, 120))
            """
        );
        Assert.True(wide.GetArrayLength() == 0, $"{page.Url} is wider than its window: {wide}");
        AssertQuiet(page);
    }

    /// <summary>Demands that nothing was said in the console, and nothing stopped by the content security policy.</summary>
    public void AssertQuiet(IPage page)
    {
        var said = heard[page];
        // A page that refuses has the status that says so, which Chromium mentions.
        Assert.Empty(
            said.Errors.Where(error => !said.Refused.Any(address => error.At.StartsWith(address + ":", StringComparison.Ordinal))).Select(error => error.Text)
        );
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var context in contexts)
        {
            await context.DisposeAsync();
        }

        await App.DisposeAsync();
        await database.DisposeAsync();
    }

    private void Listen(IPage page)
    {
        var said = heard[page] = new Heard([], []);
        page.PageError += (_, error) => said.Errors.Add(("", error));
        page.Console += (_, message) =>
        {
            if (message.Type is "error")
            {
                var failed = message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal);
                said.Errors.Add((failed ? message.Location : "", $"{message.Text} ({message.Location})"));
            }
        };
        page.Response += (_, response) =>
        {
            if (response.Status is >= 400 and < 500 && response.Request.IsNavigationRequest)
            {
                said.Refused.Add(response.Url);
            }
        };
    }

    private sealed record Heard(ConcurrentBag<(string At, string Text)> Errors, ConcurrentBag<string> Refused);
}
