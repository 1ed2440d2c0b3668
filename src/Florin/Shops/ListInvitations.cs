using Florin.Activity;
using Florin.Payments;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Shops;

/// <summary>
/// <c>GET /v1/shops/{id}/invitations</c>: those that can still be accepted, for the owner; <c>DELETE …/{invitation}</c> takes one back.
/// </summary>
internal static class ListInvitations
{
    public static void Map(RouteGroupBuilder routes)
    {
        routes.MapGet("/{id}/invitations", ListAsync).RequireAuthorization(Policies.Person);
        routes.MapDelete("/{id}/invitations/{invitation}", WithdrawAsync).RequireAuthorization(Policies.Person).Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<Page<InvitationView>> ListAsync(
        string id,
        int? limit,
        string? cursor,
        Caller caller,
        ShopDesk shops,
        FlorinDb db,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var page = PageRequest.Read(limit, cursor);
        var shop = await shops.DemandAsync(caller.Person, id, PayeeRole.Owner, cancel);
        var now = clock.GetUtcNow();
        var rows = await db
            .ShopInvitations.AsNoTracking()
            .Where(one => one.ShopId == shop.Id && one.AcceptedAt == null && one.WithdrawnAt == null && one.ExpiresAt > now)
            .Where(one =>
                !db.ShopInvitations.Any(newer =>
                    newer.ShopId == one.ShopId && newer.Kind == one.Kind && newer.DestinationHash == one.DestinationHash && newer.Id > one.Id
                )
            )
            .Where(one => page.Before == null || one.Id < page.Before)
            .OrderByDescending(one => one.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, one => one.Id, InvitationView.Of);
    }

    private static async Task<IResult> WithdrawAsync(
        string id,
        string invitation,
        Caller caller,
        HttpContext http,
        ShopDesk shops,
        Database database,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var shop = await shops.DemandAsync(caller.Person, id, PayeeRole.Owner, cancel);
        var key = Ids.Read(ShopInvitation.Prefix, invitation);
        await database.TransactionAsync(
            async connection =>
            {
                await using var withdraw = new NpgsqlCommand(
                    "update shops.invitations set withdrawn_at = $3 where id = $1 and shop_id = $2 and accepted_at is null and withdrawn_at is null",
                    connection
                );
                withdraw.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = key });
                withdraw.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = shop.Id });
                withdraw.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
                if (await withdraw.ExecuteNonQueryAsync(cancel) != 1)
                {
                    throw PlatformRefusals.NotFound.With();
                }

                await connection.InsertAsync(
                    cancel,
                    ActivityLog.Row(activity.Entry(http, "shops.invitation_withdrawn", details: new { shop = id, invitation }))
                );
                return true;
            },
            cancel
        );
        return Results.NoContent();
    }
}
