using System.Diagnostics.CodeAnalysis;
using Florin.Money;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Payments;

/// <summary>
/// Finds payments. Only what never changes is kept in memory, so that no server can hold a stale one; paying a known payment reads nothing from
/// the database.
/// </summary>
public sealed class PaymentFacts(IServiceScopeFactory scopes, Database database)
{
    /// <summary>How many are kept at most, about 50 MB.</summary>
    private const int Limit = 50_000;

    private const string Columns =
        "id, purpose, amount, currency, fee, owner, payee, payee_name, account_id, payer, code, subject, description, reference, metadata, created_by, "
        + "created_at, expires_at";

    private readonly RecentMemory<Guid, PaymentFact> byId = new(Limit);
    private readonly RecentMemory<string, PaymentFact> byCode = new(Limit, StringComparer.Ordinal);

    /// <summary>A payment by its id; null where there is none.</summary>
    public async ValueTask<PaymentFact?> FindAsync(Guid id, CancellationToken cancel) =>
        byId.TryGet(id, out var fact) ? fact : await ReadFactAsync($"select {Columns} from payments.payments where id = $1", id, cancel);

    /// <summary>The payment that an attempt is to collect; null where there is none.</summary>
    public async Task<PaymentFact?> OfAttemptAsync(Guid attempt, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        var id = await db.PaymentAttempts.Where(one => one.Id == attempt).Select(one => (Guid?)one.PaymentId).SingleOrDefaultAsync(cancel);
        return id is { } payment ? await FindAsync(payment, cancel) : null;
    }

    /// <summary>Which of some payments a gateway knows under a name of its own; null where none.</summary>
    public async Task<Guid?> OfGatewayAsync(IReadOnlyCollection<Guid> among, string method, string reference, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var attempts = scope.ServiceProvider.GetRequiredService<FlorinDb>().PaymentAttempts;
        return await attempts
            .Where(one => among.Contains(one.PaymentId) && one.Method == method && one.GatewayReference == reference)
            .Select(one => (Guid?)one.PaymentId)
            .FirstOrDefaultAsync(cancel);
    }

    /// <summary>The newest try to collect a payment by a method; null where there is none.</summary>
    public async Task<Guid?> NewestAttemptAsync(Guid payment, string method, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        return await db
            .PaymentAttempts.Where(one => one.PaymentId == payment && one.Method == method)
            .OrderByDescending(one => one.Id)
            .Select(one => (Guid?)one.Id)
            .FirstOrDefaultAsync(cancel);
    }

    /// <summary>Whether a route's name of a payment is its code, which whoever has it may see and pay it by; an id is no secret.</summary>
    internal static bool IsCode(string idOrCode) => !idOrCode.StartsWith(PaymentFact.Prefix + "_", StringComparison.Ordinal);

    /// <summary>A payment as a route names it, by its id or by its code.</summary>
    /// <exception cref="Refusal"><c>not_found</c></exception>
    public async ValueTask<PaymentFact> NamedAsync(string idOrCode, CancellationToken cancel)
    {
        if (!IsCode(idOrCode))
        {
            return await FindAsync(Ids.Read(PaymentFact.Prefix, idOrCode), cancel) ?? throw PlatformRefusals.NotFound.With();
        }

        return byCode.TryGet(idOrCode, out var fact)
            ? fact
            : await ReadFactAsync($"select {Columns} from payments.payments where code = $1", idOrCode, cancel) ?? throw PlatformRefusals.NotFound.With();
    }

    /// <summary>A payment as it is now.</summary>
    /// <exception cref="Refusal"><c>not_found</c></exception>
    internal async Task<Payment> NowAsync(Guid id, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        return await db.Payments.AsNoTracking().SingleOrDefaultAsync(payment => payment.Id == id, cancel) ?? throw PlatformRefusals.NotFound.With();
    }

    /// <summary>Keeps a payment that was read or made.</summary>
    internal void Keep(PaymentFact fact)
    {
        byId.Keep(fact.Id, fact);
        byCode.Keep(fact.Code, fact);
    }

    // On the way of every payment that another server made: plain SQL.
    [SuppressMessage("Security", "CA2100", Justification = "constants of this file")]
    private async Task<PaymentFact?> ReadFactAsync<T>(string sql, T key, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = key });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel))
        {
            return null;
        }

        var fact = new PaymentFact(
            reader.GetGuid(0),
            reader.GetString(1),
            new Amount(reader.GetInt64(2), Currency.Of(reader.GetString(3))),
            reader.GetInt64(4),
            reader.GetGuid(5),
            reader.GetGuid(6),
            reader.GetString(7),
            reader.GetInt64(8),
            reader.IsDBNull(9) ? null : reader.GetGuid(9),
            reader.GetString(10),
            reader.GetString(11),
            reader.IsDBNull(12) ? null : reader.GetString(12),
            reader.IsDBNull(13) ? null : reader.GetString(13),
            reader.GetString(14),
            reader.GetGuid(15),
            reader.GetFieldValue<DateTimeOffset>(16),
            reader.GetFieldValue<DateTimeOffset>(17)
        );
        Keep(fact);
        return fact;
    }
}
