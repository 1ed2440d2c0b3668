using Florin.Money;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Ledger;

/// <summary>An account of the book as staff see it.</summary>
/// <param name="Id">The account's number.</param>
/// <param name="Kind">Such as <c>wallet</c>, <c>shop</c> or <c>fee_revenue</c>.</param>
/// <param name="Code">Of a house account, such as <c>fee_revenue:KZT</c>; null for others.</param>
/// <param name="Balance">What it holds, or held at the instant that was asked for.</param>
/// <param name="Held">What of it is set aside by holds, now.</param>
/// <param name="Entries">How many entries it has, now.</param>
/// <param name="Floor">What is available may not fall below this; null for no floor.</param>
/// <param name="Arrears">What it owes to a house account, now.</param>
/// <param name="Flags">Some of <c>blocked</c>, <c>frozen</c>, <c>closed</c>, <c>owner_frozen</c>.</param>
/// <param name="OpenedAt">When it was opened.</param>
public sealed record BookAccount(
    long Id,
    string Kind,
    string? Code,
    Amount Balance,
    Amount Held,
    long Entries,
    Amount? Floor,
    Amount Arrears,
    IReadOnlyList<string> Flags,
    DateTimeOffset OpenedAt
);

/// <summary>An entry of the book as staff see it.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Seq">1, 2, 3 … without a gap.</param>
/// <param name="Amount">Above zero for money in, below for money out.</param>
/// <param name="BalanceAfter">What the account held after it.</param>
/// <param name="Posting">Its posting, <c>pst_…</c>.</param>
/// <param name="Kind">The posting's kind.</param>
/// <param name="Reference">What caused it.</param>
/// <param name="PostedAt">When it was booked.</param>
/// <param name="OccurredAt">When it happened.</param>
public sealed record BookEntry(
    long Account,
    long Seq,
    Amount Amount,
    Amount BalanceAfter,
    string Posting,
    string Kind,
    string? Reference,
    DateTimeOffset PostedAt,
    DateTimeOffset OccurredAt
);

/// <summary>A posting with all of its entries.</summary>
/// <param name="Id"><c>pst_…</c></param>
/// <param name="Kind">What it is.</param>
/// <param name="Reference">What caused it.</param>
/// <param name="Metadata">Its further facts.</param>
/// <param name="PostedAt">When it was booked.</param>
/// <param name="OccurredAt">When it happened.</param>
/// <param name="Entries">Its sides; they sum to zero in each currency.</param>
public sealed record BookPosting(
    string Id,
    string Kind,
    string? Reference,
    System.Text.Json.JsonElement? Metadata,
    DateTimeOffset PostedAt,
    DateTimeOffset OccurredAt,
    IReadOnlyList<BookEntry> Entries
);

/// <summary>Reads the book for staff: accounts, and from any number to the entries that make it. Nothing here locks.</summary>
public sealed class LedgerExplorer
{
    /// <summary>The prefix of a posting's public id.</summary>
    public const string Prefix = "pst";

    private const int MostPostings = 50;
    private const string Columns = "id, currency, kind, code, floor, balance, held, seq, flags, arrears, opened_at";
    private readonly Database database;

    internal LedgerExplorer(Database database) => this.database = database;

