using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Florin.Bench;

/// <summary>One page to take a picture of.</summary>
/// <param name="Name">The file's.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Who">Which demo person reads it; nothing for nobody.</param>
/// <param name="Prepare">Makes what it shows; gives its path.</param>
internal sealed record Screen(string Name, string Path, string Who = "", Func<ScreensShop, Task<string>>? Prepare = null);

/// <summary>How a page is looked at.</summary>
internal sealed record ScreenView(string Name, int Width, int Height, bool Dark);

/// <summary>The pages that <c>./bench/run screens</c> takes pictures of. A new page gets a line.</summary>
internal static class Screens
{
    public static readonly IReadOnlyList<ScreenView> Views =
    [
        new("phone", 390, 844, Dark: false),
        new("phone-dark", 390, 844, Dark: true),
        new("screen", 1280, 800, Dark: false),
    ];

    public static readonly IReadOnlyList<Screen> All =
    [
        new("landing", "/"),
        new("login", "/login"),
        new("register", "/register"),
        new("forgot", "/forgot"),
        new("logout", "/logout", "alice"),
        new("not-found", "/no-such-page"),
        new("ui", "/dev/ui"),
        new("outbox", "/dev/outbox"),
        new("pay-guest", "", "", async shop => (await shop.AskAsync("12.50")).Path),
        new("pay-warned", "", "", async shop => (await shop.AskAsync("12.50")).Path + "?s=AAAAAAAAAAAAAAAA"),
        new("pay-cancelled", "", "", shop => shop.CancelledAsync()),
        new("pay-paid", "", "", shop => shop.PaidAsync("/pay/")),
        new("receipt", "", "", shop => shop.PaidAsync("/receipts/")),
        new("pay-anyone-guest", "", "", shop => Task.FromResult(shop.Standing)),
        new("pay-wallet", "", "alice", async shop => (await shop.AskAsync("12.50")).Path),
        new("pay-convert", "", "alice", shop => shop.ConvertAsync()),
        new("pay-short", "", "alice", async shop => (await shop.AskAsync("4500.00")).Path),
        new("pay-anyone", "", "alice", shop => Task.FromResult(shop.Standing)),
        new("wallets", "/wallet", "alice"),
        new("wallet", "", "alice", shop => Task.FromResult(shop.Wallet)),
        new("wallet-settings", "", "alice", shop => Task.FromResult(shop.Wallet + "/settings")),
        new("statement", "", "alice", shop => Task.FromResult(shop.Wallet + "/statement")),
        new("send", "/wallet/send", "alice"),
        new("top-up", "/wallet/top-up", "alice"),
        new("withdraw", "/wallet/withdraw", "alice"),
        new("receive", "/wallet/receive", "alice"),
        new("scan", "/wallet/scan", "alice"),
        new("files", "/files", "alice"),
        new("old-dashboard", "/api/dashboard", "staff"),
        new("vouchers", "/vouchers", "alice"),
        new("vouchers-mine", "/vouchers/mine", "alice"),
        new("vouchers-redeem", "/vouchers/redeem", "alice"),
        .. Account("", "profile", "contact", "password", "pin", "totp", "passkeys", "face", "cards", "sessions", "notifications", "activity", "data"),
        new("account-invitations", "/account/invitations", "alice"),
        new("portal", "/portal", "corner-shop"),
        new("sale", "/portal/sale", "corner-shop"),
        new("till", "/portal/sale?till=1", "corner-shop"),
        new("payment-open", "", "corner-shop", async shop => "/portal/payments/" + (await shop.AskAsync("12.50")).Id),
        new("payment-face", "", "corner-shop", async shop => $"/portal/payments/{(await shop.AskAsync("12.50")).Id}/face"),
        .. Staff("admin", "operations", "operations/jobs", "operations/queues", "operations/callbacks", "operations/settings"),
        .. Staff("staff", "reconciliation"),
        .. Portal("payments", "bills", "bills/new", "customers", "customers/new", "takings", "balance", "sign", "settings", "shops", "developers"),
        new("admin", "/admin", "admin"),
        new("dashboard", "/dashboard?period=24h", "staff"),
        new("staff-search", "/admin/search?q=alice", "staff"),
        new("staff-person", "", "admin", async shop => await shop.FoundAsync("people", "/admin/people/", "alice")),
        new("staff-wallet", "", "staff", shop => Task.FromResult("/admin" + shop.Wallet.Replace("/wallet/", "/wallets/", StringComparison.Ordinal))),
        new("staff-payment", "", "staff", async shop => "/admin/payments/" + (await shop.AskAsync("12.50")).Id),
        new("staff-ledger", "/admin/ledger", "staff"),
        new("staff-adjustments", "/admin/adjustments", "staff"),
        .. Staff("admin", "people", "shops", "payouts", "payments", "plans", "rates", "faces", "vouchers"),
    ];

