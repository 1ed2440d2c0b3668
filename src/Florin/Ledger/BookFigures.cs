using Florin.Money;
using Florin.Platform;
using Npgsql;

namespace Florin.Ledger;

/// <summary>What a recount of the whole book found.</summary>
/// <param name="BeganAt">What was booked by then was looked at.</param>
/// <param name="EndedAt">When it was done.</param>
/// <param name="Entries">How many entries it looked at.</param>
/// <param name="Broken">How many invariants did not hold.</param>
/// <param name="FirstBroken">The first row that breaks one; null where none does.</param>
public sealed record VerifiedBook(DateTimeOffset BeganAt, DateTimeOffset EndedAt, long Entries, int Broken, string? FirstBroken);

/// <summary>What a house account gained in a stretch of time and in the one before.</summary>
/// <param name="Account">Its purpose, such as <c>fee_revenue</c>.</param>
/// <param name="Now">Credits less debits in the stretch.</param>
/// <param name="Before">The same of the one before.</param>
public sealed record HouseIncome(string Account, Amount Now, Amount Before);

/// <summary>Figures of the whole book, and the proof that it holds.</summary>
public sealed class BookFigures(Database database, LedgerVerification verification, TimeProvider clock)
{
    /// <summary>The house accounts that are income.</summary>
    public static readonly IReadOnlyList<string> Income = ["fee_revenue", "voucher_revenue", "file_revenue", "fx_spread"];

    /// <summary>Recomputes every invariant and keeps what it found.</summary>
    /// <param name="told">Told of each check as it is done.</param>
    /// <param name="cancel">Stops it; then nothing is kept.</param>
    public async Task<VerifiedBook> VerifyAsync(Action<LedgerCheck> told, CancellationToken cancel)
    {
        var began = clock.GetUtcNow();
        var (entries, broken, first) = (0L, 0, default(string));
        await foreach (var check in verification.RunAsync(cancel))
        {
            told(check);
            entries = Math.Max(entries, check.Rows); // the checks of entries look at most rows
            if (check.FirstBroken is { } row)
            {
                broken++;
                first ??= $"{check.Invariant}: {row}";
            }
        }

        var ended = clock.GetUtcNow();
        var found = new VerifiedBook(began, ended < began ? began : ended, entries, broken, first);
        await using var command = database.Source.CreateCommand(
            "insert into ledger.verifications (began_at, ended_at, entries, broken, first_broken) values ($1, $2, $3, $4, $5)"
        );
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = found.BeganAt });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = found.EndedAt });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = found.Entries });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = found.Broken });
        command.Parameters.Add(new NpgsqlParameter { Value = first ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancel);
        return found;
    }

    /// <summary>What the last recount found; null where there was none yet.</summary>
    public async Task<VerifiedBook?> LastAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "select began_at, ended_at, entries, broken, first_broken from ledger.verifications order by id desc limit 1"
        );
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? new VerifiedBook(
                reader.GetFieldValue<DateTimeOffset>(0),
                reader.GetFieldValue<DateTimeOffset>(1),
                reader.GetInt64(2),
                reader.GetInt32(3),
                reader.IsDBNull(4) ? null : reader.GetString(4)
            )
            : null;
    }

    /// <summary>
    /// What the house earned by when it was booked: its income accounts' balances at the ends of a stretch, found by a binary search, so that a year costs no
    /// more than an hour.
    /// </summary>
    public async Task<IReadOnlyList<HouseIncome>> IncomeAsync(Stretch stretch, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            with recursive search(account, place, instant, low, high) as (
                select a.id, t.place, t.instant, 0::bigint, a.seq
                from ledger.accounts a cross join unnest($2) with ordinality t(instant, place) where a.code is not null and a.kind = any($1)
                union all
                select s.account, s.place, s.instant, case when e.posted_at < s.instant then s.middle else s.low end,
                    case when e.posted_at < s.instant then s.high else s.middle - 1 end
                from (select *, (low + high + 1) / 2 as middle from search where low < high) s
                join ledger.entries e on e.account_id = s.account and e.seq = s.middle
            ), found as (
                select s.account, s.place, coalesce(e.balance_after, 0) as balance
                from search s left join ledger.entries e on e.account_id = s.account and e.seq = s.low where s.low = s.high
            )
            select a.kind, a.currency, sum(case place when 4 then found.balance when 3 then -found.balance else 0 end)::bigint,
                sum(case place when 2 then found.balance when 1 then -found.balance else 0 end)::bigint
            from found join ledger.accounts a on a.id = found.account group by a.kind, a.currency order by a.currency, a.kind
            """
        );
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. Income] });
        var before = stretch.Before;
        command.Parameters.Add(
            new NpgsqlParameter<DateTime[]> { TypedValue = [before.From.UtcDateTime, before.To.UtcDateTime, stretch.From.UtcDateTime, stretch.To.UtcDateTime] }
        );
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<HouseIncome>();
        while (await reader.ReadAsync(cancel))
        {
            var currency = Currency.Of(reader.GetString(1));
            rows.Add(new HouseIncome(reader.GetString(0), new Amount(reader.GetInt64(2), currency), new Amount(reader.GetInt64(3), currency)));
        }

        return rows;
    }
}
