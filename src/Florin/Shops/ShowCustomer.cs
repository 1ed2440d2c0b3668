using Florin.Activity;
using Florin.Identity;
using Florin.Payments;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Shops;

/// <summary>
/// <c>GET /v1/shops/{id}/customers/{person}</c>: a customer with their newest bills of this shop and what they come to; older ones by
/// <c>GET /v1/bills?shop=…&amp;customer=…</c>. <c>DELETE</c> by the owner ends it: the shop bills them no more, and what was billed stays.
/// </summary>
internal static class ShowCustomer
{
    private const int NewestBills = 20;

    public static void Map(RouteGroupBuilder routes)
    {
        routes.MapGet("/{id}/customers/{person}", ShowAsync).RequireAuthorization(Policies.Person).Produces<Shown>();
        routes.MapDelete("/{id}/customers/{person}", RemoveAsync).RequireAuthorization(Policies.Person).Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> ShowAsync(
        string id,
        string person,
        Caller caller,
        ShopDesk shops,
        Bills bills,
        People people,
        FlorinDb db,
        CancellationToken cancel
    )
    {
        var shop = await shops.DemandAsync(caller.Person, id, PayeeRole.Cashier, cancel);
        var who = Ids.Read(Person.Prefix, person);
        var customer =
            await db.ShopCustomers.AsNoTracking().SingleOrDefaultAsync(one => one.ShopId == shop.Id && one.PersonId == who, cancel)
            ?? throw PlatformRefusals.NotFound.With();
        var view = CustomerView.Of(customer, (await people.FindAsync(who, cancel))!);
        var theirs = db.ShopBills.AsNoTracking().Where(bill => bill.ShopId == shop.Id && bill.CustomerId == who);
        var page = await bills.FindAsync(theirs, new BillSearch(), new PageRequest(NewestBills, null), cancel);
        return Results.Json(new Shown(view, page.Data, page.Totals!), Wire.Json);
    }

    private static async Task<IResult> RemoveAsync(
        string id,
        string person,
        Caller caller,
        HttpContext http,
        ShopDesk shops,
        Database database,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var shop = await shops.DemandAsync(caller.Person, id, PayeeRole.Owner, cancel);
        var who = Ids.Read(Person.Prefix, person);
        await database.TransactionAsync(
            async connection =>
            {
                await using var remove = new NpgsqlCommand("delete from shops.customers where shop_id = $1 and person_id = $2", connection);
                remove.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = shop.Id });
                remove.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = who });
                if (await remove.ExecuteNonQueryAsync(cancel) != 1)
                {
                    throw PlatformRefusals.NotFound.With();
                }

                await connection.InsertAsync(cancel, ActivityLog.Row(activity.Entry(http, "shops.customer_removed", who, new { shop = id })));
                return true;
            },
            cancel
        );
        return Results.NoContent();
    }

    /// <param name="Customer">Who.</param>
    /// <param name="Bills">The newest 20 of this shop.</param>
    /// <param name="Totals">Of all their bills at this shop, per state and currency.</param>
    internal sealed record Shown(CustomerView Customer, IReadOnlyList<BillView> Bills, IReadOnlyList<PaymentTotal> Totals);
}
