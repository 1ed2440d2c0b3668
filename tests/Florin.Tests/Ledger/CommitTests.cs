using System.Text;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Npgsql;

namespace Florin.Tests.Ledger;

public sealed class CommitTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private readonly Book book = new(app);

    [Fact]
    public async Task Money_moves_and_both_sides_are_entered()
    {
        var a = await book.OpenAsync(1000);
        var b = await book.OpenAsync();

        var receipt = await book.Ledger.CommitAsync(Book.Transfer(a, b, 300));

        Assert.Equal("""{"left":"700"}""", Encoding.UTF8.GetString(receipt.Required.Body!));
        Assert.Equal((700, 2), ((await book.AccountAsync(a)).Balance, (await book.AccountAsync(a)).Seq));
        var entry = Assert.Single(await app.Get<LedgerReads>().EntriesAsync(b, null, 10, TestContext.Current.CancellationToken));
        Assert.Equal((1, 300, 300, "transfer"), (entry.Seq, entry.Amount, entry.BalanceAfter, entry.Kind));
        Assert.Equal([a], entry.Counterparts);
        await Book.CheckCleanAsync(app);
    }

    [Fact]
    public async Task Every_guard_refuses_with_its_own_code_and_leaves_no_trace()
    {
        var a = await book.OpenAsync(1000, proofLimit: 500);
        var b = await book.OpenAsync();
        var kzt = await book.OpenAsync(100, Book.Kzt);
        Assert.Equal(LedgerRefusals.AmountOutOfRange, await book.TryAsync(Book.Transfer(a, b, 0)));
        Assert.Equal(LedgerRefusals.AmountOutOfRange, await book.TryAsync(Book.Transfer(a, b, -5)));
        Assert.Equal(LedgerRefusals.AmountOutOfRange, await book.TryAsync(Book.Transfer(a, b, Amount.MaxMinor + 1)));
        Assert.Equal(LedgerRefusals.SameAccount, await book.TryAsync(Book.Transfer(a, a, 1)));
        Assert.Equal(LedgerRefusals.AccountNotFound, await book.TryAsync(Book.Transfer(a, 999_999_999, 1)));
        Assert.Equal(LedgerRefusals.CurrencyMismatch, await book.TryAsync(Book.Transfer(a, kzt, 1)));
        Assert.Equal(LedgerRefusals.InsufficientFunds, await book.TryAsync(Book.Transfer(b, a, 1)));
        Assert.Equal(LedgerRefusals.ProofRequired, await book.TryAsync(Book.Transfer(a, b, 501)));
        Assert.Equal(LedgerRefusals.BalanceNotZero, await book.TryAsync(new LedgerCommit { Changes = { new AccountChange(a) { Set = AccountFlags.Closed } } }));

        Assert.Null(await book.TryAsync(new LedgerCommit { Changes = { new AccountChange(a) { Set = AccountFlags.BlockedOutgoing } } }));
        Assert.Equal(LedgerRefusals.WalletBlocked, await book.TryAsync(Book.Transfer(a, b, 1)));
        Assert.Null(await book.TryAsync(Book.Transfer(await book.WorldAsync(), a, 5)));
        Assert.Null(await book.TryAsync(new LedgerCommit { Changes = { new AccountChange(a) { Set = AccountFlags.Frozen } } }));
        Assert.Equal(LedgerRefusals.AccountFrozen, await book.TryAsync(Book.Transfer(await book.WorldAsync(), a, 5)));
        Assert.Null(await book.TryAsync(new LedgerCommit { Changes = { new AccountChange(b) { Set = AccountFlags.Closed } } }));
        Assert.Equal(LedgerRefusals.AccountClosed, await book.TryAsync(Book.Transfer(await book.WorldAsync(), b, 5)));
        Assert.Equal(1005, (await book.AccountAsync(a)).Balance);
        await Book.CheckCleanAsync(app);
    }

    [Fact]
    public async Task The_same_key_gives_the_same_answer_byte_for_byte_and_one_effect()
    {
        var a = await book.OpenAsync(1000);
        var b = await book.OpenAsync();
        var first = await book.Ledger.CommitAsync(Book.Transfer(a, b, 10, book.Key("once")));
        var again = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => book.Ledger.CommitAsync(Book.Transfer(a, b, 10, book.Key("once")))));

        Assert.All(again, receipt => Assert.Equal(first.Required.Body, receipt.Required.Body));
        Assert.All(again, receipt => Assert.True(receipt.Required.Replayed));
        Assert.Equal(990, (await book.AccountAsync(a)).Balance);
        Assert.Equal(PlatformRefusals.IdempotencyKeyReused, await book.TryAsync(Book.Transfer(a, b, 10, book.Key("once", body: 2))));
    }

    [Fact]
    public async Task One_new_key_fifty_times_at_once_is_one_effect()
    {
        var a = await book.OpenAsync(1000);
        var b = await book.OpenAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => book.Ledger.CommitAsync(Book.Transfer(a, b, 10, book.Key("new")))));
        Assert.Single(answers, answer => !answer.Required.Replayed);
        Assert.Single(answers.Select(answer => Convert.ToHexString(answer.Required.Body!)).Distinct(StringComparer.Ordinal));
        Assert.Equal(990, (await book.AccountAsync(a)).Balance);
    }

    [Fact]
    public async Task A_refusal_is_not_kept_and_a_retry_is_judged_anew()
    {
        var a = await book.OpenAsync();
        var b = await book.OpenAsync();
        Assert.Equal(LedgerRefusals.InsufficientFunds, await book.TryAsync(Book.Transfer(a, b, 10, book.Key("later"))));
        await book.Ledger.CommitAsync(Book.Transfer(await book.WorldAsync(), a, 10));
        Assert.Null(await book.TryAsync(Book.Transfer(a, b, 10, book.Key("later"))));
    }

    [Fact]
    public async Task The_last_coin_goes_to_exactly_one_of_fifty()
    {
        var a = await book.OpenAsync(7);
        var b = await book.OpenAsync();
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => book.TryAsync(Book.Transfer(a, b, 7))));
        Assert.Single(results, result => result is null);
        Assert.Equal(49, results.Count(result => result == LedgerRefusals.InsufficientFunds));
    }

    [Fact]
    public async Task A_poisonous_commit_fails_alone()
    {
        var a = await book.OpenAsync(1000);
        var b = await book.OpenAsync();
        var poison = Book.Transfer(a, b, 1);
        poison.Postings.Add(new PostingDraft("transfer", new Move(a, b, 1)) { Metadata = "not json" });
        var all = Enumerable.Range(0, 40).Select(i => i == 17 ? poison : Book.Transfer(a, b, 1)).Select(commit => book.Ledger.CommitAsync(commit)).ToList();
        await Assert.ThrowsAsync<PostgresException>(() => all[17]);
        foreach (var fine in all.Where((_, i) => i != 17))
        {
            await fine;
        }

        Assert.Equal(1000 - 39, (await book.AccountAsync(a)).Balance);
        await Book.CheckCleanAsync(app);
    }

    [Fact]
    public async Task A_fault_in_a_commits_own_code_fails_it_alone()
    {
        var a = await book.OpenAsync(1000);
        var b = await book.OpenAsync();
        var faulty = new LedgerCommit
        {
            Postings = { new PostingDraft("transfer", new Move(a, b, 1)) },
            Complete = _ => throw new InvalidOperationException("mine"),
        };
        var other = book.Ledger.CommitAsync(Book.Transfer(a, b, 5));
        await Assert.ThrowsAsync<InvalidOperationException>(() => book.Ledger.CommitAsync(faulty));
        await other;
        Assert.Equal(995, (await book.AccountAsync(a)).Balance);
    }

    [Fact]
    public async Task A_commit_inside_a_transaction_of_ones_own_is_refused_at_once()
    {
        var a = await book.OpenAsync(10);
        var b = await book.OpenAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            app.Get<Florin.Platform.Database>().TransactionAsync(_ => book.Ledger.CommitAsync(Book.Transfer(a, b, 1)), CancellationToken.None)
        );
        Assert.Null(await book.TryAsync(Book.Transfer(a, b, 1)));
    }

    [Fact]
    public async Task An_occurred_time_is_kept_and_never_later_than_the_booking()
    {
        var a = await book.OpenAsync();
        var world = await book.WorldAsync();
        var yesterday = app.Clock.GetUtcNow().AddDays(-1);
        await book.Ledger.CommitAsync(new LedgerCommit { Postings = { new PostingDraft("import", new Move(world, a, 10)) { OccurredAt = yesterday } } });
        await book.Ledger.CommitAsync(
            new LedgerCommit { Postings = { new PostingDraft("import", new Move(world, a, 5)) { OccurredAt = app.Clock.GetUtcNow().AddDays(1) } } }
        );
        var reads = app.Get<LedgerReads>();
        var cancel = TestContext.Current.CancellationToken;
        var now = app.Clock.GetUtcNow();
        Assert.Equal(15, await reads.BalanceAtAsync(a, now, EntryTime.Posted, cancel));
        Assert.Equal(0, await reads.BalanceAtAsync(a, now.AddHours(-1), EntryTime.Posted, cancel));
        Assert.Equal(10, await reads.BalanceAtAsync(a, now.AddHours(-1), EntryTime.Occurred, cancel));
        Assert.Equal(0, await reads.BalanceAtAsync(a, now.AddDays(-2), EntryTime.Occurred, cancel));
    }
}
