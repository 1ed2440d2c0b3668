using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Florin.Payments;
using Florin.Platform;
using Florin.Tests.Identity;

namespace Florin.Tests.Gateways;

/// <summary>Finance imports a gateway's file over HTTP: once per content, compared with real payments and postings, with a queue of what differs.</summary>
public sealed class ReconciliationTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private const string Heading = "id,Type,Amount,Fee,Net,Currency,Created (UTC),attempt (metadata)\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_is_kept_once_its_lines_are_compared_with_payments_and_ledger_and_what_differs_is_resolved_by_finance()
    {
        var finance = await SignedIn.AsAsync(app, Roles.Finance);
        var support = await SignedIn.AsAsync(app, Roles.Support);
        var payer = await SignedIn.AsAsync(app);
        var wallet = (await SignedIn.Json(await payer.SendAsync("POST", "/v1/wallets", new { currency = "KZT" }))).GetProperty("id").GetString()!;
        var (right, wrong, left) = (await TopUpAsync(payer, wallet), await TopUpAsync(payer, wallet), await TopUpAsync(payer, wallet));
        var at = app.Clock.GetUtcNow().AddMinutes(-1);
        var later = at.AddMinutes(5);
        var text =
            Heading
            + Line("txn_1", "charge", "10.00", at, right)
            + Line("txn_2", "charge", "11.00", at, wrong)
            + Line("txn_3", "charge", "5.00", at, Guid.NewGuid())
            + Line("txn_4", "payout", "-9.00", later, null);
        var path = $"/v1/reconciliation/settlements?gateway=sandbox&name={Guid.NewGuid():N}.csv";

        Assert.Equal("forbidden", await SignedIn.Refusal(await SendAsync(support, path, text)));
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SendAsync(finance, path, text)));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Equal(19, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        var settlement = await SignedIn.Json(answers[0]);
        var id = settlement.GetProperty("id").GetString();
        Assert.Equal(
            (4, 1, 0, 3),
            (Number(settlement, "lines"), Number(settlement, "matched"), Number(settlement, "repeated"), Number(settlement, "exceptions"))
        );
        Assert.Equal(2600, settlement.GetProperty("totals").GetProperty("KZT").GetProperty("charges").GetInt64());
        Assert.Equal(4 * 10, settlement.GetProperty("totals").GetProperty("KZT").GetProperty("fees").GetInt64());
        var lines = await SignedIn.Json(await support.GetAsync($"/v1/reconciliation/settlements/{id}/lines"));
        Assert.Equal(
            ["matched", "amount_differs", "unknown", "other"],
            lines.GetProperty("data").EnumerateArray().Select(line => line.GetProperty("result").GetString())
        );

        var exceptions = (await SignedIn.Json(await support.GetAsync($"/v1/reconciliation/exceptions?state=open&settlement={id}")))
            .GetProperty("data")
            .EnumerateArray()
            .ToList();
        Assert.Equal(["amount_differs", "missing", "unknown"], exceptions.Select(one => one.GetProperty("kind").GetString()).Order(StringComparer.Ordinal));
        var missing = exceptions.Single(one => one.GetProperty("kind").GetString() is "missing");
        Assert.Equal(left.ToString("N"), missing.GetProperty("attempt").GetString());
        var differs = exceptions.Single(one => one.GetProperty("kind").GetString() is "amount_differs");
        Assert.Equal(
            ("10.00", "11.00"),
            (differs.GetProperty("expected").GetProperty("amount").GetString(), differs.GetProperty("found").GetProperty("amount").GetString())
        );

        // Overlapping: what both files have is not counted twice, and what the first lacked is found.
        var second = await SignedIn.Json(
            await SendAsync(
                finance,
                path,
                Heading
                    + Line("txn_1", "charge", "10.00", at, right)
                    + Line("txn_5", "charge", "10.00", at, left)
                    + Line("txn_1b", "charge", "10.00", at, right)
            )
        );
        Assert.Equal((1, 1, 1), (Number(second, "matched"), Number(second, "repeated"), Number(second, "exceptions"))); // the third is the first charge again
        var stillOpen = (await SignedIn.Json(await support.GetAsync($"/v1/reconciliation/exceptions?state=open&settlement={id}")))
            .GetProperty("data")
            .EnumerateArray();
        Assert.Equal(["amount_differs", "unknown"], stillOpen.Select(one => one.GetProperty("kind").GetString()).Order(StringComparer.Ordinal));
        await ResolveAsync(finance, support, differs.GetProperty("id").GetString()!);
    }

    // Once, by finance, with a reason.
    private async Task ResolveAsync(SignedIn finance, SignedIn support, string exception)
    {
        var resolve = $"/v1/reconciliation/exceptions/{exception}/resolve";
        Assert.Equal("forbidden", await SignedIn.Refusal(await support.SendAsync("POST", resolve, new { reason = "a typo of theirs" })));
        Assert.Equal("invalid_request", await SignedIn.Refusal(await finance.SendAsync("POST", resolve, new { reason = "" })));
        var resolved = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => finance.SendAsync("POST", resolve, new { reason = "a typo of theirs" })));
        Assert.Single(resolved, answer => answer.IsSuccessStatusCode);
        Assert.Equal("exception_resolved", await SignedIn.Refusal(resolved.First(answer => !answer.IsSuccessStatusCode)));
        Assert.Equal(
            1,
            await app.Database.ScalarAsync<long>(
                "select count(*) from activity.entries where action = 'reconciliation.exception_resolved' and actor = $1",
                finance.Id
            )
        );
        Assert.Equal(
            2,
            await app.Database.ScalarAsync<long>(
                "select count(*) from activity.entries where action = 'reconciliation.settlement_imported' and actor = $1",
                finance.Id
            )
        );
    }

    [Fact]
    public async Task A_bad_file_an_unknown_gateway_and_one_too_large_leave_nothing_behind()
    {
        var finance = await SignedIn.AsAsync(app, Roles.Finance);
        var before = await app.Database.ScalarAsync<long>("select count(*) from gateways.settlements");
        Assert.Equal(
            "settlement_not_readable",
            await SignedIn.Refusal(
                await SendAsync(finance, "/v1/reconciliation/settlements?gateway=stripe&name=a.csv", Heading + "txn_1,charge,x,0,0,usd,2026-10-01 10:00,\n")
            )
        );
        Assert.Equal("invalid_request", await SignedIn.Refusal(await SendAsync(finance, "/v1/reconciliation/settlements?gateway=bank&name=a.csv", Heading)));
        Assert.Equal(
            "too_large",
            await SignedIn.Refusal(await SendAsync(finance, "/v1/reconciliation/settlements?gateway=stripe&name=a.csv", new string('x', 11 * 1024 * 1024)))
        );
        Assert.Equal(before, await app.Database.ScalarAsync<long>("select count(*) from gateways.settlements"));
    }

    private static string Line(string id, string type, string amount, DateTimeOffset at, Guid? attempt) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{id},{type},{amount},0.10,{decimal.Parse(amount, CultureInfo.InvariantCulture) - 0.10m},kzt,{at.UtcDateTime:yyyy-MM-dd HH:mm:ss},{attempt:N}\n"
        );

    private static int Number(JsonElement view, string name) => view.GetProperty(name).GetInt32();

    private static async Task<HttpResponseMessage> SendAsync(SignedIn who, string path, string text)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = content };
        request.Headers.ExpectContinue = true; // so that what is too large is refused before it is sent
        return await who.Http.SendAsync(request, Cancel);
    }

    // Paid at the sandbox's own page, as a payer does.
    private async Task<Guid> TopUpAsync(SignedIn payer, string wallet)
    {
        var order = new
        {
            purpose = "top_up",
            amount = new { amount = "10.00", currency = "KZT" },
            subject = new { wallet },
        };
        var payment = (await SignedIn.Json(await payer.SendAsync("POST", "/v1/payments", order))).GetProperty("id").GetString();
        var attempt = (await SignedIn.Json(await payer.SendAsync("POST", $"/v1/payments/{payment}/pay", new { method = "sandbox" }))).GetProperty("attempt");
        var page = new Uri(attempt.GetProperty("next_action").GetProperty("url").GetString()!).AbsolutePath;
        using var form = new FormUrlEncodedContent([new("outcome", "succeed")]);
        await app.Http.PostAsync(new Uri(page, UriKind.Relative), form, Cancel);
        var id = Ids.Read("att", attempt.GetProperty("id").GetString());
        await app.Get<Settlement>().AskAsync(id, Cancel);
        return id;
    }
}
