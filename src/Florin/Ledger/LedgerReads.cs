using System.Runtime.CompilerServices;
using Florin.Money;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Ledger;

/// <summary>One side of a move, as statements show it. Amounts in minor units.</summary>
/// <param name="Account">Whose entry.</param>
/// <param name="Seq">1, 2, 3 … without a gap.</param>
/// <param name="Amount">Above zero for money in, below for money out.</param>
/// <param name="BalanceAfter">The balance that this entry left.</param>
/// <param name="PostedAt">When it was booked; never before the entry with the lower <see cref="Seq"/>.</param>
/// <param name="OccurredAt">When it happened.</param>
/// <param name="Posting">Its posting.</param>
/// <param name="Kind">The posting's kind.</param>
/// <param name="Reference">What caused it.</param>
/// <param name="Metadata">The posting's further facts as JSON.</param>
/// <param name="Counterparts">The other accounts of the posting, house accounts included.</param>
public sealed record EntryView(
    long Account,
    long Seq,
    long Amount,
    long BalanceAfter,
    DateTimeOffset PostedAt,
    DateTimeOffset OccurredAt,
    Guid Posting,
    string Kind,
    string? Reference,
    string? Metadata,
    IReadOnlyList<long> Counterparts
);

/// <summary>A stretch of one account's entries.</summary>
/// <param name="Account">Whose.</param>
/// <param name="AfterSeq">The entry before the first one; 0 for none.</param>
/// <param name="LastSeq">The last one; <see cref="AfterSeq"/> where there is none.</param>
/// <param name="Opening">The balance before the first one, in minor units.</param>
/// <param name="Closing">The balance after the last one, in minor units.</param>
public sealed record StatementRange(long Account, long AfterSeq, long LastSeq, long Opening, long Closing);

/// <summary>Which entries of an account are asked for.</summary>
public sealed record EntryFilter
{
    /// <summary>Only entries with a higher <c>seq</c>; 0 for all.</summary>
    public long AfterSeq { get; init; }

    /// <summary>True for money in, false for money out, null for both.</summary>
    public bool? Incoming { get; init; }

    /// <summary>The posting's kind; null for any.</summary>
    public string? Kind { get; init; }

    /// <summary>A pattern of <c>ilike</c> that the note in the posting's metadata or its reference matches; null for any.</summary>
    public string? Text { get; init; }

    /// <summary>An account on the other side, which stands in for <see cref="Text"/>; null for none.</summary>
    public long? Counterpart { get; init; }
}

/// <summary>An entry on the account of money at a gateway.</summary>
/// <param name="Reference">Of its posting.</param>
/// <param name="Currency">The account's.</param>
/// <param name="Amount">In minor units: below zero for what the gateway collected, above zero for what went back.</param>
public sealed record GatewayEntry(string Reference, string Currency, long Amount);

/// <summary>Which of an entry's two times a question is about.</summary>
public enum EntryTime
{
    /// <summary>When it was booked.</summary>
    Posted,

    /// <summary>When it happened in the world.</summary>
    Occurred,
}

/// <summary>Reads the book. Nothing here locks.</summary>
public sealed class LedgerReads(Database database)
{
    private const int StatementPage = 1000;

    private const string EntryColumns = """
        select e.seq, e.amount, e.balance_after, e.posted_at, coalesce(e.occurred_at, e.posted_at), p.id, p.kind, p.reference, p.metadata::text, p.entries
        from ledger.entries e join ledger.postings p on p.id = e.posting_id
        """;

    // The highest seq booked before an instant. posted_at follows seq, so this is a binary search on the primary key: the same
    // cost for the first entry and the ten-millionth, and no second index to keep.
    private const string SeqBefore = """
        with recursive search(low, high) as (
            select 0::bigint, (select seq from ledger.accounts where id = $1)
            union all
            select case when e.posted_at < $2 then s.middle else s.low end, case when e.posted_at < $2 then s.high else s.middle - 1 end
            from (select low, high, (low + high + 1) / 2 as middle from search where low < high) s
            cross join lateral (select posted_at from ledger.entries where account_id = $1 and seq = s.middle) e
        )
        select low from search where low = high
        """;

