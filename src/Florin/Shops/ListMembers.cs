using Florin.Identity;
using Florin.Payments;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Shops;

/// <summary><c>GET /v1/shops/{id}/members</c>: the cashiers, for the owner.</summary>
internal static class ListMembers
{
    /// <param name="Person"><c>usr_…</c></param>
    /// <param name="DisplayName">What others see.</param>
    /// <param name="Role"><c>cashier</c></param>
    /// <param name="Since">Since when.</param>
    public sealed record Response(string Person, string DisplayName, string Role, DateTimeOffset Since);

    public static void Map(RouteGroupBuilder routes) => routes.MapGet("/{id}/members", HandleAsync).RequireAuthorization(Policies.Person);

    private static async Task<Page<Response>> HandleAsync(
        string id,
        int? limit,
        string? cursor,
        Caller caller,
        ShopDesk shops,
        People people,
        FlorinDb db,
        CancellationToken cancel
    )
    {
        var page = PageRequest.Read(limit, cursor);
        var shop = await shops.DemandAsync(caller.Person, id, PayeeRole.Owner, cancel);
        var rows = await db
            .ShopMembers.AsNoTracking()
            .Where(one => one.ShopId == shop.Id && (page.Before == null || one.PersonId < page.Before))
            .OrderByDescending(one => one.PersonId)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        var names = await people.DisplayNamesAsync(rows.ConvertAll(one => one.PersonId), cancel);
        return page.Of(
            rows,
            one => one.PersonId,
            one => new Response(Ids.Show(Person.Prefix, one.PersonId), names.GetValueOrDefault(one.PersonId, ""), Roles.Cashier, one.Since)
        );
    }
}
