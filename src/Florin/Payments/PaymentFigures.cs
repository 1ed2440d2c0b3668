using System.Diagnostics.CodeAnalysis;
using Florin.Money;
using Florin.Platform;
using Npgsql;

namespace Florin.Payments;

/// <summary>What figures need of a payment, as it is now.</summary>
/// <param name="Id">The payment.</param>
/// <param name="Purpose">Which fulfilment.</param>
/// <param name="Currency">Its currency's code.</param>
/// <param name="Amount">What the payer pays, minor units.</param>
/// <param name="Fee">What the house takes of it when it completes, minor units, whatever the method.</param>
/// <param name="Payee">A shop, a wallet …</param>
/// <param name="Method">Which method collected it; null while none has.</param>
/// <param name="State">One of <see cref="PaymentStates"/>.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="CompletedAt">When it was paid.</param>
public sealed record PaymentFigure(
    Guid Id,
    string Purpose,
    string Currency,
    long Amount,
    long Fee,
    Guid Payee,
    string? Method,
    string State,
    DateTimeOffset CreatedAt,
    DateTimeOffset? CompletedAt
);

/// <summary>What figures need of a refund that is done. Late money that went back by itself is none.</summary>
/// <param name="Id">The refund.</param>
/// <param name="Purpose">Of its payment.</param>
/// <param name="Currency">Of its payment.</param>
/// <param name="Method">Of its payment.</param>
/// <param name="Payee">Of its payment.</param>
/// <param name="Amount">What went back, minor units.</param>
/// <param name="DoneAt">When.</param>
public sealed record RefundFigure(Guid Id, string Purpose, string Currency, string Method, Guid Payee, long Amount, DateTimeOffset DoneAt);

/// <summary>What a person paid by one purpose, in one currency.</summary>
/// <param name="Purpose">Which fulfilment.</param>
/// <param name="Paid">Payments completed in the stretch of time.</param>
/// <param name="Refunded">Refunds done in it.</param>
/// <param name="Payments">How many payments.</param>
/// <param name="Refunds">How many refunds.</param>
public sealed record PersonSpending(string Purpose, Amount Paid, Amount Refunded, long Payments, long Refunds);

/// <summary>Payments and refunds as figures read them: those that changed, one after another, or all.</summary>
public sealed class PaymentFigures(Database database)
{
    /// <summary>The topics whose events say that a figure may have changed; their aggregate is the payment.</summary>
    public static readonly IReadOnlyList<string> Topics =
    [
        PaymentEvents.Created,
        PaymentEvents.Processing,
        PaymentEvents.AttemptFailed,
        PaymentEvents.Completed,
        PaymentEvents.Cancelled,
        PaymentEvents.Expired,
        PaymentEvents.Failed,
        PaymentEvents.Refunded,
    ];

    private const string PaymentSql = "select id, purpose, currency, amount, fee, payee, method, state, created_at, completed_at from payments.payments";

    private const string RefundSql = """
        select r.id, p.purpose, r.currency, p.method, p.payee, r.amount, r.ended_at
        from payments.refunds r join payments.payments p on p.id = r.payment_id where r.state = 'completed' and r.reason <> 'late_money'
        """;

    /// <summary>Some payments as they are now; those that do not exist are left out.</summary>
    public Task<List<PaymentFigure>> PaymentsAsync(IReadOnlyCollection<Guid> payments, CancellationToken cancel) =>
        ReadAsync(PaymentSql + " where id = any($1)", Payment, cancel, Many(payments));

    /// <summary>The next payments after one, by id, as they are now; <see cref="Guid.Empty"/> for the first.</summary>
    public Task<List<PaymentFigure>> PaymentsAfterAsync(Guid last, int limit, CancellationToken cancel) =>
        ReadAsync(PaymentSql + " where id > $1 order by id limit $2", Payment, cancel, One(last), One(limit));

