using Florin.Payments;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Vouchers;

/// <summary>
/// <c>GET /v1/vouchers</c>: the caller's own, newest first, by <c>state</c>, <c>type</c> (id or code) and <c>payment</c>, and for staff
/// those of a <c>person</c> without their codes; <c>GET /v1/vouchers/{code or id}</c>:
/// one of them; <c>GET /v1/vouchers/{code or id}/history</c>: what became of it, newest first.
/// </summary>
internal static class ListVouchers
{
    /// <param name="Kind"><c>issued</c>, <c>redeemed</c>, <c>undone</c>, <c>given</c>, <c>cancelled</c>, <c>restored</c> or <c>expired</c>.</param>
    /// <param name="At">When.</param>
    /// <param name="UsesLeft">How often it could be redeemed after it.</param>
    public sealed record HistoryLine(string Kind, DateTimeOffset At, int UsesLeft);

    // Whoever has a code may use it: staff see that there is one.
    private const string Hidden = "…";

    public static void Map(RouteGroupBuilder vouchers)
    {
        vouchers.MapGet("", ListAsync).RequireAuthorization(VouchersModule.Read);
        vouchers.MapGet("/{code}", OneAsync).RequireAuthorization(VouchersModule.Read);
        vouchers.MapGet("/{code}/history", HistoryAsync).RequireAuthorization(VouchersModule.Read);
    }

    private static async Task<Page<VoucherView>> ListAsync(
        int? limit,
        string? cursor,
        string? state,
        string? type,
        string? payment,
        string? person,
        Caller caller,
        FlorinDb db,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var page = PageRequest.Read(limit, cursor);
        var now = clock.GetUtcNow();
        if (person is not null && !caller.IsStaff)
        {
            throw PlatformRefusals.Forbidden.With();
        }

        var owner = person is null ? caller.Person : Ids.Read("usr", person);
        var own = db.Vouchers.AsNoTracking().Where(one => one.Owner == owner && (page.Before == null || one.Id < page.Before));
        own = state switch
        {
            null => own,
            VoucherStates.Active => own.Where(one => one.State == VoucherStates.Active && one.ExpiresAt > now),
            // What is overdue has expired, whether the job has booked it or not.
            VoucherStates.Expired => own.Where(one => one.State == VoucherStates.Expired || (one.State == VoucherStates.Active && one.ExpiresAt <= now)),
            VoucherStates.Used or VoucherStates.Cancelled => own.Where(one => one.State == state),
            _ => throw PlatformRefusals.InvalidRequest.Field("state", $"must be one of {string.Join(", ", VoucherStates.All)}"),
        };
        if (type is not null)
        {
            var chosen = (await ListVoucherTypes.FindAsync(type, db, cancel)).Id;
            own = own.Where(one => one.TypeId == chosen);
        }

        if (payment is not null)
        {
            var paid = Ids.TryRead(PaymentFact.Prefix, payment, out var id)
                ? id
                : throw PlatformRefusals.InvalidRequest.Field("payment", "must be an id such as pay_…");
            own = own.Where(one => one.PaymentId == paid);
        }

        var rows = await own.OrderByDescending(one => one.Id).Take(page.Limit + 1).ToListAsync(cancel);
        return page.Of(
            rows,
            one => one.Id,
            one => owner == caller.Person ? VoucherView.Of(one, owner, now) : VoucherView.Of(one, owner, now) with { Code = Hidden }
        );
    }

    private static async Task<VoucherView> OneAsync(string code, Caller caller, VoucherDesk desk, TimeProvider clock, CancellationToken cancel) =>
        VoucherView.Of(await desk.OwnAsync(caller.Person, code, cancel), caller.Person, clock.GetUtcNow());

    private static async Task<Page<HistoryLine>> HistoryAsync(
        string code,
        int? limit,
        string? cursor,
        Caller caller,
        VoucherDesk desk,
        FlorinDb db,
        CancellationToken cancel
    )
    {
        var page = PageRequest.Read(limit, cursor);
        var voucher = await desk.OwnAsync(caller.Person, code, cancel);
        var rows = await db
            .VoucherHistory.AsNoTracking()
            .Where(line => line.VoucherId == voucher.Id && (page.Before == null || line.Id < page.Before))
            .OrderByDescending(line => line.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, line => line.Id, line => new HistoryLine(line.Kind, line.At, line.UsesLeft));
    }
}
