using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Shops;

/// <summary>A shop that staff looked for.</summary>
/// <param name="Id"><c>shp_…</c></param>
/// <param name="Name">As payers read it.</param>
/// <param name="Owner">The merchant, <c>usr_…</c>.</param>
/// <param name="Plan">What the house takes of its sales.</param>
/// <param name="CreatedAt">When it was opened.</param>
/// <param name="ClosedAt">When it was closed.</param>
public sealed record FoundShop(string Id, string Name, string Owner, string Plan, DateTimeOffset CreatedAt, DateTimeOffset? ClosedAt)
{
    internal static FoundShop Of(Shop shop) => new(shop.PublicId, shop.Name, Ids.Show("usr", shop.Owner), shop.Plan, shop.CreatedAt, shop.ClosedAt);
}

/// <summary>Finds anybody's shops, for staff.</summary>
public sealed class ShopSearch
{
    private readonly FlorinDb db;

    internal ShopSearch(FlorinDb db) => this.db = db;

    /// <summary>Shops by id or the beginning of the name, newest first.</summary>
    /// <param name="text">As typed.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="cancel">Stops looking.</param>
    public async Task<IReadOnlyList<FoundShop>> FindAsync(string text, int most, CancellationToken cancel)
    {
        Guid? id = Ids.TryRead(Shop.Prefix, text, out var read) ? read : null;
        var begins = Like.Prefix(text.ToLowerInvariant());
        var shops = await db
            .Shops.FromSql($"select * from shops.shops where id = {id} or lower(name) like {begins} order by id desc limit {most}")
            .AsNoTracking()
            .ToListAsync(cancel);
        return shops.ConvertAll(FoundShop.Of);
    }
}

/// <summary><c>GET /v1/shops/desk</c>: everybody's shops, newest first, for staff; by the beginning of the name, or of one owner.</summary>
internal static class ListDeskShops
{
    public static void Map(RouteGroupBuilder shops) => shops.MapGet("/desk", HandleAsync).RequireAuthorization(Policies.Staff);

    private static async Task<Page<FoundShop>> HandleAsync(string? name, string? owner, int? limit, string? cursor, FlorinDb db, CancellationToken cancel)
    {
        var page = PageRequest.Read(limit, cursor);
        Guid? of = owner is null ? null : Ids.Read("usr", owner);
        var begins = name?.Trim() is { Length: > 0 and <= Shop.NameLength } typed ? Like.Prefix(typed.ToLowerInvariant()) : null;
#pragma warning disable CA1304, CA1311, MA0011 // PostgreSQL's lower(), as in the index
        var rows = await db
            .Shops.AsNoTracking()
            .Where(shop =>
                (page.Before == null || shop.Id < page.Before)
                && (of == null || shop.Owner == of)
                && (begins == null || EF.Functions.Like(shop.Name.ToLower(), begins, Like.Escape))
            )
            .OrderByDescending(shop => shop.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
#pragma warning restore CA1304, CA1311, MA0011
        return page.Of(rows, shop => shop.Id, FoundShop.Of);
    }
}
