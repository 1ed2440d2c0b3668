using Florin.Activity;
using Florin.Payments;
using Florin.Platform;
using Npgsql;

namespace Florin.Shops;

/// <summary>
/// <c>DELETE /v1/shops/{id}</c>: the owner closes a shop for ever, once nobody can pay what it asked for. It sells nothing then, and what payers began by
/// themselves is called off; what it holds stays its owner's, refunds go on, and its history stays.
/// </summary>
internal static class CloseShop
{
    public static void Map(RouteGroupBuilder routes) =>
        routes.MapDelete("/{id}", HandleAsync).RequireAuthorization(Policies.Person).Produces(StatusCodes.Status204NoContent);

    private static async Task<IResult> HandleAsync(
        string id,
        Caller caller,
        HttpContext http,
        ShopDesk shops,
        PaymentLists payments,
        Cancellation cancellation,
        Database database,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var shop = await shops.DemandOpenAsync(caller.Person, id, PayeeRole.Owner, cancel);
        await database.TransactionAsync(
            async connection =>
            {
                await using var close = new NpgsqlCommand("update shops.shops set closed_at = $2 where id = $1 and closed_at is null", connection);
                close.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = shop.Id });
                close.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
                if (await close.ExecuteNonQueryAsync(cancel) != 1)
                {
                    throw ShopsRefusals.ShopClosed.With();
                }

                // With the row locked, every sale is made already or is not made at all.
                if (await payments.AnyOpenAsync(shop.Id, cancel))
                {
                    throw ShopsRefusals.ShopStillPaid.With(); // rolls back
                }

                await connection.InsertAsync(cancel, ActivityLog.Row(activity.Entry(http, "shops.closed", details: new { shop = id })));
                return true;
            },
            cancel
        );
        foreach (var sale in await payments.OpenByPayersAsync(shop.Id, CancellationToken.None))
        {
            try
            {
                await cancellation.CancelAsync(sale, caller, http, CancellationToken.None);
            }
            catch (Refusal)
            {
                // It was paid, or a gateway collects it: what comes is the owner's. They last five minutes.
            }
        }

        return Results.NoContent();
    }
}
