using Florin.Money;
using Florin.Platform;
using Npgsql;

namespace Florin.Payments;

/// <summary>Payments of one amount together.</summary>
/// <param name="Amount">The amount of each.</param>
/// <param name="Count">How many.</param>
/// <param name="Fees">What the house took of them in all, in minor units.</param>
public sealed record FeeGroup(Amount Amount, long Count, long Fees);

/// <summary>What fees were taken of, for the module that sets them.</summary>
public sealed class PaymentFees(Database database)
{
    /// <summary>The completed payments of some payees since a moment, those of one amount together; refunds change no fee.</summary>
    /// <param name="payees">Such as shops.</param>
    /// <param name="since">Completed at or after this time.</param>
    /// <param name="withoutFee">Methods to which no fee applies.</param>
    /// <param name="cancel">Stops reading.</param>
    public async Task<IReadOnlyList<FeeGroup>> SinceAsync(Guid[] payees, DateTimeOffset since, string[] withoutFee, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            select p.currency, p.amount, count(*), sum(p.fee)::bigint from payments.attempts a join payments.payments p on p.id = a.payment_id
            where a.payee = any($1) and a.ended_at >= $2 and a.method <> all($3) group by p.currency, p.amount
            """
        );
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = payees });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = since.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = withoutFee });
        var groups = new List<FeeGroup>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            groups.Add(new FeeGroup(new Amount(reader.GetInt64(1), Currency.Of(reader.GetString(0))), reader.GetInt64(2), reader.GetInt64(3)));
        }

        return groups;
    }
}
