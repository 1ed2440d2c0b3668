using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Florin.Identity;
using Florin.Platform;
using Florin.Tests.Architecture;
using Florin.Tests.Identity;
using SignedIn = Florin.Tests.Identity.SignedIn;

namespace Florin.Tests.Routes;

/// <summary>S1: every route of the program × every kind of caller is as <c>endpoints.txt</c> says, and another's object is not there.</summary>
public sealed class RightsMatrixTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    // Open at the door, and asking themselves: a ticket, or a secret in the body, may stand for the sign-in there.
    private static readonly Dictionary<string, string[]> AsksItself = new(StringComparer.Ordinal)
    {
        ["GET /v1/events/"] = ["person"],
        ["POST /api/start_payment"] = ["person"],
    };

    // Which roles pass a policy, said a second time: the first is in the program.
    private static readonly Dictionary<string, string[]> Passing = new(StringComparer.Ordinal)
    {
        ["person"] = [.. Roles.All],
        ["merchant"] = [Roles.Merchant],
        ["staff"] = [Roles.Support, Roles.Finance, Roles.Auditor, Roles.Admin],
        ["support"] = [Roles.Support, Roles.Admin],
        ["finance"] = [Roles.Finance],
        ["admin"] = [Roles.Admin],
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_route_lets_in_whom_endpoints_txt_names_and_nobody_else()
    {
        var routes = RouteUnderTest.All(app).OrderBy(route => route.Pattern.EndsWith("/logout", StringComparison.Ordinal)).ToList();
        var policies = RouteUnderTest.Policies();
        var callers = await CallersAsync();
        Assert.True(routes.Count > 50, $"only {routes.Count} routes were seen");
        var wrong = new List<string>();
        var tried = 0;
        foreach (var route in routes)
        {
            if (!policies.TryGetValue(route.Name, out var policy))
            {
                wrong.Add($"{route.Name} does not stand in endpoints.txt");
                continue;
            }

            if (route.Pattern.EndsWith("/logout", StringComparison.Ordinal))
            {
                callers = await CallersAsync(); // the one before has ended their sessions
            }

            foreach (var caller in callers)
            {
                tried++;
                var (status, code) = await KnockAsync(route, caller.Token);
                var (wantedStatus, wantedCode) = Wanted(route, policy, caller);
                var refused = (status, code) is (401, "not_signed_in") or (403, "forbidden");
                if (status >= 500 || (wantedStatus == 0 ? refused : (status, code) != (wantedStatus, wantedCode)))
                {
                    wrong.Add(
                        $"{route.Name} ({string.Join(',', policy)}) by {caller.Name}: {status} {code}, not {(wantedStatus == 0 ? "let in" : wantedCode)}"
                    );
                }
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{wrong.Count} of {tried} calls on {routes.Count} routes went wrong");
        KnownOffenders.None(wrong);
    }

    [Fact]
    public void Every_route_that_names_an_object_has_an_example()
    {
        var routes = RouteUnderTest.All(app).Where(route => route.NamesAnObject).Select(route => route.Name).ToList();
        Assert.NotEmpty(routes);
        KnownOffenders.None(routes.Except(RouteExamples.All.Keys, StringComparer.Ordinal).Select(route => route + " has no line in Routes/RouteExamples"));
        KnownOffenders.None(RouteExamples.All.Keys.Except(routes, StringComparer.Ordinal).Select(route => route + " is no route of the program any more"));
    }

    [Fact]
    public async Task Anothers_object_is_answered_as_one_that_does_not_exist()
    {
        var wrong = new List<string>();
        foreach (var route in RouteUnderTest.All(app))
        {
            if (!RouteExamples.All.TryGetValue(route.Name, out var example))
            {
                continue; // the test above says so
            }

            var owner = await SignedIn.AsAsync(app, example.Roles);
            var stranger = await SignedIn.AsAsync(app, example.Roles);
            var path = await example.Path(owner);
            var missing = await SeenAsync(stranger, route.Method, Missing(route.Pattern, path), example.Body);
            if (example.Whose == Whose.Knowers ? missing.Status is < 400 or >= 500 : missing.Status != 404)
            {
                wrong.Add($"{route.Name}: what does not exist is {missing}");
            }

            var anothers = example.Whose == Whose.Callers ? missing : await SeenAsync(stranger, route.Method, path, example.Body);
            if (anothers != missing)
            {
                wrong.Add($"{route.Name}: another's is {anothers}, and what does not exist {missing}");
            }

            // The control: the address was right.
            var own = await SeenAsync(owner, route.Method, path, example.Body);
            var found = example.Whose == Whose.Knowers || (own.Status, own.Code) != (missing.Status, missing.Code);
            if (!found || own.Status is 401 or >= 500 || own.Code is "forbidden")
            {
                wrong.Add($"{route.Name}: the owner's own is {own}");
            }
        }

        KnownOffenders.None(wrong);
    }

    private static (int Status, string? Code) Wanted(RouteUnderTest route, string[] policies, CallerUnderTest caller)
    {
        policies = AsksItself.GetValueOrDefault(route.Name, policies);
        if (policies.Contains("anonymous", StringComparer.Ordinal))
        {
            return (0, null);
        }

        return !caller.Known ? (401, "not_signed_in")
            : policies.All(policy => Passes(policy, caller)) ? (0, null)
            : (403, "forbidden");
    }

    private static bool Passes(string policy, CallerUnderTest caller)
    {
        if (policy.StartsWith("scope:", StringComparison.Ordinal))
        {
            return caller.Roles.Length > 0 || caller.Scopes.Contains(policy["scope:".Length..], StringComparer.Ordinal);
        }

        Assert.True(Passing.ContainsKey(policy), $"say here which roles pass the policy {policy}");
        return Passing[policy].Intersect(caller.Roles, StringComparer.Ordinal).Any();
    }

    private async Task<List<CallerUnderTest>> CallersAsync()
    {
        var callers = new List<CallerUnderTest> { new("nobody", null, [], []) };
        foreach (var role in Roles.All)
        {
            callers.Add(new(role, TokenOf(await SignedIn.AsAsync(app, role)), [role], []));
        }

        var gone = await SignedIn.AsAsync(app, [.. Roles.All]);
        callers.Add(new("a revoked session", TokenOf(gone), [], []) { Known = false });
        Assert.True((await gone.SendAsync("DELETE", "/v1/sessions/current")).IsSuccessStatusCode);

        var shop = await SignedIn.AsAsync(app, [.. Roles.All]);
        foreach (var without in ApiKeys.Scopes.Prepend(""))
        {
            string[] scopes = [.. ApiKeys.Scopes.Where(scope => !string.Equals(scope, without, StringComparison.Ordinal))];
            var made = await SignedIn.Json(await shop.SendAsync("POST", "/v1/api-keys", new { name = "k", scopes }));
            callers.Add(new($"a key without {without}", made.GetProperty("key").GetString(), [], scopes));
        }

        return callers;
    }

    private static string TokenOf(SignedIn who) => who.Http.DefaultRequestHeaders.Authorization!.Parameter!;

    // With a body that no route takes, so that nothing happens behind the door.
    private async Task<(int Status, string? Code)> KnockAsync(RouteUnderTest route, string? token)
    {
        using var request = new HttpRequestMessage(new HttpMethod(route.Method), new Uri(route.AnyPath, UriKind.Relative));
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        if (route.ContentType is { } type)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes("[]"));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        using var answer = await app.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel); // a stream of events never ends
        if ((int)answer.StatusCode < 400)
        {
            return ((int)answer.StatusCode, null);
        }

        return ((int)answer.StatusCode, CodeOf(answer, await answer.Content.ReadAsStringAsync(Cancel)));
    }

    private static async Task<Seen> SeenAsync(SignedIn who, string method, string path, object? body)
    {
        using var answer = await who.SendAsync(method, path, body);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        var id = answer.Headers.TryGetValues("X-Request-Id", out var ids) ? ids.Single() : "";
        var headers = answer
            .Headers.Concat(answer.Content.Headers)
            .Where(header =>
                header.Key is not ("Date" or "X-Request-ID" or "Content-Length") && !header.Key.StartsWith("RateLimit", StringComparison.OrdinalIgnoreCase)
            )
            .Select(header => $"{header.Key}: {string.Join(',', header.Value)}")
            .Order(StringComparer.Ordinal);
        var code = (int)answer.StatusCode < 400 ? null : CodeOf(answer, text);
        return new Seen((int)answer.StatusCode, code, id.Length == 0 ? text : text.Replace(id, "", StringComparison.Ordinal), string.Join('\n', headers));
    }

    // Routes of the old systems say it in a header: their bodies are as they were.
    private static string? CodeOf(HttpResponseMessage answer, string body) =>
        answer.Headers.TryGetValues("Refusal-Code", out var code) ? code.Single() : JsonDocument.Parse(body).RootElement.GetProperty("code").GetString();

    // The same address with other ids of the same form.
    internal static string Missing(string pattern, string path)
    {
        var (address, query) = path.Split('?') is [var before, var after] ? (before, "?" + after) : (path, "");
        var names = pattern.Trim('/').Split('/');
        var parts = address.Trim('/').Split('/');
        Assert.Equal(names.Length, parts.Length);
        return "/" + string.Join('/', parts.Select((part, i) => names[i].Contains('{', StringComparison.Ordinal) ? Other(part) : part)) + query;
    }

    private static string Other(string id)
    {
        var start = id.Any(char.IsAsciiLetterUpper) ? 0 : id.IndexOf('_', StringComparison.Ordinal) + 1;
        return id[..start]
            + string.Concat(
                id[start..]
                    .Select(c =>
                        char.IsAsciiDigit(c) ? "0123456789"[RandomNumberGenerator.GetInt32(10)]
                        : char.IsAsciiHexDigitLower(c) ? "abcdef"[RandomNumberGenerator.GetInt32(6)]
                        : char.IsAsciiLetterUpper(c) ? (char)('A' + RandomNumberGenerator.GetInt32(26)) // of a code
                        : c
                    )
            );
    }

    private sealed record CallerUnderTest(string Name, string? Token, string[] Roles, string[] Scopes)
    {
        public bool Known { get; init; } = Token is not null;
    }

    private sealed record Seen(int Status, string? Code, string Body, string Headers)
    {
        public override string ToString() => $"{Status} {Body} {Headers.ReplaceLineEndings("; ")}";
    }
}
