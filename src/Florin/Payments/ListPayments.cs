using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Payments;

/// <summary><c>GET /v1/payments</c>: one's own, newest first: what one paid, is to pay, or is paid. Staff see all of them by <c>?all=true</c>.</summary>
internal static class ListPayments
{
    public static void Map(RouteGroupBuilder routes) => routes.MapGet("", HandleAsync).RequireAuthorization(PaymentsModule.Read);

    private static async Task<Page<PaymentView>> HandleAsync(
        int? limit,
        string? cursor,
        string? state,
        string? purpose,
        string? reference,
        bool? all,
        Caller caller,
        PaymentViews views,
        FlorinDb db,
        CancellationToken cancel
    )
    {
        var page = PageRequest.Read(limit, cursor);
        if (state is not null && !PaymentStates.All.Contains(state))
        {
            throw PlatformRefusals.InvalidRequest.Field("state", $"must be one of {string.Join(", ", PaymentStates.All)}");
        }

        if (all == true && !caller.IsStaff)
        {
            throw PlatformRefusals.Forbidden.With();
        }

        var rows = await (all == true ? db.Payments : Own(db, caller.Person, page))
            .AsNoTracking()
            .Where(one =>
                (page.Before == null || one.Id < page.Before)
                && (state == null || one.State == state)
                && (purpose == null || one.Purpose == purpose)
                && (reference == null || one.Reference == reference)
            )
            .OrderByDescending(one => one.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, one => one.Id, one => views.Of(one.Fact, one.Status, payee: one.Owner == caller.Person || caller.IsStaff));
    }

    // Each side by its own index.
    private static IQueryable<Payment> Own(FlorinDb db, Guid person, PageRequest page) =>
        db.Payments.FromSql(
            $"""
            select * from payments.payments where owner = {person} and ({page.Before}::uuid is null or id < {page.Before})
            union select * from payments.payments where paid_by = {person} and ({page.Before}::uuid is null or id < {page.Before})
            union select * from payments.payments where payer = {person} and ({page.Before}::uuid is null or id < {page.Before})
            """
        );
}