    /// <summary>Accounts as they are now; ids that do not exist are left out.</summary>
    public async Task<IReadOnlyDictionary<long, AccountView>> AccountsAsync(IReadOnlyCollection<long> accounts, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "select id, currency, balance, held, seq, flags, arrears, proof_limit from ledger.accounts where id = any($1)"
        );
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. accounts] });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new Dictionary<long, AccountView>(accounts.Count);
        while (await reader.ReadAsync(cancel))
        {
            var view = new AccountView(
                reader.GetInt64(0),
                Currency.Of(reader.GetString(1)),
                reader.GetInt64(2),
                reader.GetInt64(3),
                reader.GetInt64(4),
                (AccountFlags)reader.GetInt32(5),
                reader.GetInt64(6),
                reader.IsDBNull(7) ? null : reader.GetInt64(7)
            );
            found.Add(view.Id, view);
        }

        return found;
    }

    /// <summary>Entries of one account, newest first, at the same cost on every page.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="beforeSeq">Only entries with a lower <c>seq</c>; null from the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancel">Stops reading.</param>
    public Task<IReadOnlyList<EntryView>> EntriesAsync(long account, long? beforeSeq, int limit, CancellationToken cancel) =>
        ReadAsync($"{EntryColumns} where e.account_id = $1 and e.seq < $2 order by e.seq desc limit $3", account, [beforeSeq ?? long.MaxValue, limit], cancel);

    /// <summary>Some entries of one account, newest first. The rarer what is asked for, the further back it reads.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="beforeSeq">Only entries with a lower <c>seq</c>; null from the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="filter">Which.</param>
    /// <param name="cancel">Stops reading.</param>
    public Task<IReadOnlyList<EntryView>> EntriesAsync(long account, long? beforeSeq, int limit, EntryFilter filter, CancellationToken cancel) =>
        ReadAsync(
            $"""
            {EntryColumns} where e.account_id = $1 and e.seq < $2 and e.seq > $4 and ($5 = 0 or sign(e.amount) = $5) and ($6::text is null or p.kind = $6)
                and ($7::text is null or p.metadata ->> 'note' ilike $7 or p.reference ilike $7 or exists (
                    select from unnest(p.entries) with ordinality part (account, place) where part.place % 2 = 1 and part.account = $8
                ))
            order by e.seq desc limit $3
            """,
            account,
            [
                beforeSeq ?? long.MaxValue,
                limit,
                filter.AfterSeq,
                filter.Incoming switch
                {
                    true => 1,
                    false => -1,
                    null => 0,
                },
            ],
            [filter.Kind, filter.Text],
            filter.Counterpart ?? 0,
            cancel
        );

    /// <summary>The entries of one posting on an account: none where it did not touch it.</summary>
    public Task<IReadOnlyList<EntryView>> OfPostingAsync(long account, Guid posting, CancellationToken cancel) =>
        ReadAsync(
            """
            select e.seq, e.amount, e.balance_after, e.posted_at, coalesce(e.occurred_at, e.posted_at), p.id, p.kind, p.reference, p.metadata::text, p.entries
            from ledger.postings p
            cross join generate_subscripts(p.entries, 1) place
            join ledger.entries e on e.account_id = $1 and e.seq = p.entries[place + 1]
            where p.id = $2 and place % 2 = 1 and p.entries[place] = $1 order by e.seq
            """,
            account,
            posting,
            cancel
        );

    /// <summary>The entries booked in <c>[from, to)</c> and the balances around them, as they stand now. What is in it never changes.</summary>
    public async Task<StatementRange> RangeAsync(long account, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        var after = await SeqBeforeAsync(account, from, cancel);
        var last = Math.Max(after, await SeqBeforeAsync(account, to, cancel));
        return new StatementRange(account, after, last, await BalanceAfterAsync(account, after, cancel), await BalanceAfterAsync(account, last, cancel));
    }

    /// <summary>The entries of a range, oldest first, read page by page.</summary>
    public async IAsyncEnumerable<EntryView> StatementAsync(StatementRange range, [EnumeratorCancellation] CancellationToken cancel)
    {
        var last = range.AfterSeq;
        while (last < range.LastSeq)
        {
            var page = await ReadAsync(
                $"{EntryColumns} where e.account_id = $1 and e.seq > $2 and e.seq <= $3 order by e.seq limit $4",
                range.Account,
                [last, range.LastSeq, StatementPage],
                cancel
            );
            foreach (var entry in page)
            {
                yield return entry;
            }

            last = page[^1].Seq;
        }
    }

    /// <summary>The entries of postings with these references on a gateway's accounts, of whatever currency.</summary>
    public async Task<IReadOnlyList<GatewayEntry>> AtGatewayAsync(string gateway, string[] references, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            select p.reference, a.currency, e.amount
            from ledger.postings p
            cross join generate_subscripts(p.entries, 1) place
            join ledger.entries e on e.account_id = p.entries[place] and e.seq = p.entries[place + 1]
            join ledger.accounts a on a.id = e.account_id
            where p.reference = any($2) and place % 2 = 1 and a.code = 'gateway:' || $1 || ':' || a.currency
            """
        );
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = gateway });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = references });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<GatewayEntry>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add(new GatewayEntry(reader.GetString(0), reader.GetString(1), reader.GetInt64(2)));
        }

        return found;
    }

    /// <summary>The balance at an instant: the sum of entries at or before it, in minor units.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="at">The instant, included.</param>
    /// <param name="time">Whether entries count by when they were booked or by when they happened.</param>
    /// <param name="cancel">Stops reading.</param>
    public async Task<long> BalanceAtAsync(long account, DateTimeOffset at, EntryTime time, CancellationToken cancel)
    {
        var instant = at.AddTicks(TimeSpan.TicksPerMicrosecond);
        var booked = await SeqBeforeAsync(account, instant, cancel);
        // What was booked later and had happened before also counts; such entries have an index of their own.
        await using var command = database.Source.CreateCommand(
            """
            select coalesce((select balance_after from ledger.entries where account_id = $1 and seq = $2), 0)
                + case when $4 then coalesce((select sum(amount) from ledger.entries where account_id = $1 and occurred_at < $3 and seq > $2), 0) else 0 end::bigint
            """
        );
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = booked });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = instant.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = time == EntryTime.Occurred });
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancel), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Per house account or account kind and currency: how many accounts, and their balances' sum. The sums of one currency add up to zero.</summary>
    public async Task<IReadOnlyList<(string Name, Amount Balance, long Accounts)>> TrialBalanceAsync(CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return await TrialBalanceAsync(connection, cancel);
    }

    /// <summary>The same in the transaction that a connection is in.</summary>
    public static async Task<IReadOnlyList<(string Name, Amount Balance, long Accounts)>> TrialBalanceAsync(
        NpgsqlConnection connection,
        CancellationToken cancel
    )
    {
        await using var command = new NpgsqlCommand(
            "select coalesce(code, kind), currency, sum(balance)::bigint, count(*) from ledger.accounts group by coalesce(code, kind), currency order by 2, 1",
            connection
        );
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<(string, Amount, long)>();
        while (await reader.ReadAsync(cancel))
        {
            rows.Add((reader.GetString(0), new Amount(reader.GetInt64(2), Currency.Of(reader.GetString(1))), reader.GetInt64(3)));
        }

        return rows;
    }

    private async Task<long> BalanceAfterAsync(long account, long seq, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select balance_after from ledger.entries where account_id = $1 and seq = $2");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = seq });
        return await command.ExecuteScalarAsync(cancel) is long balance ? balance : 0;
    }

    private async Task<long> SeqBeforeAsync(long account, DateTimeOffset instant, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(SeqBefore);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = instant.UtcDateTime });
        return await command.ExecuteScalarAsync(cancel) is long seq ? seq : 0;
    }

    private Task<IReadOnlyList<EntryView>> ReadAsync(string sql, long account, long[] bounds, CancellationToken cancel) =>
        ReadAsync(sql, account, bounds.Select(bound => new NpgsqlParameter<long> { TypedValue = bound }), cancel);

    private Task<IReadOnlyList<EntryView>> ReadAsync(string sql, long account, Guid posting, CancellationToken cancel) =>
        ReadAsync(sql, account, [new NpgsqlParameter<Guid> { TypedValue = posting }], cancel);

    private Task<IReadOnlyList<EntryView>> ReadAsync(string sql, long account, long[] bounds, string?[] texts, long last, CancellationToken cancel) =>
        ReadAsync(
            sql,
            account,
            [
                .. bounds.Select(bound => new NpgsqlParameter<long> { TypedValue = bound }),
                .. texts.Select(text => new NpgsqlParameter<string?> { TypedValue = text, NpgsqlDbType = NpgsqlDbType.Text }),
                new NpgsqlParameter<long> { TypedValue = last },
            ],
            cancel
        );

    private async Task<IReadOnlyList<EntryView>> ReadAsync(string sql, long account, IEnumerable<NpgsqlParameter> parameters, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = account });
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        await using var reader = await command.ExecuteReaderAsync(cancel);
        var entries = new List<EntryView>();
        while (await reader.ReadAsync(cancel))
        {
            entries.Add(
                new EntryView(
                    account,
                    reader.GetInt64(0),
                    reader.GetInt64(1),
                    reader.GetInt64(2),
                    reader.GetFieldValue<DateTimeOffset>(3),
                    reader.GetFieldValue<DateTimeOffset>(4),
                    reader.GetGuid(5),
                    reader.GetString(6),
                    reader.IsDBNull(7) ? null : reader.GetString(7),
                    reader.IsDBNull(8) ? null : reader.GetString(8),
                    [.. reader.GetFieldValue<long[]>(9).Where((id, i) => i % 2 == 0 && id != account).Distinct()]
                )
            );
        }

        return entries;
    }
}
