using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Florin.Ledger;
using Florin.Platform;
using Florin.Tests.Architecture;
using Florin.Tests.Identity;

namespace Florin.Tests.Routes;

/// <summary>
/// S2: generated bad input for every route of the program's own description. The same in every run; for others set <c>BAD_INPUT_SEED</c> and
/// <c>BAD_INPUT_COUNT</c> (requests to each route).
/// </summary>
public sealed partial class BadInputTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    // What HTTP itself forbids is refused by the web server before there is a request: without a body, and the connection ends.
    private static readonly int[] OfTheServer = [0, 400, 414, 431];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_bad_request_is_our_fault_moves_money_or_is_told_of_our_insides()
    {
        var seed = (ulong)Number("BAD_INPUT_SEED", 20260131);
        var count = Number("BAD_INPUT_COUNT", 60);
        var routes = DescribedRoute.All(await app.Http.GetFromJsonAsync<JsonElement>("/openapi/v1.json", Cancel));
        Assert.True(routes.Count > 50, $"only {routes.Count} routes were seen");
        await SomeMoneyAsync();
        var requests = new List<RawRequest>();
        foreach (var route in routes)
        {
            var generator = await GeneratorAsync(route, seed);
            requests.AddRange(generator.Nul());
            requests.AddRange(Enumerable.Range(0, count).Select(_ => generator.Next()));
        }

        var before = await BookAsync();
        var wrong = new System.Collections.Concurrent.ConcurrentBag<string>();
        var statuses = new System.Collections.Concurrent.ConcurrentDictionary<int, int>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancel };
        await Parallel.ForEachAsync(
            requests,
            parallel,
            async (request, cancel) =>
            {
                var answer = await RawHttp.SendAsync(app.Http.BaseAddress!, request, cancel);
                statuses.AddOrUpdate(answer.Status, 1, (_, n) => n + 1);
                if ((request.MustFail && answer.Status < 400 ? "taken" : Fault(answer)) is { } fault)
                {
                    wrong.Add($"{fault}: {request}\n→ {answer.Status} {answer.Body}\n");
                }
            }
        );
        var seen = string.Join(", ", statuses.OrderBy(status => status.Key).Select(status => $"{status.Value} × {status.Key}"));
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {requests.Count} requests to {routes.Count} routes, {wrong.Count} wrong; {seen}");
        KnownOffenders.None(wrong.Order(StringComparer.Ordinal).Take(20).Select(one => $"seed {seed}: {one}"));
        Assert.Equal(before, await BookAsync());
        await foreach (var check in app.Get<LedgerVerification>().RunAsync(Cancel))
        {
            Assert.True(check.FirstBroken is null, $"{check.Invariant}: {check.FirstBroken}");
        }
    }

    private static readonly HashSet<string> Codes =
    [
        .. Sources.Read("docs/refusals.md").Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1]),
    ];

    private static string? Fault(RawAnswer answer)
    {
        if (answer.Status >= 500)
        {
            return "our fault";
        }

        if (answer.Status is >= 200 and < 400 || (OfTheServer.Contains(answer.Status) && answer.Body.Length == 0))
        {
            return null;
        }

        if (Insides().Match(answer.Body) is { Success: true } inside)
        {
            return $"tells '{inside.Value}'";
        }

        if (!answer.ContentType.StartsWith("application/problem+json", StringComparison.Ordinal))
        {
            return "no problem document";
        }

        var problem = JsonDocument.Parse(answer.Body).RootElement;
        return !Codes.Contains(problem.GetProperty("code").GetString()!) ? "its code is not in docs/refusals.md"
            : problem.GetProperty("status").GetInt32() != answer.Status ? "its status is another"
            : null;
    }

    private async Task<BadRequests> GeneratorAsync(DescribedRoute route, ulong seed)
    {
        var name = $"{route.Method} {route.Path}";
        var endpoint = RouteUnderTest.All(app).Single(one => string.Equals(one.Name.TrimEnd('/'), name.TrimEnd('/'), StringComparison.Ordinal));
        var who = await SignedIn.AsAsync(app, [.. Roles.All]);
        var example = RouteExamples.All.GetValueOrDefault(endpoint.Name);
        var there = example is null ? route.Path : await example.Path(who);
        var body = example?.Body is { } given ? JsonSerializer.SerializeToNode(given, Wire.Json) : route.Body;
        var token = who.Http.DefaultRequestHeaders.Authorization!.Parameter!;
        var missing = endpoint.NamesAnObject ? RightsMatrixTests.Missing(endpoint.Pattern.TrimEnd('/'), there) : there;
        var money = Sources
            .Read("endpoints.txt")
            .Split('\n')
            .Any(line => line.StartsWith(endpoint.Name + " ", StringComparison.Ordinal) && line.EndsWith(" money", StringComparison.Ordinal));
        return new BadRequests(route, money, there, missing, body, token, Seeded.For(seed, name));
    }

    // So that there is something to lose.
    private async Task SomeMoneyAsync()
    {
        var rich = await SignedIn.AsAsync(app);
        var wallet = await SignedIn.Json(await rich.SendAsync("POST", "/v1/wallets", new { currency = "KZT" }));
        var amount = new { amount = new { amount = "1000.00", currency = "KZT" } };
        await SignedIn.Json(await rich.SendAsync("POST", $"/v1/wallets/{wallet.GetProperty("id").GetString()}/deposits", amount));
    }

    private Task<string?> BookAsync() =>
        app.Database.ScalarAsync<string>(
            """
            select (select count(*) from ledger.postings) || ' postings, ' || (select count(*) from ledger.entries) || ' entries, '
                || (select coalesce(sum(abs(balance)), 0) || ' in all, ' || coalesce(sum(held + arrears), 0) || ' held or owed' from ledger.accounts)
            """
        );

    private static int Number(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var given) ? given : otherwise;

    [GeneratedRegex(
        @"Florin\.[A-Z]|System\.|Microsoft\.|Npgsql|Exception|   at |\.cs\b|SQLSTATE|\b(select|insert into|update|delete from)\s.*\s(from|values|set|where)\s|violates|constraint|Nullable|Json[A-Z]|Guid|Int32|Int64|DateTime|/tmp/|/home/",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Insides();
}
