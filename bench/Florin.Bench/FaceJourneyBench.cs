using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;

namespace Florin.Bench;

/// <summary>
/// Pay by face from the first photo to the tick at the till, with the real engine and pictures of real people (<c>orl/</c> of the folder): in Chromium, whose
/// camera shows the picture that the page asks for; then with the engine killed while people pay. Fails where anybody but the enrolled person pays, or the
/// books are not exact.
/// </summary>
internal sealed class FaceJourneyBench(string folder, Uri server, string address, int serverProcess) : IDisposable
{
    private const int Tries = 36;
    private const string Consent = "2026-11";
    private static readonly TimeSpan BetweenKills = TimeSpan.FromSeconds(11); // an engine that dies more often than that is left alone for longer and longer
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // Who looks straight and to both sides often enough, by what the engine says of them.
    private static readonly Model Payer = new("s39", Enrol: ["01", "08", "04"], Front: ["05", "09"], Left: ["02", "07"], Right: ["03", "10"]);
    private static readonly Model Stranger = new("s01", Enrol: [], Front: ["03", "07"], Left: ["02", "05"], Right: ["04", "06"]);

    private readonly HttpClient http = new() { BaseAddress = server };
    private readonly Dictionary<string, byte[]> drawn = new(StringComparer.Ordinal);

