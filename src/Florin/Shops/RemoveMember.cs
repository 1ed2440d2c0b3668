using Florin.Activity;
using Florin.Identity;
using Florin.Payments;
using Florin.Platform;
using Npgsql;

namespace Florin.Shops;

/// <summary>
/// <c>DELETE /v1/shops/{id}/members/{person}</c>: the owner sends a cashier away, or a cashier leaves. The till is closed to them with this answer, in
/// whatever session they are: who works where is read at every request.
/// </summary>
internal static class RemoveMember
{
    public static void Map(RouteGroupBuilder routes) =>
        routes.MapDelete("/{id}/members/{person}", HandleAsync).RequireAuthorization(Policies.Person).Produces(StatusCodes.Status204NoContent);

    private static async Task<IResult> HandleAsync(
        string id,
        string person,
        Caller caller,
        HttpContext http,
        ShopDesk shops,
        People people,
        Secrets secrets,
        Database database,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var member = Ids.Read(Person.Prefix, person);
        var shop = await shops.DemandAsync(caller.Person, id, member == caller.Person ? PayeeRole.Cashier : PayeeRole.Owner, cancel);
        var leaver = await people.FindAsync(member, cancel);
        byte[][] contacts = [.. new[] { leaver?.Email, leaver?.Phone }.OfType<string>().Select(to => ShopInvitation.HashOfDestination(secrets, to))];
        var entry = activity.Entry(http, "shops.member_removed", member, new { shop = id });
        var now = clock.GetUtcNow();
        await database.TransactionAsync(
            async connection =>
            {
                // First of all, since it locks the person: whoever joins or leaves another shop at this moment comes before or after.
                await PersonRoles.WithdrawAsync(connection, member, Roles.Cashier, now, cancel);
                if (await LeaveAsync(connection, shop.Id, member, contacts, now, cancel))
                {
                    await PersonRoles.GrantAsync(connection, member, Roles.Cashier, now, cancel);
                }

                await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                return true;
            },
            cancel
        );
        return Results.NoContent();
    }

    // Also what was sent to their addresses and waits: with it they would come back.
    /// <returns>Whether the person works in another shop.</returns>
    private static async Task<bool> LeaveAsync(
        NpgsqlConnection connection,
        Guid shop,
        Guid person,
        byte[][] contacts,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        await using var batch = new NpgsqlBatch(connection);
        var leave = new NpgsqlBatchCommand("delete from shops.members where shop_id = $1 and person_id = $2");
        leave.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = shop });
        leave.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        batch.BatchCommands.Add(leave);
        var withdraw = new NpgsqlBatchCommand(
            """
            update shops.invitations set withdrawn_at = $3
            where shop_id = $1 and (person_id = $2 or destination_hash = any($4)) and kind = 'cashier' and accepted_at is null and withdrawn_at is null
            """
        );
        withdraw.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = shop });
        withdraw.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        withdraw.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        withdraw.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = contacts });
        batch.BatchCommands.Add(withdraw);
        await batch.ExecuteNonQueryAsync(cancel);
        if (leave.RecordsAffected != 1)
        {
            throw PlatformRefusals.NotFound.With(); // rolls back
        }

        await using var others = new NpgsqlCommand("select exists (select from shops.members where person_id = $1)", connection);
        others.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        return (bool)(await others.ExecuteScalarAsync(cancel))!;
    }
}
