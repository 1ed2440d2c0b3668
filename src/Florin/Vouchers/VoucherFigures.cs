using System.Diagnostics.CodeAnalysis;
using Florin.Money;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Vouchers;

/// <summary>How many vouchers there are. <c>docs/metrics.md</c> says what each figure is.</summary>
/// <param name="Total">Sold ever.</param>
/// <param name="Active">Of these: can be redeemed now.</param>
/// <param name="Used">Used up.</param>
/// <param name="Expired">Their time is over with uses left.</param>
/// <param name="Cancelled">Paid back.</param>
/// <param name="Issued">Sold in the stretch of time.</param>
/// <param name="IssuedBefore">The same of the stretch before.</param>
/// <param name="Redeemed">Uses in the stretch, without those that were undone.</param>
/// <param name="RedeemedBefore">The same of the stretch before.</param>
public sealed record VoucherCounts(
    long Total,
    long Active,
    long Used,
    long Expired,
    long Cancelled,
    long Issued,
    long IssuedBefore,
    long Redeemed,
    long RedeemedBefore
);

/// <summary>What was sold of one type in one currency in a stretch of time.</summary>
/// <param name="Type">Its code.</param>
/// <param name="Name">Its name now.</param>
/// <param name="Issued">Vouchers sold in the stretch.</param>
/// <param name="Redeemed">Uses in the stretch of vouchers in this currency.</param>
/// <param name="Paid">What was paid for those sold, after discounts.</param>
/// <param name="Refunded">What went back in the stretch.</param>
public sealed record VoucherTypeSales(string Type, string Name, long Issued, long Redeemed, Amount Paid, Amount Refunded);

/// <summary>A person's own vouchers in figures.</summary>
/// <param name="Total">How many they have.</param>
/// <param name="Active">Of these: can be redeemed now.</param>
/// <param name="Used">Used up.</param>
/// <param name="Expired">Their time is over with uses left.</param>
/// <param name="Cancelled">Paid back.</param>
/// <param name="Bought">How many they bought, those given away included.</param>
/// <param name="Spent">What they paid for those, after discounts and less what was paid back, by currency.</param>
public sealed record OwnVoucherCounts(long Total, long Active, long Used, long Expired, long Cancelled, long Bought, IReadOnlyList<Amount> Spent);

/// <summary>How often a person's vouchers of a service were redeemed.</summary>
/// <param name="ServiceType">The service.</param>
/// <param name="Uses">Redemptions that were not undone.</param>
public sealed record UseCount(string ServiceType, long Uses);

/// <summary>
/// Counts vouchers: the house's from <c>vouchers.figures</c>, sums that triggers keep with each change, a person's own from the table. How many can be
/// redeemed now stands in no sum alone, since time passes without a change: those that are over and not booked yet are looked up.
/// </summary>
public sealed class VoucherFigures(Database database, TimeProvider clock)
{
    private static readonly string Counts = $"""
        select ever.total, ever.active - late.vouchers, ever.used, ever.expired + late.vouchers, ever.cancelled, now.issued, before.issued, now.redeemed, before.redeemed
        from (
            select coalesce(sum(active + used + expired + cancelled), 0)::bigint as total, coalesce(sum(active), 0)::bigint as active,
                coalesce(sum(used), 0)::bigint as used, coalesce(sum(expired), 0)::bigint as expired, coalesce(sum(cancelled), 0)::bigint as cancelled
            from vouchers.figures where size = 'ever'
        ) ever
        cross join (select count(*) as vouchers from vouchers.vouchers where state = 'active' and expires_at <= $9) late
        cross join ({InStretch(1)}) now
        cross join ({InStretch(5)}) before
        """;

    private static readonly string Sales = $"""
        select t.code, t.name, part.currency, part.issued, part.redeemed, part.paid, part.refunded
        from (
            select type_id, currency, sum(active + used + expired + cancelled)::bigint as issued, sum(redeemed)::bigint as redeemed, sum(paid)::bigint as paid,
                sum(refunded)::bigint as refunded
            from {Rollup.Rows("vouchers.figures")} figures group by type_id, currency
        ) part join vouchers.types t on t.id = part.type_id
        where part.issued + part.redeemed + part.refunded > 0 order by part.paid desc, t.code, part.currency
        """;

