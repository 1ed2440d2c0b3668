using Florin.Identity;
using Florin.Payments;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Shops;

/// <summary>
/// <c>GET /v1/shops/{id}/customers</c>: the shop's own, newest first. <c>?q=</c> finds the beginning of a username or name, and of those whom the
/// shop made and who have not claimed the account a whole e-mail address or phone number.
/// </summary>
internal static class ListCustomers
{
    private const int LongestSearch = 254;

    public static void Map(RouteGroupBuilder routes) => routes.MapGet("/{id}/customers", HandleAsync).RequireAuthorization(Policies.Person);

    private static async Task<Page<CustomerView>> HandleAsync(
        string id,
        int? limit,
        string? cursor,
        string? q,
        Caller caller,
        ShopDesk shops,
        FlorinDb db,
        CancellationToken cancel
    )
    {
        var page = PageRequest.Read(limit, cursor);
        var shop = await shops.DemandAsync(caller.Person, id, PayeeRole.Cashier, cancel);
        var people = q?.Trim() is { Length: > 0 } text ? Matching(db.People.AsNoTracking(), text, shop.Id) : db.People.AsNoTracking();
        var rows = await db
            .ShopCustomers.AsNoTracking()
            .Where(one => one.ShopId == shop.Id && (page.Before == null || one.Id < page.Before))
            .Join(people, one => one.PersonId, person => person.Id, (customer, person) => new { customer, person })
            .OrderByDescending(row => row.customer.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, row => row.customer.Id, row => CustomerView.Of(row.customer, row.person));
    }

    private static IQueryable<Person> Matching(IQueryable<Person> people, string text, Guid shop)
    {
        if (text.Length > LongestSearch || text.Contains('\0', StringComparison.Ordinal))
        {
            throw PlatformRefusals.InvalidRequest.Field("q", $"must have at most {LongestSearch} characters");
        }

        var (begins, whole, phone) = (Like.Prefix(text), Like.Whole(text), Logins.TryPhone(text));
        return people.Where(person =>
            EF.Functions.ILike(person.Username!, begins, Like.Escape)
            || EF.Functions.ILike(person.FirstName, begins, Like.Escape)
            || EF.Functions.ILike(person.LastName, begins, Like.Escape)
            || EF.Functions.ILike(person.FirstName + " " + person.LastName, begins, Like.Escape)
            || (
                person.CreatedByShop == shop
                && person.ClaimedAt == null
                && (EF.Functions.ILike(person.Email!, whole, Like.Escape) || (phone != null && person.Phone == phone))
            )
        );
    }
}
