using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;

namespace Florin.Bench;

/// <summary>Starts the product with its demo people and takes a picture of every page, as phones and screens show it, into a folder.</summary>
internal static class ScreensBench
{
    private const int Loads = 200;

    public static async Task<int> RunAsync(string[] args)
    {
        var folder = Path.GetFullPath(args.FirstOrDefault() ?? "screens");
        var only = args.Skip(1).FirstOrDefault() ?? ""; // pages whose names begin so
        Directory.CreateDirectory(folder);
        var port = ServerProcess.FreePort();
        var address = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}");
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["FLORIN_DEMO"] = "true",
            ["FLORIN_RATE_LIMITS"] = "false",
            ["FLORIN_PUBLIC_URL"] = address,
            ["FLORIN_DATA"] = Path.Combine(Environment.GetEnvironmentVariable("FLORIN_BENCH_DIR") ?? Path.GetTempPath(), "data"),
        };
        await using var server = await ServerProcess.StartAsync(port, settings);
        using var shop = await ScreensShop.OpenAsync(server.Address);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions { ExecutablePath = "/usr/bin/chromium", ChromiumSandbox = false }
        );
        if (Screens.All.Any(screen => screen.Name.StartsWith("admin", StringComparison.Ordinal) && screen.Name.StartsWith(only, StringComparison.Ordinal)))
        {
            await shop.Desk.PathAsync(_ => "");
        }

        var taken = 0;
        foreach (var view in Screens.Views)
        {
            foreach (
                var readers in Screens
                    .All.Where(screen => screen.Name.StartsWith(only, StringComparison.Ordinal))
                    .GroupBy(screen => screen.Who, StringComparer.Ordinal)
            )
            {
                await using var context = await browser.NewContextAsync(
                    new BrowserNewContextOptions
                    {
                        BaseURL = address,
                        ViewportSize = new ViewportSize { Width = view.Width, Height = view.Height },
                        ColorScheme = view.Dark ? ColorScheme.Dark : ColorScheme.Light,
                        ReducedMotion = ReducedMotion.Reduce,
                    }
                );
                var page = await context.NewPageAsync();
                if (readers.Key is { Length: > 0 } who)
                {
                    await page.GotoAsync("/");
                    await page.Locator($"button[name=username][value={who}]").ClickAsync();
                    await page.Locator("form[action='/logout']").WaitForAsync();
                }

                foreach (var screen in readers)
                {
                    await page.GotoAsync(screen.Prepare is null ? screen.Path : await screen.Prepare(shop));
                    if (screen.Unfold)
                    {
                        await page.EvaluateAsync("() => document.querySelectorAll('details').forEach(one => one.open = true)");
                    }

                    var file = Path.Combine(folder, $"{screen.Name}-{view.Name}.png");
                    await page.ScreenshotAsync(new PageScreenshotOptions { Path = file, FullPage = true });
                    taken++;
                }
            }
        }

        Console.Error.WriteLine($"  {taken} pictures in {folder}");
        var report = new Report("Pages: time of the server from request to answer, one client");
        await TimeAsync(report, server.Address, "pay_page", (await shop.AskAsync("12.50")).Path);
        await TimeAsync(report, server.Address, "landing", "/");
        report.Print();
        return 0;
    }

    private static async Task TimeAsync(Report report, Uri server, string name, string path)
    {
        using var http = new HttpClient { BaseAddress = server };
        var times = new List<double>(Loads);
        for (var load = 0; load < Loads * 2; load++)
        {
            var clock = Stopwatch.GetTimestamp();
            await http.GetStringAsync(new Uri(path, UriKind.Relative));
            if (load >= Loads) // the first ones are compiled
            {
                times.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
            }
        }

        times.Sort();
        report.Add(name + "_p50_ms", times[Loads / 2], $"p50 of {path.Split('/')[1]}, ms", "(bar 30)");
        report.Add(name + "_p99_ms", times[Loads * 99 / 100], $"p99 of {path.Split('/')[1]}, ms");
    }
}
