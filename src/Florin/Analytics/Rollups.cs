using System.Diagnostics.CodeAnalysis;
using Florin.Money;
using Florin.Platform;
using Npgsql;

namespace Florin.Analytics;

/// <summary>By what sums of takings are told apart; a currency's sum over all where nothing is said.</summary>
internal enum SumBy
{
    All,
    Method,
    Purpose,
    Time,
}

/// <summary>One sum of takings.</summary>
internal sealed record TakenSum(SumBy By, string Name, DateTimeOffset? Start, TakingsSum Sum);

/// <summary>Payments made in a stretch of time that are in one state now.</summary>
internal sealed record MadeSum(string State, long Payments);

/// <summary>One payee's takings in one currency.</summary>
internal sealed record PayeeSum(Guid Payee, TakingsSum Sum);

/// <summary>Reads sums.</summary>
internal sealed class Rollups(Database database)
{
    private const string Sums = "sum(payments)::bigint, sum(gross)::bigint, sum(fees)::bigint, sum(refunds)::bigint, sum(refunded)::bigint";

    /// <summary>Takings of each currency, by method, by purpose and by hour or day; of one purpose, where one is given.</summary>
    public Task<List<TakenSum>> TakenAsync(Stretch stretch, string? purpose, CancellationToken cancel) =>
        ReadAsync(
            $"""
            select currency, {Sums}, method, purpose, bucket
            from (select *, date_trunc($5, start, 'UTC') as bucket from {Rollup.Rows("analytics.taken")} taken where $6 in ('', purpose)) part
            group by grouping sets ((currency), (currency, method), (currency, purpose), (currency, bucket))
            having sum(payments) + sum(refunds) > 0 order by currency, bucket, sum(gross) desc, method, purpose
            """,
            row =>
            {
                var sum = SumOf(row, 0);
                return row switch
                {
                    _ when !row.IsDBNull(6) => new TakenSum(SumBy.Method, row.GetString(6), null, sum),
                    _ when !row.IsDBNull(7) => new TakenSum(SumBy.Purpose, row.GetString(7), null, sum),
                    _ when !row.IsDBNull(8) => new TakenSum(SumBy.Time, "", row.GetFieldValue<DateTimeOffset>(8), sum),
                    _ => new TakenSum(SumBy.All, "", null, sum),
                };
            },
            Rollup.Values(stretch, hours: stretch.ByHour),
            [stretch.ByHour ? "hour" : "day", purpose ?? ""],
            cancel
        );

    /// <summary>Payments made in the stretch by what they are now.</summary>
    public Task<List<MadeSum>> MadeAsync(Stretch stretch, CancellationToken cancel) =>
        ReadAsync(
            $"select state, sum(payments)::bigint from {Rollup.Rows("analytics.made")} made group by state having sum(payments) > 0 order by state",
            row => new MadeSum(row.GetString(0), row.GetInt64(1)),
            Rollup.Values(stretch),
            [],
            cancel
        );

    /// <summary>How many payments of the stretch took how long, from the shortest.</summary>
    public Task<List<(int Bucket, long Count)>> WaitsAsync(Stretch stretch, CancellationToken cancel) =>
        ReadAsync(
            $"select wait, sum(payments)::bigint from {Rollup.Rows("analytics.waits")} waits group by wait having sum(payments) > 0 order by wait",
            row => (row.GetInt32(0), row.GetInt64(1)),
            Rollup.Values(stretch),
            [],
            cancel
        );

    /// <summary>The payees of sales that took most in each currency, over the days of UTC that the stretch touches.</summary>
    public Task<List<PayeeSum>> PayeesAsync(Stretch stretch, int most, CancellationToken cancel) =>
        ReadAsync(
            $"""
            select currency, payments, gross, fees, refunds, refunded, payee
            from (
                select currency, payee, sum(payments)::bigint as payments, sum(gross)::bigint as gross, sum(fees)::bigint as fees, sum(refunds)::bigint as refunds,
                    sum(refunded)::bigint as refunded, row_number() over (partition by currency order by sum(gross) desc, payee) as place
                from analytics.payees where start >= date_trunc('day', $1, 'UTC') and start < $2 group by currency, payee
            ) part
            where place <= {most} order by currency, place
            """,
            row => new PayeeSum(row.GetGuid(6), SumOf(row, 0)),
            Rollup.Times(stretch.From, stretch.To),
            [],
            cancel
        );

    private static TakingsSum SumOf(NpgsqlDataReader row, int currency)
    {
        var of = Currency.Of(row.GetString(currency));
        return new TakingsSum(
            of,
            Payments: row.GetInt64(currency + 1),
            Gross: new Amount(row.GetInt64(currency + 2), of),
            Fees: new Amount(row.GetInt64(currency + 3), of),
            Refunds: row.GetInt64(currency + 4),
            Refunded: new Amount(row.GetInt64(currency + 5), of)
        );
    }

    [SuppressMessage("Security", "CA2100", Justification = "constants of this file")]
    private async Task<List<T>> ReadAsync<T>(
        string sql,
        Func<NpgsqlDataReader, T> show,
        IEnumerable<NpgsqlParameter> times,
        IEnumerable<string> texts,
        CancellationToken cancel
    )
    {
        await using var command = database.Source.CreateCommand(sql);
        foreach (var at in times)
        {
            command.Parameters.Add(at);
        }

        foreach (var text in texts)
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = text });
        }

        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(show(reader));
        }

        return rows;
    }
}
