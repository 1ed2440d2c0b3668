using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Shops;

/// <summary><c>GET /v1/shop-applications</c>: one's own, newest first. Staff see all of them by <c>?all=true</c>.</summary>
internal static class ListApplications
{
    public static void Map(RouteGroupBuilder routes) => routes.MapGet("", HandleAsync).RequireAuthorization(Policies.Person);

    private static async Task<Page<ShopApplicationView>> HandleAsync(
        int? limit,
        string? cursor,
        string? state,
        bool? all,
        Caller caller,
        FlorinDb db,
        CancellationToken cancel
    )
    {
        var page = PageRequest.Read(limit, cursor);
        if (all == true && !caller.IsStaff)
        {
            throw PlatformRefusals.Forbidden.With();
        }

        var rows = await db
            .ShopApplications.AsNoTracking()
            .Where(one =>
                (all == true || one.PersonId == caller.Person) && (page.Before == null || one.Id < page.Before) && (state == null || one.State == state)
            )
            .OrderByDescending(one => one.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, one => one.Id, ShopApplicationView.Of);
    }
}
