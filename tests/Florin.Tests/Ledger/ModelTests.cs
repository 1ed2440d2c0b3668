using Florin.Ledger;
using Florin.Platform;
using FsCheck;
using FsCheck.Fluent;

namespace Florin.Tests.Ledger;

/// <summary>R7: random operations give the same answers and balances as a small model in memory.</summary>
public sealed class ModelTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private const int Wallets = 5;
    private readonly Book book = new(app);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task The_ledger_answers_like_the_model(int seed)
    {
        var accounts = await Task.WhenAll(Enumerable.Range(0, Wallets).Select(_ => book.OpenAsync(100)));
        var house = await app.Get<HouseAccounts>().IdAsync(HouseAccount.FeeRevenue, Book.Usd, TestContext.Current.CancellationToken);
        var model = new Model(accounts, house, app.Clock.GetUtcNow().AddHours(1));
        foreach (var step in Steps(seed))
        {
            var (commit, expected) = model.Next(step.Operation, step.A, step.B, step.Size);
            Assert.Equal(expected, await book.TryAsync(commit));
        }

        for (var i = 0; i < Wallets; i++)
        {
            var account = await book.AccountAsync(accounts[i]);
            Assert.Equal((model.Balance[i], model.Held[i], model.Arrears[i]), (account.Balance, account.Held, account.Arrears));
        }

        await Book.CheckCleanAsync(app);
    }

    // FsCheck's generator with a fixed seed: the same operations in every run.
    private static (int Operation, int A, int B, int Size)[] Steps(int seed)
    {
        var number = Gen.Choose(0, 1_000_000);
        var step = from operation in number from a in number from b in number from size in number select (operation, a, b, size);
        return step.ArrayOf(250).Sample(250, new Rnd((ulong)seed), 1).First();
    }

    private sealed class Model(long[] accounts, long house, DateTimeOffset expiry)
    {
        private readonly List<(Guid Id, int Wallet, long Amount)> holds = [];

        public long[] Balance { get; } = [.. Enumerable.Repeat(100L, Wallets)];

        public long[] Held { get; } = new long[Wallets];

        public long[] Arrears { get; } = new long[Wallets];

        public (LedgerCommit Commit, RefusalCode? Expected) Next(int operation, int a, int b, int size)
        {
            var (from, to, amount) = (a % Wallets, b % Wallets, (long)(size % 80));
            return (operation % 10) switch
            {
                < 5 => Transfer(from, to, amount),
                5 => Owe(from, amount + 1),
                < 8 => Place(from, amount),
                _ => holds.Count == 0 ? Place(from, amount) : End(holds[b % holds.Count], to, amount, capture: operation % 20 < 10),
            };
        }

        private (LedgerCommit, RefusalCode?) Transfer(int from, int to, long amount)
        {
            var commit = new LedgerCommit { Postings = { new PostingDraft("transfer", new Move(accounts[from], accounts[to], amount)) } };
            if (amount == 0)
            {
                return (commit, LedgerRefusals.AmountOutOfRange);
            }

            if (from == to)
            {
                return (commit, LedgerRefusals.SameAccount);
            }

            if (Arrears[from] > 0)
            {
                return (commit, LedgerRefusals.WalletBlocked);
            }

            if (Balance[from] - Held[from] < amount)
            {
                return (commit, LedgerRefusals.InsufficientFunds);
            }

            Balance[from] -= amount;
            Balance[to] += amount;
            Collect(to);
            return (commit, null);
        }

        private (LedgerCommit, RefusalCode?) Owe(int wallet, long amount)
        {
            Arrears[wallet] += amount;
            Collect(wallet);
            return (new LedgerCommit { Changes = { new AccountChange(accounts[wallet]) { Arrears = new ArrearsDraft(amount, house) } } }, null);
        }

        private (LedgerCommit, RefusalCode?) Place(int wallet, long amount)
        {
            var hold = new HoldDraft(Ids.New(), accounts[wallet], amount, expiry);
            var commit = new LedgerCommit { Holds = { hold } };
            if (amount == 0)
            {
                return (commit, LedgerRefusals.AmountOutOfRange);
            }

            if (Arrears[wallet] > 0)
            {
                return (commit, LedgerRefusals.WalletBlocked);
            }

            if (Balance[wallet] - Held[wallet] < amount)
            {
                return (commit, LedgerRefusals.InsufficientFunds);
            }

            Held[wallet] += amount;
            holds.Add((hold.Id, wallet, amount));
            return (commit, null);
        }

        private (LedgerCommit, RefusalCode?) End((Guid Id, int Wallet, long Amount) hold, int to, long part, bool capture)
        {
            var taken = capture && to != hold.Wallet ? Math.Min(hold.Amount, part + 1) : 0;
            var commit = new LedgerCommit { HoldEnds = { new HoldEnd(hold.Id, accounts[hold.Wallet], taken) } };
            holds.Remove(hold);
            Held[hold.Wallet] -= hold.Amount;
            if (taken > 0)
            {
                commit.Postings.Add(new PostingDraft("capture", new Move(accounts[hold.Wallet], accounts[to], taken)));
                Balance[hold.Wallet] -= taken;
                Balance[to] += taken;
                Collect(to);
            }

            Collect(hold.Wallet);
            return (commit, null);
        }

        private void Collect(int wallet)
        {
            if (Arrears[wallet] > 0 && Balance[wallet] - Held[wallet] >= Arrears[wallet])
            {
                Balance[wallet] -= Arrears[wallet];
                Arrears[wallet] = 0;
            }
        }
    }
}
