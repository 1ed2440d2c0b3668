using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Florin.Identity;
using Florin.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Florin.Tests.Identity;

/// <summary>A person who has signed in with a password, and their client.</summary>
internal sealed class SignedIn
{
    public const string Password = "a long enough pass phrase";

    private SignedIn(FlorinApp app, Person person)
    {
        App = app;
        Person = person;
        Http = app.CreateClient();
    }

    public FlorinApp App { get; }

    /// <summary>As it was made; not as it is now.</summary>
    public Person Person { get; }

    public Guid Id => Person.Id;

    public HttpClient Http { get; private set; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Makes the person in the table (registration has its own tests) and signs in through the front door.</summary>
    public static async Task<SignedIn> AsAsync(FlorinApp app, params string[] roles)
    {
        var name = "p" + Guid.NewGuid().ToString("N")[..12];
        var now = app.Clock.GetUtcNow();
        var person = new Person
        {
            Username = name,
            Email = name + "@example.org",
            EmailVerifiedAt = now,
            FirstName = "First",
            LastName = name,
            PasswordHash = await app.Get<Passwords>().HashAsync(Password, Cancel),
            Roles = roles.Length == 0 ? [Roles.Customer] : roles,
            CreatedAt = now,
            UpdatedAt = now,
        };
        await using (var scope = app.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
            db.People.Add(person);
            await db.SaveChangesAsync(Cancel);
        }

        var signedIn = new SignedIn(app, person);
        await signedIn.SignInAsync();
        return signedIn;
    }

    /// <summary>Signs in anew: another session.</summary>
    public async Task SignInAsync(string? totp = null)
    {
        var body = await Json(
            await App.Http.PostAsJsonAsync(
                "/v1/sessions",
                new Dictionary<string, string?>
                {
                    ["login"] = Person.Username,
                    ["password"] = Password,
                    ["totp"] = totp,
                },
                Cancel
            )
        );
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", body.GetProperty("access_token").GetString());
    }

    public Task<HttpResponseMessage> GetAsync(string path) => Http.GetAsync(new Uri(path, UriKind.Relative), Cancel);

    public Task<HttpResponseMessage> SendAsync(string method, string path, object? body = null) => SendAsync(Http, method, path, body);

    /// <summary>Sends JSON with a fresh idempotency key.</summary>
    public static async Task<HttpResponseMessage> SendAsync(HttpClient http, string method, string path, object? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        request.Headers.Add(Idempotency.Header, key ?? Guid.NewGuid().ToString());
        if (body is not null)
        {
            request.Content = JsonContent.Create(body, options: Wire.Json);
        }

        return await http.SendAsync(request, Cancel);
    }

    public async Task<Person> NowAsync()
    {
        await using var scope = App.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<FlorinDb>().People.FindAsync([Id], Cancel))!;
    }

    /// <summary>A list in a request.</summary>
    public static List<string> List(params IEnumerable<string> items) => [.. items];

    /// <summary>Actions of the person's activity rows, oldest first.</summary>
    public async Task<string> ActivityAsync() =>
        await App.Database.ScalarAsync<string>("select coalesce(string_agg(action, ' ' order by id), '') from activity.entries where subject = $1", Id) ?? "";

    public static async Task<JsonElement> Json(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>The refusal's code; empty where it was no refusal.</summary>
    public static async Task<string> Refusal(HttpResponseMessage answer) =>
        answer.IsSuccessStatusCode ? ""
        : answer.Headers.TryGetValues("Refusal-Code", out var code) ? code.Single() // the old systems' routes say it there
        : JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(Cancel)).GetProperty("code").GetString()!;
}
