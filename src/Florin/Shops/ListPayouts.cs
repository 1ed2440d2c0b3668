using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Shops;

/// <summary>
/// <c>GET /v1/payouts</c> and <c>GET /v1/payouts/{id}</c>: an owner's own, newest first, and everybody's for staff; by <c>state</c>, <c>shop</c> and
/// <c>currency</c>.
/// </summary>
internal static class ListPayouts
{
    public static void Map(RouteGroupBuilder payouts)
    {
        payouts.MapGet("", ListAsync).RequireAuthorization(Policies.Person);
        payouts.MapGet("/{id}", OneAsync).RequireAuthorization(Policies.Person);
    }

    private static async Task<Page<PayoutView>> ListAsync(
        int? limit,
        string? cursor,
        string? state,
        string? shop,
        string? currency,
        Caller caller,
        FlorinDb db,
        CancellationToken cancel
    )
    {
        var page = PageRequest.Read(limit, cursor);
        CheckState(state);
        Guid? only =
            shop is null ? null
            : Ids.TryRead(Shop.Prefix, shop, out var id) ? id
            : throw PlatformRefusals.InvalidRequest.Field("shop", "must be an id such as shp_…");
        var all = caller.IsStaff;
        var rows = await db
            .Payouts.AsNoTracking()
            .Where(row =>
                (all || db.Shops.Any(one => one.Id == row.ShopId && one.Owner == caller.Person))
                && (page.Before == null || row.Id < page.Before)
                && (state == null || row.State == state)
                && (only == null || row.ShopId == only)
                && (currency == null || row.Currency == currency)
            )
            .OrderByDescending(row => row.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, row => row.Id, PayoutView.Of);
    }

    private static async Task<PayoutView> OneAsync(string id, Caller caller, PayoutDesk desk, CancellationToken cancel) =>
        PayoutView.Of(await desk.SeenAsync(caller, id, cancel));

    /// <summary>Refuses what is no state.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    internal static void CheckState(string? state)
    {
        if (state is not null && !PayoutStates.All.Contains(state))
        {
            throw PlatformRefusals.InvalidRequest.Field("state", $"must be one of {string.Join(", ", PayoutStates.All)}");
        }
    }
}
