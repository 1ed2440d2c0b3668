using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Florin.Webhooks;

namespace Florin.Admin;

/// <summary>
/// <c>GET /v1/house</c>, for staff: the money in the house with the proof that it balances, and what waits behind the requests; as JSON or CSV.
/// <c>docs/metrics.md</c> says what each figure is.
/// </summary>
public static class ShowHouse
{
    // What belongs to people and shops.
    private static readonly string[] Owed = ["wallet", "shop"];

    /// <param name="Currencies">The trial balance.</param>
    /// <param name="Verified">What the last recount of the whole book found; null where there was none yet.</param>
    /// <param name="Queues">Consumers of the outbox.</param>
    /// <param name="Jobs">Recurring jobs.</param>
    /// <param name="Webhooks">The merchants' webhooks.</param>
    public sealed record Response(
        IReadOnlyList<CurrencyView> Currencies,
        VerifiedBook? Verified,
        IReadOnlyList<OutboxConsumerView> Queues,
        JobsView Jobs,
        WebhookCounts Webhooks
    );

    /// <param name="Currency">The currency.</param>
    /// <param name="Owed">What wallets and shops' settlement accounts hold: the house's debt to people.</param>
    /// <param name="Difference">The sum over all accounts. The book balances where it is zero.</param>
    /// <param name="Accounts">Each house account, and each other kind of account as one.</param>
    public sealed record CurrencyView(Currency Currency, Amount Owed, Amount Difference, IReadOnlyList<AccountView> Accounts);

    /// <param name="Name">The house account, such as <c>fee_revenue</c>, or the kind of account.</param>
    /// <param name="Balance">The sum of balances; below zero for the other side of the world.</param>
    /// <param name="Accounts">How many accounts there are of it.</param>
    public sealed record AccountView(string Name, Amount Balance, long Accounts);

    internal static void Map(RouteGroupBuilder v1) =>
        v1.MapGet("/house", HandleAsync).RequireAuthorization(Policies.Staff).LimitRate(RateLimit.Costly).WithTags("house").Produces<Response>();

    private static async Task<IResult> HandleAsync(
        string? format,
        HttpContext http,
        LedgerReads ledger,
        BookFigures book,
        OutboxDesk outbox,
        JobRuns jobs,
        WebhookFigures webhooks,
        CancellationToken cancel
    )
    {
        var csv = Csv.Wanted(http, format);
        var found = new Response(
            [.. (await ledger.TrialBalanceAsync(cancel)).GroupBy(row => row.Balance.Currency).Select(Show)],
            await book.LastAsync(cancel),
            await outbox.ConsumersAsync(cancel),
            await jobs.CountAsync(cancel),
            await webhooks.CountAsync(cancel)
        );
        return csv
            ? Csv.Table("florin-house.csv", ["section", "name", "currency", "figure", "value"], Cells(found).ToAsyncEnumerable(), cancel)
            : Results.Json(found, Wire.Json);
    }

    private static CurrencyView Show(IGrouping<Currency, (string Name, Amount Balance, long Accounts)> rows)
    {
        Amount Sum(IEnumerable<(string Name, Amount Balance, long Accounts)> some) => new(some.Sum(row => row.Balance.Minor), rows.Key);
        return new CurrencyView(
            rows.Key,
            Sum(rows.Where(row => Owed.Contains(row.Name, StringComparer.Ordinal))),
            Sum(rows),
            [.. rows.Select(row => new AccountView(NameOf(row.Name, rows.Key), row.Balance, row.Accounts))]
        );
    }

    // A house account's code ends in its currency, which stands beside it.
    private static string NameOf(string name, Currency currency) =>
        name.EndsWith(":" + currency.Code, StringComparison.Ordinal) ? name[..^(currency.Code.Length + 1)] : name;

    private static IEnumerable<object?[]> Cells(Response found)
    {
        foreach (var currency in found.Currencies)
        {
            var code = currency.Currency.Code;
            yield return ["money", null, code, "owed", currency.Owed];
            yield return ["money", null, code, "difference", currency.Difference];
            foreach (var account in currency.Accounts)
            {
                yield return ["accounts", account.Name, code, "balance", account.Balance];
                yield return ["accounts", account.Name, code, "accounts", account.Accounts];
            }
        }

        if (found.Verified is { } verified)
        {
            yield return ["verified", null, null, "began_at", verified.BeganAt];
            yield return ["verified", null, null, "ended_at", verified.EndedAt];
            yield return ["verified", null, null, "entries", verified.Entries];
            yield return ["verified", null, null, "broken", verified.Broken];
            yield return ["verified", null, null, "first_broken", verified.FirstBroken];
        }

        foreach (var queue in found.Queues)
        {
            yield return ["queues", queue.Consumer, null, "waiting", queue.Waiting];
            yield return ["queues", queue.Consumer, null, "parked", queue.Parked];
            yield return ["queues", queue.Consumer, null, "dead", queue.Dead];
            yield return ["queues", queue.Consumer, null, "oldest_at", queue.OldestAt];
            yield return ["queues", queue.Consumer, null, "parked_since", queue.ParkedSince];
        }

        yield return ["jobs", null, null, "jobs", found.Jobs.Jobs];
        yield return ["jobs", null, null, "overdue", found.Jobs.Overdue];
        yield return ["jobs", null, null, "next_at", found.Jobs.NextAt];
        yield return ["jobs", null, null, "failed", found.Jobs.Failed.Count];
        foreach (var job in found.Jobs.Failed)
        {
            yield return ["jobs", job.Name, null, "failures", job.Failures];
            yield return ["jobs", job.Name, null, "error", job.Error];
        }

        yield return ["webhooks", null, null, "endpoints", found.Webhooks.Endpoints];
        yield return ["webhooks", null, null, "failing", found.Webhooks.Failing];
        yield return ["webhooks", null, null, "disabled", found.Webhooks.Disabled];
        yield return ["webhooks", null, null, "pending", found.Webhooks.Pending];
        yield return ["webhooks", null, null, "dead", found.Webhooks.Dead];
    }
}
