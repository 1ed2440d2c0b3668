using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Florin.Identity;
using Florin.Money;
using Florin.Platform;

namespace Florin.Tests.Wallets;

/// <summary>A signed-in person who uses wallets over HTTP.</summary>
internal sealed class Customer
{
    private readonly FlorinApp app;
    private readonly string token;
    private string[] roles = [Roles.Customer];

    private Customer(FlorinApp app, Guid id, string token)
    {
        this.app = app;
        this.token = token;
        Id = id;
    }

    public Guid Id { get; }

    /// <summary>A new person with a token of their own; how one signs in is Identity's test.</summary>
    public static async Task<Customer> NewAsync(FlorinApp app, string? pin = null, string? password = null, params string[] roles)
    {
        if (roles.Length == 0)
        {
            roles = [Roles.Customer];
        }

        var id = Ids.New();
        async Task<string> HashAsync(string? secret) => secret is null ? "" : await app.Get<Passwords>().HashAsync(secret, CancellationToken.None);
        await app.Database.ScalarAsync<int>(
            "insert into identity.people (id, username, first_name, last_name, roles, pin_hash, password_hash, created_at, updated_at) "
                + "values ($1, $2, 'Ada', 'Lovelace', $5, nullif($3, ''), nullif($4, ''), now(), now())",
            id,
            "c" + id.ToString("N"),
            await HashAsync(pin),
            await HashAsync(password),
            roles
        );
        return new Customer(app, id, TokenOf(app, id, roles)) { roles = roles };
    }

    /// <summary>A person who is there already.</summary>
    public static Customer Of(FlorinApp app, Guid id) => new(app, id, TokenOf(app, id, [Roles.Customer]));

    /// <summary>The same person with a fresh token, for when the clock was wound past the old one.</summary>
    public Customer Again() => new(app, Id, TokenOf(app, Id, roles)) { roles = roles };

    /// <summary>The same person in a session that began too long ago to prove anything by itself.</summary>
    public Customer Stale() =>
        new(app, Id, app.Get<AccessTokens>().Issue(Id, Ids.New(), roles, app.Clock.GetUtcNow() - TimeSpan.FromMinutes(11))) { roles = roles };

    /// <summary>The same person with other roles.</summary>
    public Customer As(string[] others) => new(app, Id, TokenOf(app, Id, others)) { roles = others };

    /// <summary>The same person at another server.</summary>
    public Customer At(FlorinApp other) => new(other, Id, token) { roles = roles };

    /// <param name="method">The method.</param>
    /// <param name="path">Below <c>/v1/wallets</c>, or from <c>/v1</c> on.</param>
    /// <param name="body">JSON.</param>
    /// <param name="key">The idempotency key.</param>
    /// <param name="accept">The Accept header.</param>
    public Task<Answered> SendAsync(HttpMethod method, string path, string? body = null, string? key = null, string? accept = null) =>
        SendAsync(method, path, body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"), key, accept);

    /// <param name="method">The method.</param>
    /// <param name="path">Below <c>/v1/wallets</c>, or from <c>/v1</c> on.</param>
    /// <param name="content">The body, such as a form; it is disposed.</param>
    /// <param name="key">The idempotency key.</param>
    /// <param name="accept">The Accept header.</param>
    public async Task<Answered> SendAsync(HttpMethod method, string path, HttpContent? content, string? key = null, string? accept = null)
    {
        var address =
            path.StartsWith("/v1/", StringComparison.Ordinal)
            || path.StartsWith("/receipts/", StringComparison.Ordinal)
            || path.StartsWith("/pay", StringComparison.Ordinal)
                ? path
                : "/v1/wallets" + path;
        using var request = new HttpRequestMessage(method, new Uri(address, UriKind.Relative)) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (key is not null)
        {
            request.Headers.Add(Idempotency.Header, key);
        }

        if (accept is not null)
        {
            request.Headers.Add("Accept", accept);
        }

        using var answer = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return new Answered(
            (int)answer.StatusCode,
            await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken),
            answer.Headers.Contains("Idempotency-Replayed"),
            answer.Content.Headers.ContentType?.MediaType
        );
    }

