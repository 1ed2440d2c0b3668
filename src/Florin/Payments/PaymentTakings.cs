using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Florin.Money;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Payments;

/// <summary>By what takings are told apart.</summary>
public enum TakingsBy
{
    /// <summary>Each day of the time zone.</summary>
    Day,

    /// <summary>Each hour of the time zone; one that the clock shows twice is two.</summary>
    Hour,

    /// <summary>The method by which the payment was collected.</summary>
    Method,

    /// <summary>Who paid, where that is known: the twenty who paid most in each currency.</summary>
    Customer,

    /// <summary>Refunds by their reason.</summary>
    Reason,
}

/// <summary>A question for takings.</summary>
/// <param name="Payee">Such as a shop.</param>
/// <param name="From">From then on.</param>
/// <param name="To">Until then, which is not included.</param>
/// <param name="TimeZone">As <see cref="PaymentTakings.RangeAsync"/> took it.</param>
/// <param name="By">How they are told apart.</param>
/// <param name="WithoutFee">Methods to which the fee on sales does not apply.</param>
public sealed record TakingsQuestion(Guid Payee, DateTimeOffset From, DateTimeOffset To, string TimeZone, TakingsBy By, IReadOnlyList<string> WithoutFee);

/// <summary>What was taken in one currency. <c>docs/metrics.md</c> says what each figure is.</summary>
/// <param name="Label">The day, hour, method or reason; null where it is a customer, and in totals.</param>
/// <param name="Start">When the day or hour began.</param>
/// <param name="Customer">Who paid.</param>
/// <param name="Currency">The currency.</param>
/// <param name="Gross">Payments, in minor units.</param>
/// <param name="Refunded">Refunds, in minor units.</param>
/// <param name="Fees">What the house took, in minor units.</param>
/// <param name="Payments">How many payments.</param>
/// <param name="Refunds">How many refunds.</param>
public sealed record Takings(
    string? Label,
    DateTimeOffset? Start,
    Guid? Customer,
    Currency Currency,
    long Gross,
    long Refunded,
    long Fees,
    long Payments,
    long Refunds
)
{
    /// <summary>What is left: gross less refunds and fees.</summary>
    public long Net => Gross - Refunded - Fees;

    /// <summary>Gross over payments, to the nearest minor unit; zero where there were none.</summary>
    public long Average => Payments == 0 ? 0 : Rounding.HalfEven((decimal)Gross / Payments);
}

/// <summary>What payees took, recounted from payments and refunds: a payment counts when it was completed, a refund when it was done.</summary>
public sealed class PaymentTakings(Database database)
{
    private static readonly FrozenDictionary<TakingsBy, string> Questions = new Dictionary<TakingsBy, string>
    {
        [TakingsBy.Day] = ByTime("day", "YYYY-MM-DD"),
        [TakingsBy.Hour] = ByTime("hour", "YYYY-MM-DD\"T\"HH24:MI"),
        [TakingsBy.Method] = Ask("p.method", "p.method", "part, null::timestamptz, null::uuid", "1000", "gross desc"),
        [TakingsBy.Customer] = Ask("p.paid_by", "p.paid_by", "null::text, null::timestamptz, part", "20", "gross desc"),
        [TakingsBy.Reason] = Ask("null::text", "r.reason", "part, null::timestamptz, null::uuid", "1000", "refunded desc"),
    }.ToFrozenDictionary();

    private FrozenSet<string>? timeZones;

