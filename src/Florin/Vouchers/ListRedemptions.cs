using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Vouchers;

/// <summary>
/// <c>GET /v1/vouchers/redemptions</c>: what the caller redeemed, and what was redeemed of their own vouchers, newest first; with <c>voucher</c> (code or id)
/// of one voucher, which staff see whoever's it is.
/// </summary>
internal static class ListRedemptions
{
    public static void Map(RouteGroupBuilder vouchers) => vouchers.MapGet("/redemptions", HandleAsync).RequireAuthorization(VouchersModule.Read);

    private static async Task<Page<VoucherRedemptionView>> HandleAsync(
        int? limit,
        string? cursor,
        string? voucher,
        Caller caller,
        FlorinDb db,
        VoucherDesk desk,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var page = PageRequest.Read(limit, cursor);
        var now = clock.GetUtcNow();
        var found = db.VoucherRedemptions.AsNoTracking().Where(one => page.Before == null || one.Id < page.Before);
        if (voucher is not null)
        {
            var id = await IdOfAsync(voucher, desk, cancel);
            found = found.Where(one => one.VoucherId == id);
        }

        if (voucher is null || !caller.IsStaff)
        {
            found = found.Where(one => one.RedeemedBy == caller.Person || one.Owner == caller.Person);
        }

        var rows = await found
            .Join(db.Vouchers.AsNoTracking(), one => one.VoucherId, one => one.Id, (redemption, one) => new { redemption, voucher = one })
            .OrderByDescending(row => row.redemption.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(
            rows,
            row => row.redemption.Id,
            row => VoucherRedemptionView.Of(row.redemption, row.voucher, row.voucher.StateAt(now), row.voucher.UsesLeft)
        );
    }

    // Somebody else's, or none: for those who may not see it the list is empty either way.
    private static async Task<Guid> IdOfAsync(string idOrCode, VoucherDesk desk, CancellationToken cancel) =>
        Ids.TryRead(Voucher.Prefix, idOrCode, out var id) ? id : (await desk.ByCodeAsync(idOrCode, cancel))?.Id ?? Guid.Empty;
}
