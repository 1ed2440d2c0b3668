using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Payments;

/// <summary><c>GET /v1/payments/{id}/attempts</c>: every try to collect it, newest first.</summary>
internal static class ListAttempts
{
    public static void Map(RouteGroupBuilder routes) => routes.MapGet("/{id}/attempts", HandleAsync).RequireAuthorization(PaymentsModule.Read);

    private static async Task<Page<AttemptView>> HandleAsync(
        string id,
        int? limit,
        string? cursor,
        Caller caller,
        PaymentFacts facts,
        PaymentAccess access,
        Secrets secrets,
        FlorinDb db,
        CancellationToken cancel
    )
    {
        var page = PageRequest.Read(limit, cursor);
        var payment = await facts.NowAsync(Ids.Read(PaymentFact.Prefix, id), cancel);
        await access.DemandPartyAsync(payment, caller, cancel);
        var rows = await db
            .PaymentAttempts.AsNoTracking()
            .Where(one => one.PaymentId == payment.Id && (page.Before == null || one.Id < page.Before))
            .OrderByDescending(one => one.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, one => one.Id, Show);

        // What the payer has to do next is for the payer who began it.
        AttemptView Show(Attempt row) =>
            AttemptView.Of(row, row.NextAction is { } secret && row.StartedBy == caller.Person ? row.Open<NextAction>(secrets, secret) : null);
    }
}