    private static IEnumerable<Screen> Account(params string[] pages) =>
        pages.Select(page => new Screen("account" + (page.Length > 0 ? "-" : "") + page, "/account/" + page, "alice"));

    private static IEnumerable<Screen> Staff(string who, params string[] pages) =>
        pages.Select(page => new Screen("admin-" + page.Replace('/', '-'), "/admin/" + page, who));

    private static IEnumerable<Screen> Portal(params string[] pages) =>
        pages.Select(page => new Screen("portal-" + page.Replace('/', '-'), "/portal/" + page, "corner-shop"));
}

/// <summary>The demo's shop at the API, which makes what pages show.</summary>
internal sealed class ScreensShop : IDisposable
{
    private readonly HttpClient http;
    private string shop = "";
    private string wallet = "";

    private ScreensShop(Uri server) => http = new HttpClient { BaseAddress = server };

    /// <summary>The page of a wallet of alice's.</summary>
    public string Wallet => "/wallet/" + wallet;

    /// <summary>The shop's standing code, as an address.</summary>
    public string Standing { get; private set; } = "";

    public static async Task<ScreensShop> OpenAsync(Uri server)
    {
        var opened = new ScreensShop(server);
        var alice = await opened.SignInAsync("alice");
        opened.http.DefaultRequestHeaders.Authorization = alice;
        var wallets = await opened.http.GetFromJsonAsync<JsonElement>(new Uri("/v1/wallets", UriKind.Relative));
        opened.wallet = wallets
            .GetProperty("data")
            .EnumerateArray()
            .First(one => one.GetProperty("currency").GetString() is "KZT")
            .GetProperty("id")
            .GetString()!;
        opened.http.DefaultRequestHeaders.Authorization = await opened.SignInAsync("corner-shop");
        var shops = await opened.http.GetFromJsonAsync<JsonElement>(new Uri("/v1/shops", UriKind.Relative));
        opened.shop = shops.GetProperty("data")[0].GetProperty("id").GetString()!;
        var sign = await opened.http.GetFromJsonAsync<JsonElement>(new Uri($"/v1/shops/{opened.shop}/sign", UriKind.Relative));
        opened.Standing = "/pay-anyone/" + sign.GetProperty("code").GetString();
        return opened;
    }

    /// <summary>Asks for a sale in dollars.</summary>
    /// <returns>Its id, and the payer's page.</returns>
    public async Task<(string Id, string Path)> AskAsync(string amount)
    {
        var order = new
        {
            purpose = "sale",
            amount = new { amount, currency = "USD" },
            subject = new { shop },
            description = "Two teas and a cake",
        };
        var made = await PostAsync("/v1/payments", order);
        var path = "/pay/" + made.GetProperty("code").GetString();
        return (made.GetProperty("id").GetString()!, path);
    }

    /// <summary>The first of what staff find.</summary>
    public async Task<string> FoundAsync(string list, string path, string said)
    {
        var (mine, staff) = (http.DefaultRequestHeaders.Authorization, await SignInAsync("staff"));
        http.DefaultRequestHeaders.Authorization = staff;
        var found = await http.GetFromJsonAsync<JsonElement>(new Uri("/v1/search?q=" + Uri.EscapeDataString(said), UriKind.Relative));
        http.DefaultRequestHeaders.Authorization = mine;
        return path + found.GetProperty(list)[0].GetProperty("id").GetString();
    }

    /// <summary>A payment that the shop called off.</summary>
    public async Task<string> CancelledAsync()
    {
        var (id, path) = await AskAsync("12.50");
        await PostAsync($"/v1/payments/{id}/cancel", new { });
        return path;
    }

    /// <summary>A payment that was paid in cash, and partly refunded.</summary>
    /// <param name="page">Which page of it.</param>
    public async Task<string> PaidAsync(string page)
    {
        var (id, path) = await AskAsync("12.50");
        await PostAsync($"/v1/payments/{id}/pay", new { method = "cash" });
        await PostAsync($"/v1/payments/{id}/refunds", new { amount = new { amount = "2.50", currency = "USD" }, reason = "customer_request" });
        return page + path["/pay/".Length..];
    }

    /// <summary>A payment that alice pays from her wallet of another currency.</summary>
    public async Task<string> ConvertAsync() => (await AskAsync("12.50")).Path + "?wallet=" + wallet;

    public void Dispose() => http.Dispose();

    private async Task<AuthenticationHeaderValue> SignInAsync(string login)
    {
        var session = await PostAsync("/v1/sessions", new { login, password = "florin-demo-pass" });
        return new AuthenticationHeaderValue("Bearer", session.GetProperty("access_token").GetString());
    }

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture));
        using var answer = await http.SendAsync(request);
        var said = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(said).RootElement : throw new InvalidOperationException($"{path}: {said}");
    }
}
