using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using Florin.Identity;
using Florin.Platform;
using Florin.Tests.Biometrics;
using Microsoft.Extensions.DependencyInjection;

namespace Florin.Tests.Compat;

/// <summary>One server for the old systems' tests: the five are used together on it.</summary>
[CollectionDefinition(Name)]
public sealed class CompatServer : ICollectionFixture<FaceRig>
{
    public const string Name = "compat";
}

/// <summary>What an old client got.</summary>
internal sealed record Said(int Status, string Text, HttpResponseMessage Http)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Text);

    /// <summary>The body of an answer with this status.</summary>
    public JsonElement Must(int status)
    {
        Assert.True(status == Status, $"{Status} instead of {status}: {Text}");
        return Text.Length == 0 ? default : Json;
    }

    /// <summary>The body of an answer with one of two statuses.</summary>
    public JsonElement Must(int status, int orElse) => Must(Status == orElse ? orElse : status);

    /// <summary>The names of the body's members, in order.</summary>
    public string Members => string.Join(' ', Json.EnumerateObject().Select(member => member.Name));

    public string? Header(string name) =>
        Http.Headers.TryGetValues(name, out var values) || Http.Content.Headers.TryGetValues(name, out values) ? string.Join(',', values) : null;
}

/// <summary>A client of the old systems: sends what their READMEs show.</summary>
internal sealed class OldClient
{
    public const string Password = "a long enough pass phrase";

#pragma warning disable CA2000 // the client disposes it
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
#pragma warning restore CA2000
    private readonly FlorinApp app;

    private OldClient(FlorinApp app, string username)
    {
        this.app = app;
        Username = username;
    }

    public string Username { get; }

    /// <summary>The small integer id.</summary>
    public long Number { get; private set; }

    public Guid Id { get; private set; }

    public string? Token { get; set; }

    public string? Cookie { get; set; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Nobody.</summary>
    /// <param name="app">The program.</param>
    /// <param name="username">What they call themselves.</param>
    public static OldClient Anonymous(FlorinApp app, string username = "") => new(app, username);

    /// <summary>A person who exists and has not signed in.</summary>
    public static async Task<OldClient> NewAsync(FlorinApp app, params string[] roles)
    {
        var client = new OldClient(app, "o" + Guid.NewGuid().ToString("N")[..12]);
        // Other tests of this server typed wrong passwords on purpose.
        await app.Database.ScalarAsync<long>("with gone as (delete from identity.sign_in_sources returning 1) select count(*) from gone");
        await using var scope = app.Services.CreateAsyncScope();
        var person = await scope
            .ServiceProvider.GetRequiredService<People>()
            .CreateAsync(
                new PersonDraft
                {
                    Username = client.Username,
                    Email = client.Username + "@example.org",
                    EmailVerified = true,
                    PasswordHash = await app.Get<Passwords>().HashAsync(Password, Cancel),
                    Roles = roles.Length == 0 ? [Roles.Customer] : roles,
                },
                Cancel
            );
        client.Id = person.Id;
        client.Number = await app.Database.ScalarAsync<long>("select number from identity.people where id = $1", person.Id);
        return client;
    }

    /// <summary>The same, signed in as seed 1 does.</summary>
    public static async Task<OldClient> SignedInAsync(FlorinApp app, params string[] roles)
    {
        var client = await NewAsync(app, roles);
        await client.SignInAsync();
        return client;
    }

    /// <summary>A merchant with a shop.</summary>
    public static async Task<OldClient> ShopAsync(FlorinApp app)
    {
        var owner = await SignedInAsync(app, Roles.Customer, Roles.Merchant);
        (await owner.PostAsync("/v1/shops", new { name = "Corner Shop" })).Must(201);
        return owner;
    }

    /// <summary>Somebody of that name, who signs in with that password.</summary>
    public static async Task<OldClient> OfAsync(FlorinApp app, string username, string password)
    {
        var client = new OldClient(app, username);
        await client.SignInAsync(password);
        return client;
    }

    public async Task SignInAsync(string password = Password)
    {
        var tokens = (await PostAsync("/api/auth/login/", new { username = Username, password })).Must(200);
        Token = tokens.GetProperty("access").GetString();
    }

    /// <summary>Looks up who this is.</summary>
    public async Task KnowAsync()
    {
        Id = await app.Database.ScalarAsync<Guid>("select id from identity.people where username = $1", Username);
        Number = await app.Database.ScalarAsync<long>("select number from identity.people where id = $1", Id);
    }

    /// <summary>The same person by the cookie of seed 4.</summary>
    public async Task<OldClient> WithCookieAsync(string password = Password)
    {
        var answer = await PostAsync("/api/login", new { login = Username, password });
        answer.Must(200);
        var cookie = answer.Header("Set-Cookie")!.Split(';')[0];
        return new OldClient(app, Username)
        {
            Cookie = cookie,
            Number = Number,
            Id = Id,
        };
    }

    public Task<Said> GetAsync(string path) => SendAsync("GET", path);

    public Task<Said> PostAsync(string path, object? body = null, string? key = null) =>
        SendAsync("POST", path, body is null ? null : JsonContent.Create(body), ("Idempotency-Key", key ?? Guid.NewGuid().ToString()));

    public Task<Said> FormAsync(string path, params (string Name, string Value)[] fields) =>
        SendAsync("POST", path, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));

    public async Task<Said> SendAsync(string method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(app.Http.BaseAddress!, path)) { Content = content };
        if (Token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        }

        if (Cookie is not null)
        {
            request.Headers.Add("Cookie", Cookie);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        var answer = await Http.SendAsync(request, Cancel);
        return new Said((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel), answer);
    }

    /// <summary>A plain WebSocket.</summary>
    public async Task<ClientWebSocket> SocketAsync(string path, params (string Name, string Value)[] headers)
    {
        var socket = new ClientWebSocket();
        foreach (var (name, value) in headers)
        {
            socket.Options.SetRequestHeader(name, value);
        }

        await socket.ConnectAsync(new Uri($"ws://{app.Http.BaseAddress!.Authority}{path}"), Cancel);
        return socket;
    }

    /// <summary>Puts money into the wallet.</summary>
    public async Task AddAsync(string amount) => (await PostAsync("/api/wallet/add/", new { amount })).Must(200);

    public async Task<string> BalanceAsync() => (await GetAsync("/api/wallet/")).Must(200).GetProperty("balance").GetString()!;

    /// <summary>What the person's shop holds.</summary>
    public async Task<string> ShopHoldsAsync()
    {
        var shop = (await GetAsync("/v1/shops")).Must(200).GetProperty("data")[0].GetProperty("id").GetString();
        var balances = (await GetAsync("/v1/shops/" + shop)).Must(200).GetProperty("balances");
        return balances.GetArrayLength() == 0 ? "0.00" : balances[0].GetProperty("settlement").GetProperty("amount").GetString()!;
    }
}
