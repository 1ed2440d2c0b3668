using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Admin;

/// <summary><c>GET /v1/adjustments</c>: money moved by hand, and proposals of it, newest first; by <c>state</c>. <c>GET /v1/adjustments/{id}</c>: one.</summary>
internal static class ListAdjustments
{
    private static readonly string[] States = [Adjustment.Proposed, Adjustment.Approved, Adjustment.Rejected];

    public static void Map(RouteGroupBuilder adjustments)
    {
        adjustments.MapGet("", ListAsync);
        adjustments.MapGet("/{id}", OneAsync);
    }

    private static async Task<Page<AdjustmentView>> ListAsync(string? state, int? limit, string? cursor, FlorinDb db, CancellationToken cancel)
    {
        var page = PageRequest.Read(limit, cursor);
        if (state is not null && !States.Contains(state, StringComparer.Ordinal))
        {
            throw PlatformRefusals.InvalidRequest.Field("state", "must be one of " + string.Join(", ", States));
        }

        var rows = await db
            .Adjustments.AsNoTracking()
            .Where(one => (state == null || one.State == state) && (page.Before == null || one.Id < page.Before))
            .OrderByDescending(one => one.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, one => one.Id, AdjustmentView.Of);
    }

    private static async Task<AdjustmentView> OneAsync(string id, FlorinDb db, CancellationToken cancel)
    {
        var key = Ids.Read(Adjustment.Prefix, id);
        return AdjustmentView.Of(
            await db.Adjustments.AsNoTracking().SingleOrDefaultAsync(one => one.Id == key, cancel) ?? throw PlatformRefusals.NotFound.With()
        );
    }
}