    public static async Task<int> RunAsync(string[] args)
    {
        var at = Array.IndexOf(args, "--set");
        var folder = at >= 0 && at + 1 < args.Length ? args[at + 1] : args.FirstOrDefault();
        if (folder is null || !File.Exists(Path.Combine(folder, "orl", "s01_01.png")))
        {
            await Console.Error.WriteLineAsync("usage: ./bench/run face-journey [--set] FOLDER: the folder holds orl/s01_01.png and so on");
            return 2;
        }

        var port = ServerProcess.FreePort();
        var address = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}");
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["FLORIN_DEMO"] = "true",
            ["FLORIN_RATE_LIMITS"] = "false",
            ["FLORIN_PUBLIC_URL"] = address,
            ["FLORIN_FACE_ENGINE"] = Path.GetFullPath("engines/face"),
            ["FLORIN_DATA"] = Path.Combine(Environment.GetEnvironmentVariable("FLORIN_BENCH_DIR") ?? Path.GetTempPath(), "data"),
        };
        await using var started = await ServerProcess.StartAsync(port, settings);
        using var bench = new FaceJourneyBench(folder, started.Address, address, started.Id);
        var report = new Report("Pay by face: real engine, real pictures");
        await bench.BrowseAsync(report);
        var wrong = await bench.KillAsync(report);
        var verified = await VerifyAsync();
        report.Add("face_books_wrong", verified ? 0 : 1, "florin verify found something");
        report.Print();
        return wrong == 0 && verified ? 0 : 1;
    }

    public void Dispose() => http.Dispose();

    private async Task BrowseAsync(Report report)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions { ExecutablePath = "/usr/bin/chromium", ChromiumSandbox = false }
        );
        var alice = await OpenAsync(browser, "alice", Payer);
        foreach (var model in (Model[])[Payer, Stranger])
        {
            foreach (var picture in model.All)
            {
                var url = await alice.EvaluateAsync<string>("name => window.florinCamera.still(name)", model.Person + picture);
                drawn[model.Person + picture] = Convert.FromBase64String(url[(url.IndexOf(',', StringComparison.Ordinal) + 1)..]);
            }
        }

        var clock = Stopwatch.StartNew();
        await alice.GotoAsync("/account/face");
        await alice.Locator("#face-agree").CheckAsync();
        await alice.Locator("#face-start").ClickAsync();
        await OrSayAsync(alice, () => alice.WaitForURLAsync("**/account/face?saved=1"));
        report.Add("face_enrol_s", clock.Elapsed.TotalSeconds, "enrolled in the browser, three photos, s");

        var before = await BalanceAsync();
        var till = await OpenAsync(browser, "corner-shop", Stranger);
        await till.GotoAsync("/portal/sale");
        await till.Locator("[name=amount]").FillAsync("7.00");
        await till.Locator("[name=currency]").SelectOptionAsync("USD");
        await till.Locator("form[action^='/portal/sale'] button.btn-primary").ClickAsync();
        await till.Locator("a[href$='/face']").ClickAsync();
        await till.Locator("#field-payer").FillAsync("alice");
        await till.Locator("#face-form button").ClickAsync();
        await till.Locator("#face-hint[data-code]").WaitForAsync(new() { Timeout = (float)Patience.TotalMilliseconds });
        var refused = await till.Locator("#face-hint").GetAttributeAsync("data-code");
        Console.Error.WriteLine($"  somebody else: {refused}");
        report.Add("face_stranger_refused", refused is "face_mismatch" ? 1 : 0, "somebody else before the camera was refused as such", "(bar 1)");

        await till.EvaluateAsync("person => window.florinCamera.become(person)", Payer.Person);
        clock.Restart();
        await till.Locator("#face-form button").ClickAsync();
        var checking = await till.EvalOnSelectorAsync<string>("#face-till", "place => place.dataset.checking");
        await till.WaitForFunctionAsync("text => document.getElementById('face-hint')?.textContent === text", checking);
        var turned = clock.Elapsed;
        await OrSayAsync(till, () => till.Locator(".tick").WaitForAsync(new() { Timeout = (float)Patience.TotalMilliseconds }));
        report.Add("face_turn_s", turned.TotalSeconds, "turning the head as the till asks, s");
        report.Add("face_result_s", (clock.Elapsed - turned).TotalSeconds, "from the last picture to the tick, s", "(bar 3)");
        report.Add("face_paid_minor", before - await BalanceAsync(), "what the payer's wallet went down by, cents", "(must be 700)");
    }

    // The engine is killed in the middle of every third try. Whoever is not the payer never pays, and the payer's money moves once a payment.
    private async Task<int> KillAsync(Report report)
    {
        using var till = await BenchTill.OpenAsync(server);
        var codes = await till.AskAsync(Tries);
        var outcomes = new Dictionary<string, int>(StringComparer.Ordinal);
        var away = new List<double>();
        var (wrong, paid, kills) = (0, 0, 0);
        Customer? payer = null;
        var back = Stopwatch.GetTimestamp();
        for (var i = 0; i < Tries; i++)
        {
            if (i % 4 == 0)
            {
                await AvailableAsync(payer);
                payer = (await Customers.SignUpAsync(server, 1, "USD", "100.00"))[0];
                await EnrolAsync(payer);
            }

            var who = i % 2 == 0 ? Payer : Stranger;
            if (i % 3 == 1 && BetweenKills - Stopwatch.GetElapsedTime(back) is { Ticks: > 0 } rest)
            {
                await Task.Delay(rest);
            }

            var kill = i % 3 == 1 ? KillEngineAsync(TimeSpan.FromMilliseconds(37 * i % 350)) : null;
            var outcome = await PayAsync(till, payer!, codes[i], who, i);
            outcomes[$"{(ReferenceEquals(who, Payer) ? "payer" : "stranger")}: {outcome}"] =
                outcomes.GetValueOrDefault($"{(ReferenceEquals(who, Payer) ? "payer" : "stranger")}: {outcome}") + 1;
            paid += outcome is "paid" ? 1 : 0;
            wrong += outcome is "paid" && ReferenceEquals(who, Stranger) ? 1 : 0;
            if (kill is not null)
            {
                kills++;
                var since = await kill;
                await AvailableAsync(payer);
                away.Add(Stopwatch.GetElapsedTime(since).TotalSeconds);
                back = Stopwatch.GetTimestamp();
            }
        }

        foreach (var (outcome, count) in outcomes.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            Console.Error.WriteLine($"  {outcome}: {count}");
        }

        away.Sort();
        report.Add("face_kills", kills, "kill -9 of the engine while somebody pays");
        report.Add("face_paid", paid, "paid by the person whose face it is", $"of {Tries / 2}");
        report.Add("face_wrongly_paid", wrong, "paid by somebody else", "(bar 0)");
        report.Add("face_away_p50_s", away[away.Count / 2], "engine away after a kill, p50, s");
        report.Add("face_away_most_s", away[^1], "engine away after a kill, longest, s", "(bar 2)");
        return wrong;
    }

    private async Task<string> PayAsync(BenchTill till, Customer payer, string code, Model who, int turn)
    {
        using var asked = Customers.Post($"/v1/payments/{code}/face-challenges", till.Token, new { payer = payer.Number }, key: null);
        using var answer = await http.SendAsync(asked);
        var challenge = await answer.Content.ReadFromJsonAsync<JsonElement>();
        if (!answer.IsSuccessStatusCode)
        {
            return challenge.GetProperty("code").GetString()!;
        }

        var used = new Dictionary<string, int>(StringComparer.Ordinal);
        var frames = new List<byte[]>();
        foreach (var step in challenge.GetProperty("steps").EnumerateArray().Select(step => step.GetString()!))
        {
            var pictures = who.Of(step);
            var nth = used[step] = used.GetValueOrDefault(step, -1) + 1;
            frames.Add([.. drawn[who.Person + pictures[nth % pictures.Count]], .. BitConverter.GetBytes(turn)]); // never the same bytes twice
        }

        var body = new
        {
            method = "wallet",
            payer = payer.Number,
            face = new { challenge = challenge.GetProperty("challenge").GetString(), frames },
        };
        using var order = Customers.Post($"/v1/payments/{code}/pay", till.Token, body, key: null);
        using var result = await http.SendAsync(order);
        return result.IsSuccessStatusCode ? "paid" : (await result.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString()!;
    }

    private async Task EnrolAsync(Customer payer)
    {
        using var form = new MultipartFormDataContent { { new StringContent(Consent), "consent" } };
        foreach (var picture in Payer.Enrol)
        {
            form.Add(new ByteArrayContent(drawn[Payer.Person + picture]), "photos", "photo.jpg");
        }

        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri("/v1/me/face", UriKind.Relative)) { Content = form };
        request.Headers.Authorization = new("Bearer", payer.Token);
        using var answer = await http.SendAsync(request);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException(await answer.Content.ReadAsStringAsync());
        }
    }

    // Until a picture is looked at again.
    private async Task AvailableAsync(Customer? person)
    {
        for (var clock = Stopwatch.StartNew(); person is not null; await Task.Delay(20))
        {
            using var picture = new ByteArrayContent(drawn[Payer.Person + Payer.Front[0]]);
            picture.Headers.ContentType = new("image/jpeg");
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/me/face/checks", UriKind.Relative)) { Content = picture };
            request.Headers.Authorization = new("Bearer", person.Token);
            using var answer = await http.SendAsync(request);
            if (answer.IsSuccessStatusCode)
            {
                return;
            }

            if (clock.Elapsed > Patience)
            {
                throw new TimeoutException(await answer.Content.ReadAsStringAsync());
            }
        }
    }

    private async Task<long> KillEngineAsync(TimeSpan after)
    {
        await Task.Delay(after);
        foreach (var engine in Process.GetProcessesByName("node").Where(node => ParentOf(node.Id) == serverProcess))
        {
            engine.Kill();
        }

        return Stopwatch.GetTimestamp();
    }

    // The fourth field of proc_pid_stat(5), behind a name that may hold anything.
    private static int ParentOf(int process)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // gone
        }
    }

    // The minor units of alice's dollars.
    private async Task<long> BalanceAsync()
    {
        var session = await Customers.PostAsync(http, "/v1/sessions", null, new { login = "alice", password = "florin-demo-pass" });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/wallets", UriKind.Relative));
        request.Headers.Authorization = new("Bearer", session.GetProperty("access_token").GetString());
        using var answer = await http.SendAsync(request);
        var dollars = (await answer.Content.ReadFromJsonAsync<JsonElement>())
            .GetProperty("data")
            .EnumerateArray()
            .First(wallet => wallet.GetProperty("currency").GetString() is "USD");
        return (long)(decimal.Parse(dollars.GetProperty("balance").GetProperty("amount").GetString()!, CultureInfo.InvariantCulture) * 100);
    }

    private static async Task<bool> VerifyAsync()
    {
        using var verify = Process.Start(
            new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Florin.dll"), "verify"])
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
            }
        )!;
        await verify.StandardOutput.ReadToEndAsync();
        await verify.WaitForExitAsync();
        return verify.ExitCode == 0;
    }

    private static async Task OrSayAsync(IPage page, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (TimeoutException)
        {
            Console.Error.WriteLine($"  the page says: {await page.Locator("#face-hint").TextContentAsync()}");
            Console.Error.WriteLine($"  the camera showed: {await page.EvaluateAsync<string>("window.florinCamera.shown()")}");
            throw;
        }
    }

    private async Task<IPage> OpenAsync(IBrowser browser, string person, Model before)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = address });
        await context.AddInitScriptAsync(Camera(before));
        var page = await context.NewPageAsync();
        await page.GotoAsync("/");
        await page.Locator($"button[name=username][value={person}]").ClickAsync();
        await page.Locator("form[action='/logout']").WaitForAsync();
        return page;
    }

    // A camera whose person does what the page says: a picture cannot know beforehand in which order it will be asked to turn.
    private string Camera(Model before)
    {
        var pictures = new[] { Payer, Stranger }.ToDictionary(model => model.Person, model => model.All.ToDictionary(name => name, name => UrlOf(model, name)));
        var roles = new[] { Payer, Stranger }.ToDictionary(
            model => model.Person,
            model => new
            {
                enrol = model.Enrol,
                front = model.Front,
                left = model.Left,
                right = model.Right,
            }
        );
        return """
            (() => {
              const pictures = PICTURES, roles = ROLES;
              let person = "BEFORE", step = "", used = {}, shown = [];
              const images = {};
              for (const [who, named] of Object.entries(pictures))
                for (const [name, url] of Object.entries(named)) { images[who + name] = new Image(); images[who + name].src = url; }
              const canvas = document.createElement("canvas");
              [canvas.width, canvas.height] = [640, 779];
              const draw = (name) => {
                const ink = canvas.getContext("2d");
                ink.fillStyle = "#777";
                ink.fillRect(0, 0, 640, 779);
                ink.drawImage(images[name], 131, 160, 378, 459); // a tight crop needs a border to be found
              };
              const asked = () => {
                const arrow = document.getElementById("face-arrow");
                if (arrow) return ["front", "left", "right"].find((way) => arrow.classList.contains(way)) ?? "";
                const place = document.getElementById("face"), hint = document.getElementById("face-hint");
                if (!place || !hint) return "";
                return hint.textContent === place.dataset.left ? "enrol1" : hint.textContent === place.dataset.right ? "enrol2" : step || "enrol0";
              };
              const show = () => {
                const now = asked();
                if (now !== step) {
                  step = now;
                  if (step) used[step] = (used[step] ?? -1) + 1;
                }
                const mine = roles[person];
                const list = step.startsWith("enrol") ? [mine.enrol[Number(step.at(-1))]] : (mine[step] ?? mine.front);
                const name = person + list[(used[step] ?? 0) % list.length];
                if (shown.at(-1) !== name) shown.push(name);
                draw(name);
              };
              navigator.mediaDevices.getUserMedia = async () => {
                await Promise.all(Object.values(images).map((image) => image.decode()));
                show();
                setInterval(show, 40);
                return canvas.captureStream(20);
              };
              window.florinCamera = {
                shown: () => shown.join(" "),
                become: (who) => { person = who; used = {}; step = ""; },
                still: async (name) => { await images[name].decode(); draw(name); return canvas.toDataURL("image/jpeg", 0.95); },
              };
            })();
            """.Replace("PICTURES", JsonSerializer.Serialize(pictures), StringComparison.Ordinal).Replace(
            "ROLES",
            JsonSerializer.Serialize(roles),
            StringComparison.Ordinal
        ).Replace("BEFORE", before.Person, StringComparison.Ordinal);
    }

    private string UrlOf(Model model, string name) =>
        "data:image/png;base64," + Convert.ToBase64String(File.ReadAllBytes(Path.Combine(folder, "orl", $"{model.Person}_{name}.png")));

    private sealed record Model(
        string Person,
        IReadOnlyList<string> Enrol,
        IReadOnlyList<string> Front,
        IReadOnlyList<string> Left,
        IReadOnlyList<string> Right
    )
    {
        public IEnumerable<string> All => [.. Enrol, .. Front, .. Left, .. Right];

        public IReadOnlyList<string> Of(string step) =>
            step switch
            {
                "left" => Left,
                "right" => Right,
                _ => Front,
            };
    }
}
