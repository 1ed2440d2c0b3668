using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Payments;

/// <summary>Refunds: of one payment for its parties, and all of them, late money included, for staff.</summary>
internal static class ListRefunds
{
    public static void Map(RouteGroupBuilder payments, RouteGroupBuilder refunds)
    {
        payments.MapGet("/{id}/refunds", OfPaymentAsync).RequireAuthorization(PaymentsModule.Read);
        refunds.MapGet("", AllAsync).RequireAuthorization(Policies.Staff);
    }

    private static async Task<Page<RefundView>> OfPaymentAsync(
        string id,
        int? limit,
        string? cursor,
        Caller caller,
        PaymentFacts facts,
        PaymentAccess access,
        FlorinDb db,
        CancellationToken cancel
    )
    {
        var page = PageRequest.Read(limit, cursor);
        var payment = await facts.NowAsync(Ids.Read(PaymentFact.Prefix, id), cancel);
        await access.DemandPartyAsync(payment, caller, cancel);
        return await ReadAsync(db.PaymentRefunds.Where(one => one.PaymentId == payment.Id), page, cancel);
    }

    private static Task<Page<RefundView>> AllAsync(
        int? limit,
        string? cursor,
        string? state,
        string? destination,
        bool? late,
        FlorinDb db,
        CancellationToken cancel
    ) =>
        ReadAsync(
            db.PaymentRefunds.Where(one =>
                (state == null || one.State == state)
                && (destination == null || one.Destination == destination)
                && (late == null || one.Reason == RefundReasons.Late == late)
            ),
            PageRequest.Read(limit, cursor),
            cancel
        );

    private static async Task<Page<RefundView>> ReadAsync(IQueryable<PaymentRefund> refunds, PageRequest page, CancellationToken cancel)
    {
        var rows = await refunds
            .AsNoTracking()
            .Where(one => page.Before == null || one.Id < page.Before)
            .OrderByDescending(one => one.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, one => one.Id, RefundView.Of);
    }
}
