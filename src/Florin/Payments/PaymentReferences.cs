using Florin.Platform;
using Npgsql;

namespace Florin.Payments;

/// <summary>Whose a payment is, and by what it was tried to be collected last.</summary>
/// <param name="Payee">Who gets what was paid for: of a credit or a top-up the person who asked for it.</param>
/// <param name="Attempt">The last attempt; null where there was none.</param>
/// <param name="Method">By which method.</param>
/// <param name="Gateway">The gateway's own number; null where it gave none.</param>
public sealed record PaymentReference(Guid Payee, Guid? Attempt, string? Method, string? Gateway);

/// <summary>By which numbers gateways know payments.</summary>
public sealed class PaymentReferences(Database database)
{
    /// <summary>Those of many payments. The caller asked who may see them.</summary>
    public async Task<IReadOnlyDictionary<Guid, PaymentReference>> OfAsync(IReadOnlyCollection<Guid> payments, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            select p.id, p.payee, a.id, a.method, a.gateway_reference from payments.payments p
            left join lateral (select * from payments.attempts one where one.payment_id = p.id order by one.id desc limit 1) a on true
            where p.id = any($1)
            """
        );
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. payments] });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new Dictionary<Guid, PaymentReference>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add(
                reader.GetGuid(0),
                new PaymentReference(
                    reader.GetGuid(1),
                    await reader.IsDBNullAsync(2, cancel) ? null : reader.GetGuid(2),
                    await reader.IsDBNullAsync(3, cancel) ? null : reader.GetString(3),
                    await reader.IsDBNullAsync(4, cancel) ? null : reader.GetString(4)
                )
            );
        }

        return found;
    }
}
