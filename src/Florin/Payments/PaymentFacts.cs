using System.Collections.Concurrent;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Payments;

/// <summary>
/// Finds payments. Only what never changes is kept in memory, so that no server can hold a stale one; paying a known payment reads nothing from
/// the database. When <see cref="Limit"/> are kept it starts over.
/// </summary>
public sealed class PaymentFacts(IServiceScopeFactory scopes)
{
    /// <summary>How many are kept at most, about 15 MB.</summary>
    internal const int Limit = 20_000;

    private ConcurrentDictionary<Guid, PaymentFact> byId = new();
    private ConcurrentDictionary<string, PaymentFact> byCode = new(StringComparer.Ordinal);
    private int count;

    /// <summary>A payment by its id; null where there is none.</summary>
    public async ValueTask<PaymentFact?> FindAsync(Guid id, CancellationToken cancel) =>
        byId.TryGetValue(id, out var fact) ? fact : (await ReadAsync(payments => payments.Where(p => p.Id == id), cancel))?.Fact;

    /// <summary>The payment that an attempt is to collect; null where there is none.</summary>
    public async Task<PaymentFact?> OfAttemptAsync(Guid attempt, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        var id = await db.PaymentAttempts.Where(one => one.Id == attempt).Select(one => (Guid?)one.PaymentId).SingleOrDefaultAsync(cancel);
        return id is { } payment ? await FindAsync(payment, cancel) : null;
    }

    /// <summary>A payment as a route names it, by its id or by its code.</summary>
    /// <exception cref="Refusal"><c>not_found</c></exception>
    internal async ValueTask<PaymentFact> NamedAsync(string idOrCode, CancellationToken cancel)
    {
        if (Ids.TryRead(PaymentFact.Prefix, idOrCode, out var id))
        {
            return await FindAsync(id, cancel) ?? throw PlatformRefusals.NotFound.With();
        }

        return byCode.TryGetValue(idOrCode, out var fact)
            ? fact
            : (await ReadAsync(payments => payments.Where(p => p.Code == idOrCode), cancel))?.Fact ?? throw PlatformRefusals.NotFound.With();
    }

    /// <summary>A payment as it is now.</summary>
    /// <exception cref="Refusal"><c>not_found</c></exception>
    internal async Task<Payment> NowAsync(Guid id, CancellationToken cancel) =>
        await ReadAsync(payments => payments.Where(p => p.Id == id), cancel) ?? throw PlatformRefusals.NotFound.With();

    /// <summary>Keeps a payment that was read or made.</summary>
    internal void Keep(PaymentFact fact)
    {
        if (Volatile.Read(ref count) >= Limit)
        {
            byId = new();
            byCode = new(StringComparer.Ordinal);
            Volatile.Write(ref count, 0);
        }

        if (byId.TryAdd(fact.Id, fact))
        {
            byCode[fact.Code] = fact;
            Interlocked.Increment(ref count);
        }
    }

    private async Task<Payment?> ReadAsync(Func<IQueryable<Payment>, IQueryable<Payment>> which, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        var row = await which(db.Payments.AsNoTracking()).SingleOrDefaultAsync(cancel);
        if (row is not null)
        {
            Keep(row.Fact);
        }

        return row;
    }
}
