using System.Globalization;

namespace Florin.Bench;

/// <summary>The ledger alone: spread over accounts and on one hot account, beside what PostgreSQL can do and the usual way.</summary>
internal static class LedgerBench
{
    private const int Accounts = 1000;
    private const int Callers = 1000;

    public static async Task<int> RunAsync(string[] args)
    {
        var seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 8;
        var duration = TimeSpan.FromSeconds(seconds);
        var report = new Report($"Ledger: {Accounts} accounts, {Callers} waiting callers, {seconds} s each, fsync on");
        await using var host = await LedgerHost.StartAsync(Accounts + 1);
        var accounts = host.Accounts;
        await host.RunAsync(Callers, TimeSpan.FromSeconds(3), Spread(accounts));

        if (args.Contains("only", StringComparer.Ordinal))
        {
            Console.WriteLine(await host.RunAsync(Callers, duration, Spread(accounts)));
            return 0;
        }

        // In turns, twice each, so that noise of the machine falls on all of them; the better of two counts.
        var spread = 0.0;
        var hot = 0.0;
        var limit = 0.0;
        var perTransaction = 0.0;
        for (var turn = 0; turn < 2; turn++)
        {
            limit = Math.Max(limit, await Baselines.InsertLimitAsync(duration));
            spread = Math.Max(spread, await host.RunAsync(Callers, duration, Spread(accounts)));
            hot = Math.Max(hot, await host.RunAsync(Callers, duration, (caller, i) => (accounts[((caller * 31) + i) % Accounts], accounts[Accounts])));
            perTransaction = Math.Max(perTransaction, await Baselines.PerTransactionAsync(duration, 20));
        }

        await host.VerifyAsync();
        report.Add("insert_limit_per_s", limit, "limit: PostgreSQL inserting the same rows by itself");
        report.Add("ledger_spread_per_s", spread, "spread over the accounts");
        report.Add("ledger_hot_per_s", hot, "everything to one hot account");
        report.Add("per_tx_per_s", perTransaction, "one PostgreSQL transaction per transfer, 20 connections");
        report.Add("ledger_spread_to_limit", spread / limit, "spread / limit", "(bar 0.30)");
        report.Add("ledger_hot_to_spread", hot / spread, "hot / spread", "(bar 1)");
        report.Add("ledger_spread_to_per_tx", spread / perTransaction, "spread / one transaction per transfer", "(bar 4)");
        report.Print();
        return 0;
    }

    internal static Func<int, int, (long From, long To)> Spread(long[] accounts) =>
        (caller, i) =>
            (accounts[((caller * 7919) + (i * 31)) % Accounts], accounts[((caller * 7919) + (i * 31) + 1 + (((caller * 13) + i) % (Accounts - 1))) % Accounts]);
}
