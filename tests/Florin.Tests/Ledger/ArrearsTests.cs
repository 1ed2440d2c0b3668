using Florin.Ledger;
using Florin.Platform;

namespace Florin.Tests.Ledger;

public sealed class ArrearsTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private readonly Book book = new(app);

    [Fact]
    public async Task What_is_owed_is_taken_at_once_where_the_money_is_there()
    {
        var a = await book.OpenAsync(500);
        await OweAsync(a, 200);
        var after = await book.AccountAsync(a);
        Assert.Equal((300, 0, false), (after.Balance, after.Arrears, after.Blocked));
    }

    [Fact]
    public async Task What_is_owed_blocks_outgoing_money_until_a_credit_covers_all_of_it_in_the_same_commit()
    {
        var a = await book.OpenAsync(150);
        var b = await book.OpenAsync(1000);
        await OweAsync(a, 200);
        await OweAsync(a, 100);
        Assert.Equal((150, 300, true), await StateAsync(a));
        Assert.Equal(LedgerRefusals.WalletBlocked, await book.TryAsync(Book.Transfer(a, b, 1)));

        Assert.Null(await book.TryAsync(Book.Transfer(b, a, 149)));
        Assert.Equal((299, 300, true), await StateAsync(a));

        IReadOnlyList<ArrearsCollected> collected = [];
        var last = new LedgerCommit
        {
            Postings = { new PostingDraft("transfer", new Move(b, a, 1)) },
            Complete = outcome =>
            {
                collected = outcome.Collected;
                return new Answer(200, []);
            },
        };
        await book.Ledger.CommitAsync(last);
        Assert.Equal((0, 0, false), await StateAsync(a));
        Assert.Equal((a, 300), (Assert.Single(collected).Account, collected[0].Amount));
        var newest = (await app.Get<LedgerReads>().EntriesAsync(a, null, 1, TestContext.Current.CancellationToken))[0];
        Assert.Equal((LedgerBatch.ArrearsKind, -300), (newest.Kind, newest.Amount));
        await Book.CheckCleanAsync(app);
    }

    [Fact]
    public async Task Arrears_are_collected_exactly_once_under_fifty_credits_at_once()
    {
        var a = await book.OpenAsync();
        var world = await book.WorldAsync();
        await OweAsync(a, 30);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => book.TryAsync(Book.Transfer(world, a, 1))));
        Assert.Equal((20, 0, false), await StateAsync(a));
    }

    private async Task<(long Balance, long Arrears, bool Blocked)> StateAsync(long id)
    {
        var account = await book.AccountAsync(id);
        return (account.Balance, account.Arrears, account.Blocked);
    }

    private async Task OweAsync(long account, long amount)
    {
        var revenue = await app.Get<HouseAccounts>().IdAsync(HouseAccount.FeeRevenue, Book.Usd, TestContext.Current.CancellationToken);
        Assert.Null(await book.TryAsync(new LedgerCommit { Changes = { new AccountChange(account) { Arrears = new ArrearsDraft(amount, revenue) } } }));
    }
}
