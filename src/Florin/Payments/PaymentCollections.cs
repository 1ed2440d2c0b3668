using Florin.Money;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Payments;

/// <summary>What a gateway was to collect, for comparing with the gateway's own account.</summary>
/// <param name="Attempt">The attempt.</param>
/// <param name="Payment">Its payment; the ledger's postings bear its public id.</param>
/// <param name="Reference">The gateway's id of the charge.</param>
/// <param name="Taken">What was collected; null where nothing was.</param>
/// <param name="EndedAt">When it was booked.</param>
public sealed record CollectedFact(Guid Attempt, Guid Payment, string? Reference, Amount? Taken, DateTimeOffset? EndedAt);

/// <summary>What a gateway was to give back.</summary>
/// <param name="Refund">The refund.</param>
/// <param name="Attempt">The attempt that had collected it.</param>
/// <param name="Payment">Its payment.</param>
/// <param name="Reference">The gateway's id of the refund.</param>
/// <param name="Amount">What goes back.</param>
/// <param name="Completed">Whether it went back.</param>
/// <param name="EndedAt">When it was booked.</param>
public sealed record GivenBackFact(Guid Refund, Guid Attempt, Guid Payment, string? Reference, Amount Amount, bool Completed, DateTimeOffset? EndedAt);

/// <summary>Reads what gateways collected and gave back, as payments know it.</summary>
public sealed class PaymentCollections(IServiceScopeFactory scopes)
{
    private static readonly IReadOnlyCollection<string> Collected = [AttemptStates.Succeeded, AttemptStates.Late];

    /// <summary>Attempts by a gateway, by their ids or the gateway's.</summary>
    public async Task<IReadOnlyList<CollectedFact>> AttemptsAsync(
        string gateway,
        IReadOnlyCollection<Guid> ids,
        IReadOnlyCollection<string> references,
        CancellationToken cancel
    )
    {
        await using var scope = scopes.CreateAsyncScope();
        var rows = await scope
            .ServiceProvider.GetRequiredService<FlorinDb>()
            .PaymentAttempts.AsNoTracking()
            .Where(one => one.Method == gateway && (ids.Contains(one.Id) || references.Contains(one.GatewayReference!)))
            .ToListAsync(cancel);
        return [.. rows.Select(Of)];
    }

    /// <summary>Refunds through a gateway, by their ids or the gateway's.</summary>
    public async Task<IReadOnlyList<GivenBackFact>> RefundsAsync(
        string gateway,
        IReadOnlyCollection<Guid> ids,
        IReadOnlyCollection<string> references,
        CancellationToken cancel
    )
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        var rows = await Through(db, gateway).Where(one => ids.Contains(one.Id) || references.Contains(one.GatewayReference!)).ToListAsync(cancel);
        return [.. rows.Select(Of)];
    }

    /// <summary>What a gateway collected and gave back between two times, both included.</summary>
    public async Task<(IReadOnlyList<CollectedFact> Attempts, IReadOnlyList<GivenBackFact> Refunds)> BetweenAsync(
        string gateway,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancel
    )
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        var attempts = await db
            .PaymentAttempts.AsNoTracking()
            .Where(one => one.Method == gateway && Collected.Contains(one.State) && one.EndedAt >= from && one.EndedAt <= to)
            .ToListAsync(cancel);
        var refunds = await Through(db, gateway)
            .Where(one => one.State == PaymentRefund.Completed && one.EndedAt >= from && one.EndedAt <= to)
            .ToListAsync(cancel);
        return ([.. attempts.Select(Of)], [.. refunds.Select(Of)]);
    }

    // By hand the money goes another way, which no gateway's file shows.
    private static IQueryable<PaymentRefund> Through(FlorinDb db, string gateway) =>
        db
            .PaymentRefunds.AsNoTracking()
            .Where(one =>
                one.Destination == PaymentRefund.ToGateway && db.PaymentAttempts.Any(attempt => attempt.Id == one.AttemptId && attempt.Method == gateway)
            );

    private static CollectedFact Of(Attempt row) =>
        new(row.Id, row.PaymentId, row.GatewayReference, Collected.Contains(row.State, StringComparer.Ordinal) ? row.TakenAmount : null, row.EndedAt);

    private static GivenBackFact Of(PaymentRefund row) =>
        new(row.Id, row.AttemptId, row.PaymentId, row.GatewayReference, row.Money, row.State is PaymentRefund.Completed, row.EndedAt);
}
