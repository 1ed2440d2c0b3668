using System.Globalization;
using Florin.Ledger;
using Florin.Platform;

namespace Florin.Tests.Ledger;

/// <summary>R3: two servers on one database, on the same accounts, keys and rows.</summary>
public sealed class TwoServersTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task The_same_keys_on_both_have_one_effect_and_no_deadlock_reaches_a_caller()
    {
        await using var second = await app.SecondServerAsync();
        var book = new Book(app);
        var before = await CountAsync(); // the class shares one book, and its tests come in any order
        var accounts = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => book.OpenAsync(10_000)));
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 300)
                .SelectMany(i => new[] { app, second }.Select(server => (Server: server, I: i)))
                .Select(async send =>
                {
                    var key = book.Key(send.I.ToString(CultureInfo.InvariantCulture));
                    var (from, to) = (accounts[send.I % 6], accounts[(send.I + 1 + (send.I % 5)) % 6]);
                    var receipt = await send.Server.Get<GeneralLedger>().CommitAsync(Book.Transfer(from, to, 1, key));
                    return (send.I, Body: Convert.ToHexString(receipt.Required.Body!), receipt.Required.Replayed);
                })
        );

        Assert.All(answers.GroupBy(answer => answer.I), pair => Assert.Single(pair.Select(answer => answer.Body).Distinct(StringComparer.Ordinal)));
        Assert.All(answers.GroupBy(answer => answer.I), pair => Assert.Single(pair, answer => !answer.Replayed));
        Assert.Equal(300, await CountAsync() - before);
        await Book.CheckCleanAsync(app);
    }

    private Task<long> CountAsync() => app.Database.ScalarAsync<long>("select count(*) from ledger.postings where kind = 'transfer'");

    [Fact]
    public async Task The_last_coin_is_spent_on_one_of_them()
    {
        await using var second = await app.SecondServerAsync();
        var book = new Book(app);
        var a = await book.OpenAsync(5);
        var b = await book.OpenAsync();
        var results = await Task.WhenAll(
            Enumerable
                .Range(0, 50)
                .Select(async i =>
                {
                    try
                    {
                        await (i % 2 == 0 ? app : second).Get<GeneralLedger>().CommitAsync(Book.Transfer(a, b, 5));
                        return null;
                    }
                    catch (Refusal refusal)
                    {
                        return refusal.Reason;
                    }
                })
        );
        Assert.Single(results, result => result is null);
        Assert.Equal(49, results.Count(result => result == LedgerRefusals.InsufficientFunds));
    }
}
