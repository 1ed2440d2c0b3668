using System.Runtime.CompilerServices;
using Florin.Platform;
using Npgsql;

namespace Florin.Ledger;

/// <summary>The result of one check of the book.</summary>
/// <param name="Invariant">What must hold.</param>
/// <param name="Rows">How many rows it was checked on.</param>
/// <param name="FirstBroken">The first row that breaks it; null where none does.</param>
public sealed record LedgerCheck(string Invariant, long Rows, string? FirstBroken);

/// <summary>Recomputes every invariant of the book from the entries, all on one snapshot, while the server goes on.</summary>
public sealed class LedgerVerification(Database database)
{
    // Each query gives the number of rows looked at and the first broken one, or null.
    private static readonly IReadOnlyList<(string Invariant, string Sql)> Checks =
    [
        (
            "the entries of each posting sum to zero in each currency",
            """
            select count(*), min(posting_id::text || ' in ' || currency || ' is off by ' || total) filter (where total <> 0)
            from (select e.posting_id, a.currency, sum(e.amount) as total
                  from ledger.entries e join ledger.accounts a on a.id = e.account_id group by e.posting_id, a.currency) p
            """
        ),
        (
            "seq has no gaps and balance_after chains",
            """
            select count(*), min('account ' || account_id || ' entry ' || seq) filter (where seq <> nr or balance_after <> running)
            from (select account_id, seq, balance_after, row_number() over w as nr, sum(amount) over w as running
                  from ledger.entries window w as (partition by account_id order by seq)) e
            """
        ),
        (
            "each balance and seq is what its entries make",
            """
            select count(*), min('account ' || a.id || ' holds ' || a.balance || ' but its entries make ' || coalesce(e.total, 0))
                filter (where a.balance <> coalesce(e.total, 0) or a.seq <> coalesce(e.entries, 0))
            from ledger.accounts a
            left join (select account_id, sum(amount) as total, count(*) as entries from ledger.entries group by account_id) e on e.account_id = a.id
            """
        ),
        (
            "every entry has its account",
            """
            select count(*), min('account ' || e.account_id) filter (where a.id is null)
            from (select distinct account_id from ledger.entries) e left join ledger.accounts a on a.id = e.account_id
            """
        ),
        (
            "each posting names exactly its entries",
            """
            select count(*), min(p.id::text) filter (where cardinality(p.entries) <> 2 * coalesce(e.entries, 0))
            from ledger.postings p
            full join (select posting_id, count(*) as entries from ledger.entries group by posting_id) e on e.posting_id = p.id
            """
        ),
        (
            "every entry has its posting",
            "select count(*), min(e.posting_id::text) filter (where p.id is null) from ledger.entries e left join ledger.postings p on p.id = e.posting_id"
        ),
        (
            "entries are booked in the order of seq",
            """
            select count(*), min('account ' || account_id || ' entry ' || seq) filter (where posted_at < before)
            from (select account_id, seq, posted_at, lag(posted_at) over (partition by account_id order by seq) as before from ledger.entries) e
            """
        ),
        (
            "no account is below its floor",
            "select count(*), min('account ' || id || ' has ' || (balance - held) || ' available') filter (where balance - held < floor) from ledger.accounts"
        ),
        (
            "held is the sum of open holds",
            """
            select count(*), min('account ' || a.id || ' holds ' || a.held || ' but its open holds make ' || coalesce(h.total, 0)) filter (where a.held <> coalesce(h.total, 0))
            from ledger.accounts a
            left join (select account_id, sum(amount) as total from ledger.holds where state = 'open' group by account_id) h on h.account_id = a.id
            """
        ),
        (
            "the balances of each currency sum to zero",
            "select count(*), min(currency || ' is off by ' || total) filter (where total <> 0) from (select currency, sum(balance) as total from ledger.accounts group by currency) c"
        ),
    ];

    /// <summary>Runs the checks one by one.</summary>
    public async IAsyncEnumerable<LedgerCheck> RunAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await ExecuteAsync(connection, "begin isolation level repeatable read read only", cancel);
        foreach (var (invariant, sql) in Checks)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            await using var reader = await command.ExecuteReaderAsync(cancel);
            await reader.ReadAsync(cancel);
            yield return new LedgerCheck(invariant, reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetString(1));
        }

        await ExecuteAsync(connection, "rollback", cancel);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
