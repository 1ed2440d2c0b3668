using System.Globalization;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Payments;

/// <summary>
/// <c>GET /v1/payments</c>: one's own, newest first: what one paid, is to pay, or is paid. Staff see all of them by
/// <c>?all=true</c>, or those of one <c>person</c>, and may say <c>method</c>, days (<c>from</c>, <c>to</c>) and <c>amount</c> too.
/// </summary>
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
        string? person,
        string? method,
        string? from,
        string? to,
        string? amount,
        Caller caller,
        PaymentViews views,
        PaymentSearch search,
        FlorinDb db,
        CancellationToken cancel
    )
    {
        var page = PageRequest.Read(limit, cursor);
        if (state is not null && !PaymentStates.All.Contains(state))
        {
            throw PlatformRefusals.InvalidRequest.Field("state", $"must be one of {string.Join(", ", PaymentStates.All)}");
        }

        var staffs = all == true || person is not null || method is not null || from is not null || to is not null || amount is not null;
        if (staffs && !caller.IsStaff)
        {
            throw PlatformRefusals.Forbidden.With();
        }

        var whose = person is null ? caller.Person : Ids.Read("usr", person);
        var found = all == true && person is null ? db.Payments : Own(db, whose, page.Before);
        var start = from is null ? (DateTimeOffset?)null : Instants.ReadDayOrTime(from, "from", end: false);
        var end = to is null ? (DateTimeOffset?)null : Instants.ReadDayOrTime(to, "to", end: true);
        if (amount is not null)
        {
            var (currencies, minor) = search.AmountsOf(amount);
            var meant = currencies.Zip(minor, (currency, one) => currency + one.ToString(CultureInfo.InvariantCulture)).ToArray();
            found = found.Where(one => meant.Contains(one.Currency + one.Amount));
        }

        var rows = await found
            .AsNoTracking()
            .Where(one => (method == null || one.Method == method) && (start == null || one.CreatedAt >= start) && (end == null || one.CreatedAt < end))
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

    /// <summary>What a person paid, is to pay or is paid; each side by its own index.</summary>
    /// <param name="db">Reads it.</param>
    /// <param name="person">Who.</param>
    /// <param name="before">Only those with a smaller id; null for all.</param>
    internal static IQueryable<Payment> Own(FlorinDb db, Guid person, Guid? before) =>
        db.Payments.FromSql(
            $"""
            select * from payments.payments where owner = {person} and ({before}::uuid is null or id < {before})
            union select p.* from payments.attempts a join payments.payments p on p.id = a.payment_id
                where a.paid_by = {person} and ({before}::uuid is null or a.payment_id < {before})
            union select * from payments.payments where payer = {person} and ({before}::uuid is null or id < {before})
            """
        );
}