    public Task<Answered> GetAsync(string path = "") => SendAsync(HttpMethod.Get, path);

    public Task<Answered> PostAsync(string path, string body, string? key = null) => SendAsync(HttpMethod.Post, path, body, key ?? NewKey());

    private static string TokenOf(FlorinApp app, Guid person, string[] roles) => app.Get<AccessTokens>().Issue(person, Ids.New(), roles, app.Clock.GetUtcNow());

    public static string NewKey() => Guid.NewGuid().ToString();

    /// <summary>Opens a wallet and puts money in.</summary>
    public async Task<Purse> OpenAsync(string currency = "KZT", string? balance = null)
    {
        var opened = (await PostAsync("", $$"""{"currency":"{{currency}}"}""")).Must(201);
        var purse = new Purse(this, opened.Text("id"), opened.Text("number"), Currency.Of(currency));
        if (balance is not null)
        {
            (await purse.DepositAsync(balance)).Must(201);
        }

        return purse;
    }
}

/// <summary>A customer's wallet over HTTP.</summary>
internal sealed record Purse(Customer Owner, string Id, string Number, Currency Currency)
{
    public Guid Key => Ids.Read("wal", Id);

    public string Path => "/" + Id;

    public string Money(string amount) => $$"""{"amount":"{{amount}}","currency":"{{Currency.Code}}"}""";

    public Task<Answered> DepositAsync(string amount, string? key = null) => Owner.PostAsync(Path + "/deposits", $$"""{"amount":{{Money(amount)}}}""", key);

    public Task<Answered> WithdrawAsync(string amount, string? key = null) => Owner.PostAsync(Path + "/withdrawals", $$"""{"amount":{{Money(amount)}}}""", key);

    /// <param name="to">The receiver.</param>
    /// <param name="amount">A decimal.</param>
    /// <param name="more">Further members, such as <c>,"note":"x"</c>.</param>
    /// <param name="key">The idempotency key.</param>
    public Task<Answered> SendAsync(Purse to, string amount, string more = "", string? key = null) =>
        Owner.PostAsync(Path + "/transfers", $$"""{"to":"{{to.Number}}","amount":{{Money(amount)}}{{more}}}""", key);

    public async Task<JsonElement> ShowAsync() => (await Owner.GetAsync(Path)).Must(200);

    public async Task<string> BalanceAsync() => (await ShowAsync()).Text("balance.amount");
}

/// <summary>An answer, read whole.</summary>
internal sealed record Answered(int Status, byte[] Bytes, bool Replayed, string? ContentType)
{
    public string Body => Encoding.UTF8.GetString(Bytes);

    /// <summary>The body of an answer that must have this status.</summary>
    public JsonElement Must(int status)
    {
        Assert.True(status == Status, $"{Status} instead of {status}: {Body}");
        return Bytes.Length == 0 ? default : JsonDocument.Parse(Bytes).RootElement;
    }

    /// <summary>The answer must be a document of this type.</summary>
    public void Must200(string contentType)
    {
        Assert.True(Status == 200, $"{Status}: {Body}");
        Assert.Equal(contentType, ContentType);
    }

    /// <summary>The answer must be a refusal.</summary>
    /// <returns>Its code.</returns>
    public string MustRefuseAny()
    {
        Assert.InRange(Status, 400, 499);
        return JsonDocument.Parse(Bytes).RootElement.Text("code");
    }

    /// <summary>The answer must be this refusal.</summary>
    public JsonElement MustRefuse(int status, string code)
    {
        var body = Must(status);
        Assert.Equal(code, body.Text("code"));
        return body;
    }
}

internal static class JsonPaths
{
    /// <summary>The text at a path such as <c>balance.amount</c>; numbers and flags as they stand.</summary>
    public static string Text(this JsonElement json, string path)
    {
        var at = json.At(path);
        return at.ValueKind == JsonValueKind.String ? at.GetString()! : at.GetRawText();
    }

    public static JsonElement At(this JsonElement json, string path) =>
        path.Split('.')
            .Aggregate(
                json,
                (at, name) =>
                    at.ValueKind == JsonValueKind.Array ? at[int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)] : at.GetProperty(name)
            );
}
