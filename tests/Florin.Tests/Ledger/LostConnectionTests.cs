using System.Collections.Concurrent;
using System.Globalization;
using Florin.Ledger;
using Florin.Platform;
using Npgsql;

namespace Florin.Tests.Ledger;

/// <summary>R4: the connection between server and database is cut at every stage of a commit.</summary>
public sealed class LostConnectionTests
{
    [Theory]
    [InlineData(nameof(CommitPoint.Locked))]
    [InlineData(nameof(CommitPoint.Judged))]
    [InlineData(nameof(CommitPoint.RowsChanged))]
    [InlineData(nameof(CommitPoint.Committing))]
    [InlineData(nameof(CommitPoint.Committed))]
    public async Task A_backend_that_dies_at_a_named_point_costs_nobody_a_coin(string point)
    {
        await using var app = new FlorinApp();
        await app.InitializeAsync();
        var named = Enum.Parse<CommitPoint>(point);
        var kills = 0;
        app.Get<CommitProbe>().Observer = async (reached, backend) =>
        {
            if (reached == named && Interlocked.Increment(ref kills) % 3 == 1)
            {
                await app.Database.ScalarAsync<bool>("select pg_terminate_backend($1)", backend);
            }
        };

        await LoadAsync(app);
        Assert.True(kills > 3, $"only {kills} batches reached {point}");
    }

    [Fact]
    public async Task A_commit_that_was_sent_and_whose_answer_was_lost_is_found_to_have_happened()
    {
        await LoadThroughAsync(CutConnection.Cut.BeforeAnswer);
    }

    [Fact]
    public async Task A_commit_that_was_sent_and_never_arrived_is_found_not_to_have_happened_and_is_done_again()
    {
        await LoadThroughAsync(CutConnection.Cut.BeforeServer);
    }

    private static async Task LoadThroughAsync(CutConnection.Cut cut)
    {
        await using var app = new FlorinApp();
        CutConnection? cable = null;
        app.Connect = connectionString => (cable = new CutConnection(connectionString)).ConnectionString;
        await app.InitializeAsync();
        var batches = 0;
        app.Get<CommitProbe>().Observer = (reached, _) =>
        {
            if (reached == CommitPoint.Committing && ++batches % 4 == 2)
            {
                cable!.Next(cut);
            }

            return Task.CompletedTask;
        };

        await LoadAsync(app);
        Assert.True(cable!.Cuts > 3, $"only {cable.Cuts} cuts");
        await cable.DisposeAsync();
    }

    /// <summary>Callers with keys that repeat what got no answer; afterwards every acknowledged key stands in the book once and no other.</summary>
    private static async Task LoadAsync(FlorinApp app)
    {
        var book = new Book(app);
        var accounts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => book.OpenAsync(10_000)));
        var acknowledged = new ConcurrentBag<string>();
        await Task.WhenAll(
            Enumerable
                .Range(0, 16)
                .Select(async caller =>
                {
                    for (var i = 0; i < 25; i++)
                    {
                        var name = string.Create(CultureInfo.InvariantCulture, $"{caller}/{i}");
                        var (from, to) = (accounts[(caller + i) % 8], accounts[(caller + i + 1 + (i % 7)) % 8]);
                        await SendUntilAnsweredAsync(book, name, from, to);
                        acknowledged.Add(name);
                    }
                })
        );

        app.Get<CommitProbe>().Observer = null;
        await Book.CheckCleanAsync(app);
        Assert.Equal(400, acknowledged.Count);
        Assert.Equal(400, await app.Database.ScalarAsync<long>("select count(*) from ledger.postings where kind = 'numbered'"));
        Assert.Equal(400, await app.Database.ScalarAsync<long>("select count(distinct reference) from ledger.postings where kind = 'numbered'"));
    }

    private static async Task SendUntilAnsweredAsync(Book book, string name, long from, long to)
    {
        while (true)
        {
            try
            {
                await book.Ledger.CommitAsync(
                    new LedgerCommit
                    {
                        Key = book.Key(name),
                        Postings = { new PostingDraft("numbered", new Move(from, to, 1)) { Reference = name } },
                        Complete = _ => new Answer(201, []),
                    }
                );
                return;
            }
            catch (Refusal refusal) when (refusal.Reason.Status == 503)
            {
                // "Retry with the same key", it says.
            }
        }
    }
}
