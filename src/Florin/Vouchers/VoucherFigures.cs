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

/// <summary>Counts vouchers.</summary>
public sealed class VoucherFigures(Database database, TimeProvider clock)
{
    /// <summary>All of them.</summary>
    public async Task<VoucherCounts> CountAsync(Stretch stretch, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            select count(*), count(*) filter (where state = 'active' and expires_at > $5), count(*) filter (where state = 'used'),
                count(*) filter (where state = 'expired' or state = 'active' and expires_at <= $5), count(*) filter (where state = 'cancelled'),
                count(*) filter (where issued_at >= $1 and issued_at < $2), count(*) filter (where issued_at >= $3 and issued_at < $4),
                (select count(*) from vouchers.redemptions where undone_at is null and redeemed_at >= $1 and redeemed_at < $2),
                (select count(*) from vouchers.redemptions where undone_at is null and redeemed_at >= $3 and redeemed_at < $4)
            from vouchers.vouchers
            """
        );
        var before = stretch.Before;
        foreach (var at in new[] { stretch.From, stretch.To, before.From, before.To, clock.GetUtcNow() })
        {
            command.Parameters.Add(Time(at));
        }

        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        long At(int column) => reader.GetInt64(column);
        return new VoucherCounts(At(0), At(1), At(2), At(3), At(4), At(5), At(6), At(7), At(8));
    }

    /// <summary>What was sold and redeemed of each type, those that brought most first.</summary>
    public async Task<IReadOnlyList<VoucherTypeSales>> ByTypeAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            select t.code, t.name, part.currency, sum(part.issued)::bigint, sum(part.redeemed)::bigint, sum(part.paid)::bigint, sum(part.refunded)::bigint
            from (
                select type_id, currency, count(*) as issued, 0 as redeemed, sum(paid) as paid, 0 as refunded
                from vouchers.vouchers where issued_at >= $1 and issued_at < $2 group by type_id, currency
                union all
                select type_id, currency, 0, 0, 0, sum(refunded)
                from vouchers.vouchers where state = 'cancelled' and ended_at >= $1 and ended_at < $2 group by type_id, currency
                union all
                select v.type_id, v.currency, 0, count(*), 0, 0 from vouchers.redemptions r join vouchers.vouchers v on v.id = r.voucher_id
                where r.undone_at is null and r.redeemed_at >= $1 and r.redeemed_at < $2 group by v.type_id, v.currency
            ) part join vouchers.types t on t.id = part.type_id
            group by t.code, t.name, part.currency order by 6 desc, 1, 3
            """
        );
        command.Parameters.Add(Time(from));
        command.Parameters.Add(Time(to));
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

    private static NpgsqlParameter<DateTime> Time(DateTimeOffset at) => new() { TypedValue = at.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz };
}
