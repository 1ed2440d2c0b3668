using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Florin.Bench;

/// <summary>Somebody with a wallet who is signed in.</summary>
/// <param name="Token">The access token.</param>
/// <param name="Wallet"><c>wal_…</c></param>
/// <param name="Number">The wallet's number.</param>
internal sealed record Customer(string Token, string Wallet, string Number);

/// <summary>Signs people up over HTTP and gives them money, as anybody would.</summary>
internal static class Customers
{
    private const string Password = "a long enough word";

    public static async Task<Customer[]> SignUpAsync(Uri server, int count, string currency, string money)
    {
        var run = Guid.NewGuid().ToString("N")[..8];
        using var http = new HttpClient { BaseAddress = server };
        var customers = new Customer[count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            async (i, _) => customers[i] = await SignUpAsync(http, string.Create(CultureInfo.InvariantCulture, $"bench-{run}-{i}"), currency, money)
        );
        return customers;
    }

    public static async Task<JsonElement> PostAsync(HttpClient http, string path, string? token, object body, string? key = null)
    {
        using var request = Post(path, token, body, key);
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonDocument.Parse(text).RootElement
            : throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {text}");
    }

    public static HttpRequestMessage Post(string path, string? token, object body, string? key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = JsonContent.Create(body) };
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        request.Headers.Add("Idempotency-Key", key ?? Guid.NewGuid().ToString());
        return request;
    }

    private static async Task<Customer> SignUpAsync(HttpClient http, string name, string currency, string money)
    {
        var started = await PostAsync(
            http,
            "/v1/registrations",
            null,
            new
            {
                username = name,
                email = $"{name}@example.com",
                password = Password,
            }
        );
        var registration = started.GetProperty("id").GetString();
        await PostAsync(http, $"/v1/registrations/{registration}/verify", null, new { code = started.GetProperty("sandbox_code").GetString() });
        var session = await PostAsync(http, "/v1/sessions", null, new { login = name, password = Password });
        var token = session.GetProperty("access_token").GetString()!;
        var wallet = await PostAsync(http, "/v1/wallets", token, new { currency });
        var id = wallet.GetProperty("id").GetString()!;
        await PostAsync(http, $"/v1/wallets/{id}/deposits", token, new { amount = new { amount = money, currency } });
        return new Customer(token, id, wallet.GetProperty("number").GetString()!);
    }
}
