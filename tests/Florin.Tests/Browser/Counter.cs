using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Florin.Fx;
using Florin.Tests.Wallets;

namespace Florin.Tests.Browser;

/// <summary>Somebody of the demo at the API, such as the corner shop that asks for payments.</summary>
internal sealed class Counter : IDisposable
{
    public const string Password = "florin-demo-pass";
    public const string Pin = "1234";
    private readonly HttpClient http;

    private Counter(HttpClient http) => this.http = http;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary><c>shp_…</c></summary>
    public string Shop { get; private set; } = "";

    public static async Task<Counter> OpenAsync(BrowserApp browser, string person = "corner-shop")
    {
        await RefreshRates.RunAsync(browser.App.Services, Cancel);
        var counter = new Counter(browser.App.CreateClient());
        var session = await counter.PostAsync("/v1/sessions", new { login = person, password = Password });
        counter.http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session.Text("access_token"));
        var shops = await counter.GetAsync("/v1/shops");
        counter.Shop = shops.At("data").GetArrayLength() > 0 ? shops.At("data")[0].Text("id") : "";
        return counter;
    }

    /// <summary>Asks for a sale.</summary>
    /// <returns>The payment's id and code.</returns>
    public async Task<(string Id, string Code)> AskAsync(string amount, string currency = "USD", string? description = null)
    {
        var order = new
        {
            purpose = "sale",
            amount = new { amount, currency },
            subject = new { shop = Shop },
            description,
        };
        var made = await PostAsync("/v1/payments", order);
        return (made.Text("id"), made.Text("code"));
    }

    /// <summary>How a payment stands.</summary>
    public async Task<string> StateAsync(string id) => (await GetAsync("/v1/payments/" + id)).Text("state");

    public async Task<JsonElement> GetAsync(string path) => await JsonAsync(await http.GetAsync(new Uri(path, UriKind.Relative), Cancel));

    public Task<byte[]> BytesAsync(string path) => http.GetByteArrayAsync(new Uri(path, UriKind.Relative), Cancel);

    public Task<JsonElement> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, body);

    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", Customer.NewKey());
        return await JsonAsync(await http.SendAsync(request, Cancel));
    }

    public void Dispose() => http.Dispose();

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
            return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        }
    }
}
