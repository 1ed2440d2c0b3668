using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Vouchers;

/// <summary>
/// <c>GET /v1/voucher-types</c> and <c>GET /v1/voucher-types/{id or code}</c>: the shop window, for everybody. <c>GET /v1/voucher-types/all</c>: with those
/// that are not sold, for staff.
/// </summary>
internal static class ListVoucherTypes
{
    public static void Map(RouteGroupBuilder types)
    {
        types.MapGet("", (int? limit, string? cursor, FlorinDb db, CancellationToken cancel) => ListAsync(limit, cursor, false, db, cancel)).AllowAnonymous();
        types
            .MapGet("/all", (int? limit, string? cursor, FlorinDb db, CancellationToken cancel) => ListAsync(limit, cursor, true, db, cancel))
            .RequireAuthorization(Policies.Staff);
        types.MapGet("/{id}", OneAsync).AllowAnonymous();
    }

    private static async Task<Page<VoucherTypeView>> ListAsync(int? limit, string? cursor, bool all, FlorinDb db, CancellationToken cancel)
    {
        var page = PageRequest.Read(limit, cursor);
        var rows = await db
            .VoucherTypes.AsNoTracking()
            .Where(type => (all || type.Active) && (page.Before == null || type.Id < page.Before))
            .OrderByDescending(type => type.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, type => type.Id, VoucherTypeView.Of);
    }

    private static async Task<VoucherTypeView> OneAsync(string id, HttpContext http, FlorinDb db, CancellationToken cancel)
    {
        var type = await FindAsync(id, db, cancel);
        // What is not in the shop window is seen by staff.
        return type.Active || Caller.TryGet(http.User) is { IsStaff: true } ? VoucherTypeView.Of(type) : throw PlatformRefusals.NotFound.With();
    }

    /// <summary>A type by id or by code.</summary>
    /// <exception cref="Refusal"><c>not_found</c></exception>
    internal static async Task<VoucherType> FindAsync(string idOrCode, FlorinDb db, CancellationToken cancel)
    {
        var types = db.VoucherTypes.AsNoTracking();
        var found =
            Ids.TryRead(VoucherType.Prefix, idOrCode, out var id) ? await types.SingleOrDefaultAsync(type => type.Id == id, cancel)
            : idOrCode.Contains('\0', StringComparison.Ordinal) ? null
            : await types.SingleOrDefaultAsync(type => type.Code == idOrCode, cancel);
        return found ?? throw PlatformRefusals.NotFound.With();
    }
}
