using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Florin.Tests.Identity;

/// <summary>An answer with its JSON.</summary>
public sealed record Got(HttpStatusCode Status, JsonElement Body, HttpResponseMessage Message)
{
    public string? Text(string name) => Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty(name, out var value) ? value.ToString() : null;

    public string? Code => Text("code");

    public string Access => Text("access_token")!;

    public string Refresh => Text("refresh_token")!;
}

/// <summary>What tests of sign-up and sign-in say again and again.</summary>
public static class Calls
{
    public const string Password = "correct horse battery";
    private static int last;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A name that no other test of this run has.</summary>
    public static string Fresh(string start) => $"{start}{Interlocked.Increment(ref last)}x{Guid.NewGuid():N}"[..24];

    public static string FreshPhone() => "+7701" + Interlocked.Increment(ref last).ToString("D7", null);

    public static async Task<Got> SendAsync(this HttpClient http, HttpMethod method, string path, object? body = null, string? token = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = JsonContent.Create(body);
        }

        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        var answer = await http.SendAsync(request, Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        return new Got(answer.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement, answer);
    }

    public static Task<Got> PostAsync(this HttpClient http, string path, object body, string? token = null) =>
        http.SendAsync(HttpMethod.Post, path, body, token);

    public static Task<Got> GetAsync(this HttpClient http, string path, string? token) => http.SendAsync(HttpMethod.Get, path, token: token);

    public static Task<Got> StartAsync(this HttpClient http, object registration) => http.PostAsync("/v1/registrations", registration);

    public static Task<Got> VerifyAsync(this HttpClient http, Got started, string? code = null) =>
        http.PostAsync($"/v1/registrations/{started.Text("id")}/verify", new { code = code ?? started.Text("sandbox_code") });

    /// <summary>Signs up a customer with this username and an e-mail address made of it.</summary>
    public static async Task<Got> RegisterAsync(this HttpClient http, string username, string? phone = null)
    {
        var started = await http.StartAsync(
            new
            {
                username,
                email = username + "@example.org",
                phone,
                password = Password,
            }
        );
        Assert.Equal(HttpStatusCode.Accepted, started.Status);
        var verified = await http.VerifyAsync(started);
        Assert.Equal(HttpStatusCode.Created, verified.Status);
        return verified;
    }

    public static Task<Got> SignInAsync(this HttpClient http, string login, string password = Password, string? device = null) =>
        http.PostAsync(
            "/v1/sessions",
            new
            {
                login,
                password,
                device,
            }
        );

    /// <summary>A client that calls from another address of the loopback network.</summary>
    public static HttpClient From(this FlorinApp app, string address)
    {
#pragma warning disable CA2000 // the client disposes its handler
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancel) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, context.DnsEndPoint.Port), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
#pragma warning restore CA2000
        return new HttpClient(handler) { BaseAddress = app.Http.BaseAddress };
    }
}
