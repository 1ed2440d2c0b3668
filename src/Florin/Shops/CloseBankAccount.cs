using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Shops;

/// <summary>
/// <c>DELETE /v1/shops/{id}/bank-accounts/{account}</c>: nothing is paid there any more, and its numbers are erased; not while a payout is on its way there.
/// </summary>
internal static class CloseBankAccount
{
    public static void Map(RouteGroupBuilder shops) =>
        shops.MapDelete("/{id}/bank-accounts/{account}", HandleAsync).RequireAuthorization(Policies.Merchant).Produces(204);

    private static async Task<IResult> HandleAsync(
        string id,
        string account,
        Caller caller,
        HttpContext http,
        PayoutDesk desk,
        FlorinDb db,
        Database database,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var shop = await desk.OwnShopAsync(caller.Person, id, cancel);
        var key = Ids.Read(BankAccount.Prefix, account);
        var found =
            await db.BankAccounts.AsNoTracking().SingleOrDefaultAsync(one => one.Id == key && one.ShopId == shop.Id, cancel)
            ?? throw PlatformRefusals.NotFound.With();
        await database.TransactionAsync(
            async connection =>
            {
                if (await CloseAsync(connection, found.Id, clock.GetUtcNow(), cancel))
                {
                    await connection.InsertAsync(
                        cancel,
                        PayoutDesk.Event("shops.bank_account_closed", shop, found.Id, BankAccountView.Of(found)),
                        ActivityLog.Row(activity.Entry(http, "shops.bank_account_closed", details: new { shop = id, bank_account = account }))
                    );
                }

                return true;
            },
            cancel
        );
        return Results.NoContent();
    }

    // Whether it was open. With the row locked first, the second statement sees every payout that took it before.
    private static async Task<bool> CloseAsync(NpgsqlConnection connection, Guid account, DateTimeOffset now, CancellationToken cancel)
    {
        await using var look = new NpgsqlCommand("select closed_at is null from shops.bank_accounts where id = $1 for update", connection);
        look.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = account });
        if (await look.ExecuteScalarAsync(cancel) is not true)
        {
            return false;
        }

        await using var close = new NpgsqlCommand(
            """
            update shops.bank_accounts set closed_at = $2, sealed = null
            where id = $1 and not exists (select from shops.payouts where bank_account_id = $1 and state in ('awaiting_approval', 'approved'))
            """,
            connection
        );
        close.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = account });
        close.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        return await close.ExecuteNonQueryAsync(cancel) == 1 ? true : throw ShopsRefusals.BankAccountInUse.With();
    }
}
