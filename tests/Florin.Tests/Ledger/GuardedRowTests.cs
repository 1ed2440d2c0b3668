using Florin.Ledger;
using Florin.Platform;
using Npgsql;

namespace Florin.Tests.Ledger;

/// <summary>Rows of a module that change with the money. The cursors' table of the outbox serves as some module's table.</summary>
public sealed class GuardedRowTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static readonly RefusalCode Taken = new("taken", 409, "taken");
    private readonly Book book = new(app);

    [Fact]
    public async Task Exactly_one_of_fifty_takes_the_row_and_moves_the_money()
    {
        var a = await book.OpenAsync(1000);
        var b = await book.OpenAsync();
        var row = await NewRowAsync();
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => book.TryAsync(Taking(a, b, 10, row))));
        Assert.Single(results, result => result is null);
        Assert.Equal(49, results.Count(result => result == Taken));
        Assert.Equal(990, (await book.AccountAsync(a)).Balance);
        await Book.CheckCleanAsync(app);
    }

    [Fact]
    public async Task One_that_fails_only_because_of_a_refused_one_before_it_is_judged_again()
    {
        var a = await book.OpenAsync(1000);
        var b = await book.OpenAsync();
        var (gone, free) = (await NewRowAsync(), await NewRowAsync());
        Assert.Null(await book.TryAsync(Taking(a, b, 1, gone)));

        // The first takes the free row and fails on the gone one; the second wants only the free row, in the same batch.
        var both = Taking(a, b, 10, free);
        both.Rows.Add(Take(gone));
        var results = await Task.WhenAll(book.TryAsync(both), book.TryAsync(Taking(a, b, 100, free)));
        Assert.Equal((Taken, null), (results[0], results[1]));
        Assert.Equal(1000 - 1 - 100, (await book.AccountAsync(a)).Balance);
    }

    [Fact]
    public async Task One_that_was_refused_behind_a_commit_that_falls_later_is_judged_again()
    {
        var a = await book.OpenAsync(1000);
        var b = await book.OpenAsync();
        var row = await NewRowAsync();
        // The first takes the row, but something else of it breaks only when the book is written; the second wants the same row, in the same batch.
        var falls = Taking(a, b, 10, row);
        falls.Postings.Add(new PostingDraft("transfer", new Move(a, b, 1)) { Metadata = "not json" });
        var first = book.Ledger.CommitAsync(falls);
        var second = book.TryAsync(Taking(a, b, 100, row));
        await Assert.ThrowsAsync<PostgresException>(() => first);
        Assert.Null(await second);
        Assert.Equal(900, (await book.AccountAsync(a)).Balance);
    }

    [Fact]
    public async Task A_repeat_with_the_same_key_gets_the_kept_answer_though_the_row_is_gone()
    {
        var a = await book.OpenAsync(10);
        var b = await book.OpenAsync();
        var row = await NewRowAsync();
        LedgerCommit Once()
        {
            var commit = new LedgerCommit
            {
                Key = book.Key("row"),
                Postings = { new PostingDraft("transfer", new Move(a, b, 10)) },
                Rows = { Take(row) },
                Complete = _ => new Answer(201, [42]),
            };
            return commit;
        }

        var first = await book.Ledger.CommitAsync(Once());
        var again = await book.Ledger.CommitAsync(Once());
        Assert.False(first.Required.Replayed);
        Assert.True(again.Required.Replayed);
        Assert.Equal(first.Required.Body, again.Required.Body);
    }

    [Fact]
    public async Task A_broken_constraint_is_the_refusal_that_the_commit_names()
    {
        var row = await NewRowAsync();
        var commit = new LedgerCommit
        {
            Rows = { new RowChange("insert into platform.outbox_cursors values ($1, '1', 0)", [Text(row)], 1, Taken, "platform.outbox_cursors", row) },
            Constraints = { ["outbox_cursors_pkey"] = Taken },
        };
        Assert.Equal(Taken, await book.TryAsync(commit));
    }

    [Fact]
    public async Task The_rows_and_the_money_stand_or_fall_together()
    {
        var poor = await book.OpenAsync();
        var b = await book.OpenAsync();
        var row = await NewRowAsync();
        Assert.Equal(LedgerRefusals.InsufficientFunds, await book.TryAsync(Taking(poor, b, 10, row)));
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select id from platform.outbox_cursors where consumer = $1", row.ToString()));
    }

    private static NpgsqlParameter<string> Text(Guid row) => new NpgsqlParameter<string> { TypedValue = row.ToString() };

    private static RowChange Take(Guid row) =>
        new("update platform.outbox_cursors set id = 1 where consumer = $1 and id = 0", [Text(row)], 1, Taken, "platform.outbox_cursors", row);

    private static LedgerCommit Taking(long from, long to, long amount, Guid row) =>
        new() { Postings = { new PostingDraft("transfer", new Move(from, to, amount)) }, Rows = { Take(row) } };

    private async Task<Guid> NewRowAsync()
    {
        var row = Ids.New();
        await app.Database.ScalarAsync<long>("insert into platform.outbox_cursors values ($1, '1', 0)", row.ToString());
        return row;
    }
}