    /// <summary>The refunds that are done of some payments.</summary>
    public Task<List<RefundFigure>> RefundsAsync(IReadOnlyCollection<Guid> payments, CancellationToken cancel) =>
        ReadAsync(RefundSql + " and r.payment_id = any($1)", Refund, cancel, Many(payments));

    /// <summary>The next refunds after one, by id, of those that are done.</summary>
    public Task<List<RefundFigure>> RefundsAfterAsync(Guid last, int limit, CancellationToken cancel) =>
        ReadAsync(RefundSql + " and r.id > $1 order by r.id limit $2", Refund, cancel, One(last), One(limit));

    /// <summary>What payees are called on their newest payment.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> PayeeNamesAsync(IReadOnlyCollection<Guid> payees, CancellationToken cancel)
    {
        var names = await ReadAsync(
            """
            select asked.payee, newest.payee_name from unnest($1) asked(payee)
            cross join lateral (select payee_name from payments.payments p where p.payee = asked.payee order by p.id desc limit 1) newest
            """,
            row => (Payee: row.GetGuid(0), Name: row.GetString(1)),
            cancel,
            Many(payees)
        );
        return names.ToDictionary(one => one.Payee, one => one.Name);
    }

    /// <summary>What a person paid, where it is known that they did, and what came back of it; by purpose and currency, the largest first.</summary>
    /// <param name="person">Who paid.</param>
    /// <param name="from">From then on.</param>
    /// <param name="to">Until then, which is not included.</param>
    /// <param name="cancel">Stops counting.</param>
    public async Task<IReadOnlyList<PersonSpending>> SpendingAsync(Guid person, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        return await ReadAsync(
            """
            select purpose, currency, sum(paid)::bigint, sum(back)::bigint, sum(payments)::bigint, sum(refunds)::bigint
            from (
                select purpose, currency, amount as paid, 0::bigint as back, 1 as payments, 0 as refunds
                from payments.attempts a join payments.payments p on p.id = a.payment_id
                where a.paid_by = $1 and a.ended_at >= $2 and a.ended_at < $3
                union all
                select p.purpose, r.currency, 0, r.amount, 0, 1
                from payments.attempts a join payments.payments p on p.id = a.payment_id join payments.refunds r on r.payment_id = p.id
                where a.paid_by = $1 and r.state = 'completed' and r.reason <> 'late_money' and r.ended_at >= $2 and r.ended_at < $3
            ) part
            group by purpose, currency order by 3 desc, 1, 2
            """,
            row =>
            {
                var currency = Currency.Of(row.GetString(1));
                return new PersonSpending(
                    row.GetString(0),
                    new Amount(row.GetInt64(2), currency),
                    new Amount(row.GetInt64(3), currency),
                    row.GetInt64(4),
                    row.GetInt64(5)
                );
            },
            cancel,
            One(person),
            One(from.UtcDateTime),
            One(to.UtcDateTime)
        );
    }

    private static PaymentFigure Payment(NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            row.GetString(1),
            row.GetString(2),
            row.GetInt64(3),
            row.GetInt64(4),
            row.GetGuid(5),
            row.IsDBNull(6) ? null : row.GetString(6),
            row.GetString(7),
            row.GetFieldValue<DateTimeOffset>(8),
            row.IsDBNull(9) ? null : row.GetFieldValue<DateTimeOffset>(9)
        );

    private static RefundFigure Refund(NpgsqlDataReader row) =>
        new(row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetGuid(4), row.GetInt64(5), row.GetFieldValue<DateTimeOffset>(6));

    private static NpgsqlParameter<T> One<T>(T value) => new() { TypedValue = value };

    private static NpgsqlParameter<Guid[]> Many(IEnumerable<Guid> ids) => new() { TypedValue = [.. ids] };

    [SuppressMessage("Security", "CA2100", Justification = "constants of this file")]
    private async Task<List<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> show, CancellationToken cancel, params NpgsqlParameter[] parameters)
    {
        await using var command = database.Source.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(show(reader));
        }

        return rows;
    }
}
