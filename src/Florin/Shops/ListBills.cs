using Florin.Identity;
using Florin.Payments;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Shops;

/// <summary>
/// <c>GET /v1/bills</c>: those of one shop where the caller works (<c>?shop=</c>), else of all of those and those that the caller is to pay; newest
/// first, by state, customer, time and text. The first page says what all of them come to per state and currency.
/// </summary>
internal static class ListBills
{
    private const int LongestSearch = 200;

    public static void Map(RouteGroupBuilder routes) =>
        routes.MapGet("", HandleAsync).RequireAuthorization(Policies.Scope("payments:read")).Produces<BillPage>();

    private static async Task<IResult> HandleAsync(
        int? limit,
        string? cursor,
        string? shop,
        string? state,
        string? customer,
        string? from,
        string? to,
        string? q,
        Caller caller,
        ShopDesk shops,
        Bills bills,
        FlorinDb db,
        CancellationToken cancel
    )
    {
        var page = PageRequest.Read(limit, cursor);
        var search = new BillSearch(
            state,
            from is null ? null : Instants.ReadDayOrTime(from, "from", end: false),
            to is null ? null : Instants.ReadDayOrTime(to, "to", end: true),
            TextOf(q)
        );
        var among = shop is null ? Own(db, caller.Person) : OfShop(db, (await shops.DemandAsync(caller.Person, shop, PayeeRole.Cashier, cancel)).Id);
        if (customer is not null)
        {
            var who = Ids.TryRead(Person.Prefix, customer, out var person)
                ? person
                : throw PlatformRefusals.InvalidRequest.Field("customer", "must be an id such as usr_…");
            among = among.Where(bill => bill.CustomerId == who);
        }

        return Results.Json(await bills.FindAsync(among, search, page, cancel), Wire.Json);
    }

    private static IQueryable<ShopBill> OfShop(FlorinDb db, Guid shop) => db.ShopBills.AsNoTracking().Where(bill => bill.ShopId == shop);

    private static IQueryable<ShopBill> Own(FlorinDb db, Guid person) =>
        db
            .ShopBills.AsNoTracking()
            .Where(bill =>
                bill.CustomerId == person
                || db.Shops.Any(shop => shop.Id == bill.ShopId && shop.Owner == person)
                || db.ShopMembers.Any(member => member.ShopId == bill.ShopId && member.PersonId == person)
            );

    private static string? TextOf(string? q) =>
        q?.Trim() is not { Length: > 0 } text ? null
        : text.Length > LongestSearch || text.Contains('\0', StringComparison.Ordinal)
            ? throw PlatformRefusals.InvalidRequest.Field("q", $"must have at most {LongestSearch} characters")
        : text;
}
