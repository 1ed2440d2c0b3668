using Florin.Ledger;
using Florin.Platform;

namespace Florin.Tests.Ledger;

public sealed class HoldTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private readonly Book book = new(app);

    [Fact]
    public async Task Held_money_cannot_be_spent_and_a_capture_takes_a_part_and_frees_the_rest()
    {
        var a = await book.OpenAsync(1000);
        var b = await book.OpenAsync();
        var hold = await PlaceAsync(a, 700);
        Assert.Equal(300, (await book.AccountAsync(a)).Available);
        Assert.Equal(LedgerRefusals.InsufficientFunds, await book.TryAsync(Book.Transfer(a, b, 301)));

        var tooMuch = new LedgerCommit { HoldEnds = { new HoldEnd(hold, a, 701) }, Postings = { new PostingDraft("capture", new Move(a, b, 701)) } };
        Assert.Equal(LedgerRefusals.CaptureAboveHold, await book.TryAsync(tooMuch));

        var capture = new LedgerCommit { HoldEnds = { new HoldEnd(hold, a, 500) }, Postings = { new PostingDraft("capture", new Move(a, b, 500)) } };
        Assert.Null(await book.TryAsync(capture));
        var after = await book.AccountAsync(a);
        Assert.Equal((500, 0), (after.Balance, after.Held));
        Assert.Equal(LedgerRefusals.HoldNotOpen, await book.TryAsync(new LedgerCommit { HoldEnds = { new HoldEnd(hold, a) } }));
        await Book.CheckCleanAsync(app);
    }

    [Fact]
    public async Task A_hold_is_captured_by_exactly_one_of_fifty()
    {
        var a = await book.OpenAsync(5000);
        var b = await book.OpenAsync();
        var hold = await PlaceAsync(a, 100);
        var results = await Task.WhenAll(
            Enumerable
                .Range(0, 50)
                .Select(_ =>
                    book.TryAsync(
                        new LedgerCommit { HoldEnds = { new HoldEnd(hold, a, 100) }, Postings = { new PostingDraft("capture", new Move(a, b, 100)) } }
                    )
                )
        );
        Assert.Single(results, result => result is null);
        Assert.Equal(100, (await book.AccountAsync(b)).Balance);
        await Book.CheckCleanAsync(app);
    }

    [Fact]
    public async Task A_hold_of_somebody_else_is_not_ended_through_ones_own_account()
    {
        var a = await book.OpenAsync(100);
        var b = await book.OpenAsync(100);
        var hold = await PlaceAsync(a, 50);
        Assert.Equal(LedgerRefusals.HoldNotOpen, await book.TryAsync(new LedgerCommit { HoldEnds = { new HoldEnd(hold, b) } }));
        Assert.Equal(50, (await book.AccountAsync(a)).Held);
    }

    [Fact]
    public async Task A_block_that_came_after_the_hold_does_not_stop_its_capture_and_lets_no_more_out()
    {
        var a = await book.OpenAsync(1000, proofLimit: 50);
        var b = await book.OpenAsync();
        var unproven = new LedgerCommit { Holds = { new HoldDraft(Ids.New(), a, 100, app.Clock.GetUtcNow().AddHours(1)) } };
        Assert.Equal(LedgerRefusals.ProofRequired, await book.TryAsync(unproven));
        var hold = new HoldDraft(Ids.New(), a, 100, app.Clock.GetUtcNow().AddHours(1));
        Assert.Null(await book.TryAsync(new LedgerCommit { PayerProven = true, Holds = { hold } }));
        Assert.Null(await book.TryAsync(new LedgerCommit { Changes = { new AccountChange(a) { Set = AccountFlags.BlockedOutgoing } } }));

        LedgerCommit Capture(long amount) =>
            new() { HoldEnds = { new HoldEnd(hold.Id, a, 100) }, Postings = { new PostingDraft("capture", new Move(a, b, amount)) } };
        Assert.Equal(LedgerRefusals.WalletBlocked, await book.TryAsync(Capture(101)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => book.Ledger.CommitAsync(Capture(99)));
        Assert.Null(await book.TryAsync(Capture(100)));
        await Book.CheckCleanAsync(app);
    }

    [Fact]
    public async Task More_than_is_available_cannot_be_held()
    {
        var a = await book.OpenAsync(100);
        await PlaceAsync(a, 60);
        var commit = new LedgerCommit { Holds = { new HoldDraft(Ids.New(), a, 41, app.Clock.GetUtcNow().AddHours(1)) } };
        Assert.Equal(LedgerRefusals.InsufficientFunds, await book.TryAsync(commit));
    }

    [Fact]
    public async Task An_expired_hold_is_released_once_by_the_job()
    {
        var a = await book.OpenAsync(100);
        await PlaceAsync(a, 60);
        var expiry = app.Get<HoldExpiry>();
        await expiry.RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal(60, (await book.AccountAsync(a)).Held);

        app.Clock.Wind(TimeSpan.FromHours(2));
        await Task.WhenAll(expiry.RunAsync(TestContext.Current.CancellationToken), expiry.RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, (await book.AccountAsync(a)).Held);
        await Book.CheckCleanAsync(app);
    }

    private async Task<Guid> PlaceAsync(long account, long amount)
    {
        var hold = new HoldDraft(Ids.New(), account, amount, app.Clock.GetUtcNow().AddHours(1));
        Assert.Null(await book.TryAsync(new LedgerCommit { Holds = { hold } }));
        return hold.Id;
    }
}
