using System.Globalization;
using Npgsql;

namespace Florin.Bench;

/// <summary>The ledger's speed with millions of entries in the table, against the empty one.</summary>
internal static class GrowthBench
{
    private const int Accounts = 1000;
    private const int Callers = 1000;

    public static async Task<int> RunAsync(string[] args)
    {
        var millions = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10;
        var duration = TimeSpan.FromSeconds(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 8);
        var report = new Report($"Growth: the same load with {millions} million entries in the book");
        var (spread, hot) = await MeasureAsync(duration);
        Console.Error.WriteLine($"  writing {millions} million entries through the ledger's own tables");
        await GrowAsync(millions);
        var (spreadGrown, hotGrown) = await MeasureAsync(duration);
        report.Add("ledger_spread_per_s", spread, "spread, empty book");
        report.Add("ledger_spread_grown_per_s", spreadGrown, "spread, grown book");
        report.Add("ledger_hot_per_s", hot, "one hot account, empty book");
        report.Add("ledger_hot_grown_per_s", hotGrown, "one hot account, grown book");
        report.Add("growth_ratio", spreadGrown / spread, "grown / empty", "(bar 0.80)");
        report.Add("growth_hot_ratio", hotGrown / hot, "grown / empty, hot", "(bar 0.80)");
        report.Print();
        return 0;
    }

    private static async Task<(double Spread, double Hot)> MeasureAsync(TimeSpan duration)
    {
        await using var host = await LedgerHost.StartAsync(Accounts + 1);
        var accounts = host.Accounts;
        await host.RunAsync(Callers, TimeSpan.FromSeconds(3), LedgerBench.Spread(accounts));
        var spread = 0.0;
        var hot = 0.0;
        for (var turn = 0; turn < 2; turn++)
        {
            spread = Math.Max(spread, await host.RunAsync(Callers, duration, LedgerBench.Spread(accounts)));
            hot = Math.Max(hot, await host.RunAsync(Callers, duration, (caller, i) => (accounts[((caller * 31) + i) % Accounts], accounts[Accounts])));
        }

        return (spread, hot);
    }

    // In pairs of accounts, 10,000 postings a transaction, past the tables' own checks like any other writer.
    private static async Task GrowAsync(int millions)
    {
        await using var connection = new NpgsqlConnection(LedgerHost.Server);
        await connection.OpenAsync();
        for (var i = 0; i < millions * 50; i++)
        {
            await using var command = new NpgsqlCommand(
                """
                with pair as (
                    select a.id as payer, b.id as payee, a.balance as payer_balance, b.balance as payee_balance, a.seq as payer_seq, b.seq as payee_seq
                    from (select *, row_number() over (order by id) as nr from ledger.accounts where kind = 'wallet' order by id limit 1000) a
                    join (select *, row_number() over (order by id) as nr from ledger.accounts where kind = 'wallet' order by id limit 1000) b on b.nr = a.nr + 500
                    where a.nr <= 500
                ), posting as (
                    select gen_random_uuid() as id, pair.*, n from pair cross join generate_series(1, 20) n
                ), posted as (
                    insert into ledger.postings (id, kind, posted_at, entries)
                    select id, 'transfer', clock_timestamp(), array[payer, payer_seq + n, payee, payee_seq + n] from posting
                ), entered as (
                    insert into ledger.entries (account_id, seq, posting_id, amount, balance_after, posted_at)
                    select payer, payer_seq + n, id, -1, payer_balance - n, clock_timestamp() from posting
                    union all
                    select payee, payee_seq + n, id, 1, payee_balance + n, clock_timestamp() from posting
                )
                update ledger.accounts set balance = balance + case when id in (select payer from pair) then -20 else 20 end, seq = seq + 20,
                    last_posted_at = clock_timestamp()
                where id in (select payer from pair union all select payee from pair)
                """,
                connection
            )
            {
                CommandTimeout = 0,
            };
            await command.ExecuteNonQueryAsync();
        }
    }
}