    /// <summary>All of them.</summary>
    public async Task<VoucherCounts> CountAsync(Stretch stretch, CancellationToken cancel)
    {
        await using var command = Command(Counts, [.. Rollup.Values(stretch), .. Rollup.Values(stretch.Before), .. Rollup.Times(clock.GetUtcNow())]);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        long At(int column) => reader.GetInt64(column);
        return new VoucherCounts(At(0), At(1), At(2), At(3), At(4), At(5), At(6), At(7), At(8));
    }

    /// <summary>What was sold and redeemed of each type, those that brought most first.</summary>
    public async Task<IReadOnlyList<VoucherTypeSales>> ByTypeAsync(Stretch stretch, CancellationToken cancel)
    {
        await using var command = Command(Sales, Rollup.Values(stretch));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<VoucherTypeSales>();
        while (await reader.ReadAsync(cancel))
        {
            var currency = Currency.Of(reader.GetString(2));
            rows.Add(
                new VoucherTypeSales(
                    reader.GetString(0),
                    reader.GetString(1),
                    reader.GetInt64(3),
                    reader.GetInt64(4),
                    new Amount(reader.GetInt64(5), currency),
                    new Amount(reader.GetInt64(6), currency)
                )
            );
        }

        return rows;
    }

    /// <summary>A person's own.</summary>
    public async Task<OwnVoucherCounts> OfPersonAsync(Guid person, CancellationToken cancel)
    {
        var spent = new List<Amount>();
        var bought = 0L;
        await using (
            var command = database.Source.CreateCommand(
                "select currency, count(*), sum(paid - refunded)::bigint from vouchers.vouchers where bought_by = $1 group by currency order by currency"
            )
        )
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
            await using var paid = await command.ExecuteReaderAsync(cancel);
            while (await paid.ReadAsync(cancel))
            {
                bought += paid.GetInt64(1);
                spent.Add(new Amount(paid.GetInt64(2), Currency.Of(paid.GetString(0))));
            }
        }

        await using var count = database.Source.CreateCommand(
            """
            select count(*), count(*) filter (where state = 'active' and expires_at > $2), count(*) filter (where state = 'used'),
                count(*) filter (where state = 'expired' or state = 'active' and expires_at <= $2), count(*) filter (where state = 'cancelled')
            from vouchers.vouchers where owner = $1
            """
        );
        count.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        count.Parameters.Add(Time(clock.GetUtcNow()));
        await using var reader = await count.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return new OwnVoucherCounts(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), bought, spent);
    }

    /// <summary>For what a person's own vouchers were redeemed, the most used first.</summary>
    public async Task<IReadOnlyList<UseCount>> UsesAsync(Guid person, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "select service_type, count(*) from vouchers.redemptions where owner = $1 and undone_at is null group by service_type order by 2 desc, 1"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<UseCount>();
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(new UseCount(reader.GetString(0), reader.GetInt64(1)));
        }

        return rows;
    }

    /// <summary>Adds what changes wrote to the sums that they move, so that few rows are read; figures are the same before and after.</summary>
    public async Task FoldAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select vouchers.fold_rollups()");
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Counts every sum anew, while the server goes on.</summary>
    /// <returns>How many had been wrong.</returns>
    public async Task<long> RecountAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select vouchers.recount_rollups()");
        command.CommandTimeout = 0;
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    private static string InStretch(int first) =>
        "select coalesce(sum(active + used + expired + cancelled), 0)::bigint as issued, coalesce(sum(redeemed), 0)::bigint as redeemed "
        + $"from {Rollup.Rows("vouchers.figures", first)} figures";

    [SuppressMessage("Security", "CA2100", Justification = "constants of this file")]
    private NpgsqlCommand Command(string sql, IEnumerable<NpgsqlParameter> values)
    {
        var command = database.Source.CreateCommand(sql);
        command.Parameters.AddRange(values.ToArray());
        return command;
    }

    private static NpgsqlParameter<DateTime> Time(DateTimeOffset at) => new() { TypedValue = at.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz };
}