    /// <summary>One account as it is now; null where there is none.</summary>
    public async Task<BookAccount?> AccountAsync(long id, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand($"select {Columns} from ledger.accounts where id = $1");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id });
        return await ReadAsync(command, cancel) is [var found] ? found : null;
    }

    /// <summary>Accounts by descending number: the house's come first, since theirs are the highest.</summary>
    /// <param name="kind">Only this kind; null for all.</param>
    /// <param name="currency">Only this currency; null for all.</param>
    /// <param name="before">Only lower numbers.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancel">Stops reading.</param>
    internal async Task<List<BookAccount>> AccountsAsync(string? kind, string? currency, long before, int limit, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            $"select {Columns} from ledger.accounts where id < $1 and ($2 is null or kind = $2) and ($3 is null or currency = $3) order by id desc limit $4"
        );
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = before });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = kind, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = currency, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        return await ReadAsync(command, cancel);
    }

    /// <summary>A posting; null where there is none.</summary>
    internal async Task<BookPosting?> PostingAsync(Guid id, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(Postings("id = $1"));
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        return await ReadPostingsAsync(command, cancel) is [var found] ? found : null;
    }

    /// <summary>What something caused, such as a payment's <c>pay_…</c>: the newest 50 postings, newest first.</summary>
    internal async Task<List<BookPosting>> CausedByAsync(string reference, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(Postings("reference = $1"));
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = reference });
        return await ReadPostingsAsync(command, cancel);
    }

    private static string Postings(string which) =>
        $"""
            select p.id, p.kind, p.reference, p.metadata::text, p.posted_at, coalesce(p.occurred_at, p.posted_at),
                e.account_id, e.seq, e.amount, e.balance_after, a.currency
            from (select * from ledger.postings where {which} order by id desc limit {MostPostings}) p
            cross join generate_subscripts(p.entries, 1) place
            join ledger.entries e on place % 2 = 1 and e.account_id = p.entries[place] and e.seq = p.entries[place + 1]
            join ledger.accounts a on a.id = e.account_id
            order by p.id desc, place
            """;

    private static async Task<List<BookPosting>> ReadPostingsAsync(NpgsqlCommand command, CancellationToken cancel)
    {
        var postings = new List<BookPosting>();
        var entries = new List<BookEntry>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var id = Ids.Show(Prefix, reader.GetGuid(0));
            if (postings.Count == 0 || !string.Equals(postings[^1].Id, id, StringComparison.Ordinal))
            {
                entries = [];
                postings.Add(
                    new BookPosting(
                        id,
                        reader.GetString(1),
                        reader.IsDBNull(2) ? null : reader.GetString(2),
                        reader.IsDBNull(3) ? null : System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(reader.GetString(3)),
                        reader.GetFieldValue<DateTimeOffset>(4),
                        reader.GetFieldValue<DateTimeOffset>(5),
                        entries
                    )
                );
            }

            var posting = postings[^1];
            var currency = Currency.Of(reader.GetString(10));
            entries.Add(
                new BookEntry(
                    reader.GetInt64(6),
                    reader.GetInt64(7),
                    new Amount(reader.GetInt64(8), currency),
                    new Amount(reader.GetInt64(9), currency),
                    id,
                    posting.Kind,
                    posting.Reference,
                    posting.PostedAt,
                    posting.OccurredAt
                )
            );
        }

        return postings;
    }

    private static async Task<List<BookAccount>> ReadAsync(NpgsqlCommand command, CancellationToken cancel)
    {
        var accounts = new List<BookAccount>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var currency = Currency.Of(reader.GetString(1));
            accounts.Add(
                new BookAccount(
                    reader.GetInt64(0),
                    reader.GetString(2),
                    reader.IsDBNull(3) ? null : reader.GetString(3),
                    new Amount(reader.GetInt64(5), currency),
                    new Amount(reader.GetInt64(6), currency),
                    reader.GetInt64(7),
                    reader.IsDBNull(4) ? null : new Amount(reader.GetInt64(4), currency),
                    new Amount(reader.GetInt64(9), currency),
                    Words((AccountFlags)reader.GetInt32(8)),
                    reader.GetFieldValue<DateTimeOffset>(10)
                )
            );
        }

        return accounts;
    }

    private static List<string> Words(AccountFlags flags)
    {
        var words = new List<string>();
        foreach (
            var (flag, word) in ((AccountFlags, string)[])
                [
                    (AccountFlags.BlockedOutgoing, "blocked"),
                    (AccountFlags.Frozen, "frozen"),
                    (AccountFlags.Closed, "closed"),
                    (AccountFlags.OwnerFrozen, "owner_frozen"),
                ]
        )
        {
            if (flags.HasFlag(flag))
            {
                words.Add(word);
            }
        }

        return words;
    }
}