    /// <summary>The stretch of time that is asked for: days of the time zone, both included, or moments, the second not included.</summary>
    /// <param name="fromDay">The first day, or</param>
    /// <param name="from">the first moment; thirty days with today where neither is given.</param>
    /// <param name="toDay">The last day, or</param>
    /// <param name="to">the moment after the last; now where neither is given.</param>
    /// <param name="timeZone">A name of the IANA's database, such as <c>Asia/Almaty</c>.</param>
    /// <param name="now">Now.</param>
    /// <param name="cancel">Stops asking.</param>
    /// <exception cref="Refusal"><c>invalid_request</c> for the time zone</exception>
    public async Task<(DateTimeOffset From, DateTimeOffset To)> RangeAsync(
        DateOnly? fromDay,
        DateTimeOffset? from,
        DateOnly? toDay,
        DateTimeOffset? to,
        string timeZone,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        await DemandTimeZoneAsync(timeZone, cancel);
        await using var command = database.Source.CreateCommand(
            """
            select coalesce($2, $1::timestamp at time zone $5, (date_trunc('day', $6 at time zone $5) - interval '29 days') at time zone $5),
                coalesce($4, ($3 + 1)::timestamp at time zone $5, $6)
            """
        );
        command.Parameters.Add(new NpgsqlParameter { Value = fromDay ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Date });
        command.Parameters.Add(new NpgsqlParameter { Value = from?.UtcDateTime ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter { Value = toDay ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Date });
        command.Parameters.Add(new NpgsqlParameter { Value = to?.UtcDateTime ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = timeZone });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return (reader.GetFieldValue<DateTimeOffset>(0), reader.GetFieldValue<DateTimeOffset>(1));
    }

    /// <summary>Counts.</summary>
    /// <returns>A row for each part and currency (by time from the first, else from the largest), and the sums of all for each currency.</returns>
    [SuppressMessage("Security", "CA2100", Justification = "constants of this file")]
    public async Task<(IReadOnlyList<Takings> Parts, IReadOnlyList<Takings> Totals)> CountAsync(TakingsQuestion question, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(Questions[question.By]);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = question.Payee });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = question.From.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = question.To.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = question.TimeZone });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. question.WithoutFee] });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var parts = new List<Takings>();
        var totals = new List<Takings>();
        while (await reader.ReadAsync(cancel))
        {
            var isTotal = reader.GetInt32(0) == 1;
            var row = new Takings(
                isTotal || reader.IsDBNull(1) ? null : reader.GetString(1),
                isTotal || reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2),
                isTotal || reader.IsDBNull(3) ? null : reader.GetGuid(3),
                Currency.Of(reader.GetString(4)),
                reader.GetInt64(5),
                reader.GetInt64(6),
                reader.GetInt64(7),
                reader.GetInt64(8),
                reader.GetInt64(9)
            );
            (isTotal ? totals : parts).Add(row);
        }

        return (parts, totals);
    }

    // Asked before, since a name that the database does not know would make the statement fail.
    private async Task DemandTimeZoneAsync(string name, CancellationToken cancel)
    {
        if (timeZones is null)
        {
            await using var command = database.Source.CreateCommand("select array_agg(name) from pg_timezone_names");
            timeZones = ((string[])(await command.ExecuteScalarAsync(cancel))!).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        }

        if (!timeZones.Contains(name))
        {
            throw PlatformRefusals.InvalidRequest.Field("tz", "must be a time zone such as Asia/Almaty or UTC");
        }
    }

    private static string ByTime(string unit, string format) =>
        Ask(
            $"date_trunc('{unit}', completed_at, $4)",
            $"date_trunc('{unit}', r.ended_at, $4)",
            $"to_char(part at time zone $4, '{format}'), part, null::uuid",
            "1000000",
            "part"
        );

    // One row a part and currency, and with total = 1 one row a currency. A part that is null is what the question does not ask for, such as payments
    // without a customer: it stands in the totals only.
    private static string Ask(string payment, string refund, string shown, string most, string order) =>
        $"""
            with facts as (
                select {payment} as part, currency, amount as gross, 0::bigint as refunded, case when p.method = any($5) then 0 else fee end as fee, 1 as paid, 0 as back
                from payments.attempts a join payments.payments p on p.id = a.payment_id
                where a.payee = $1 and a.ended_at >= $2 and a.ended_at < $3
                union all
                select {refund}, r.currency, 0, r.amount, 0, 0, 1
                from payments.refunds r join payments.payments p on p.id = r.payment_id
                where p.payee = $1 and r.state = 'completed' and r.reason <> 'late_money' and r.ended_at >= $2 and r.ended_at < $3
            ), sums as (
                select part, currency, grouping(part) as total, sum(gross)::bigint as gross, sum(refunded)::bigint as refunded, sum(fee)::bigint as fees,
                    sum(paid) as payments, sum(back) as refunds,
                    row_number() over (partition by grouping(part), part is null, currency order by sum(gross) desc, part) as place
                from facts group by grouping sets ((part, currency), (currency))
            )
            select total, {shown}, currency, gross, refunded, fees, payments, refunds
            from sums where total = 1 or (part is not null and place <= {most}) order by total, {order}, currency, part
            """;
}
