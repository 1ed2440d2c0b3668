using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Identity;
using Florin.Platform;
using Npgsql;

namespace Florin.Shops;

/// <summary>
/// <c>POST /v1/shop-invitations/accept</c>: whoever was invited, and is signed in, becomes a cashier or a customer of the shop. A code is good once, and
/// the newest that went to an address only.
/// </summary>
internal static class AcceptInvitation
{
    /// <param name="Code">Of the message; blanks, dashes and the case of letters do not matter.</param>
    public sealed record Request([property: StringLength(50, MinimumLength = 1), Secret] string Code);

    /// <param name="Kind"><c>cashier</c> or <c>customer</c>.</param>
    /// <param name="Shop"><c>shp_…</c></param>
    /// <param name="ShopName">Its name.</param>
    public sealed record Response(string Kind, string Shop, string ShopName);

    public static void Map(RouteGroupBuilder routes) =>
        routes.MapPost("/accept", HandleAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Guessing);

    private static async Task<Response> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        Database database,
        Secrets secrets,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var now = clock.GetUtcNow();
        return await database.TransactionAsync(
            async connection =>
            {
                var code = ShopInvitation.HashesOf(secrets, request.Code);
                if (await IsCashiersAsync(connection, code, cancel))
                {
                    // First of all, since it locks the person, as whoever sends a cashier away does.
                    await PersonRoles.GrantAsync(connection, caller.Person, Roles.Cashier, now, cancel);
                }

                var accepted = await UseAsync(connection, code, caller.Person, now, cancel);
                if (accepted.Owner == caller.Person)
                {
                    throw ShopsRefusals.OwnShop.With();
                }

                var shop = Ids.Show(Shop.Prefix, accepted.Shop);
                if (accepted.Kind is ShopInvitation.Cashier)
                {
                    await JoinAsync(connection, accepted.Shop, caller.Person, now, cancel);
                }
                else
                {
                    await ShopCustomer.AddAsync(connection, accepted.Shop, caller.Person, now, cancel);
                }

                var details = new { shop, kind = accepted.Kind };
                await connection.InsertAsync(
                    cancel,
                    ActivityLog.Row(activity.Entry(http, "shops.invitation_accepted", details: details)),
                    ActivityLog.Row(activity.Entry(http, $"shops.{accepted.Kind}_joined", accepted.Owner, details))
                );
                return new Response(accepted.Kind, shop, accepted.Name);
            },
            cancel
        );
    }

    private static async Task<bool> IsCashiersAsync(NpgsqlConnection connection, byte[][] code, CancellationToken cancel)
    {
        await using var find = new NpgsqlCommand("select kind = 'cashier' from shops.invitations where code_hash = any($1)", connection);
        find.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = code });
        return await find.ExecuteScalarAsync(cancel) is true;
    }

    private static async Task<(string Kind, Guid Shop, Guid Owner, string Name)> UseAsync(
        NpgsqlConnection connection,
        byte[][] code,
        Guid person,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        await using var use = new NpgsqlCommand(
            """
            update shops.invitations i set accepted_at = $2, accepted_by = $3
            from shops.shops s
            where i.code_hash = any($1) and i.accepted_at is null and i.withdrawn_at is null and i.expires_at > $2 and coalesce(i.person_id, $3) = $3
                and s.id = i.shop_id and s.closed_at is null
                and not exists (
                    select from shops.invitations newer
                    where newer.shop_id = i.shop_id and newer.kind = i.kind and newer.destination_hash = i.destination_hash and newer.id > i.id
                )
            returning i.kind, s.id, s.owner, s.name
            """,
            connection
        );
        use.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = code });
        use.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        use.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        await using var reader = await use.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? (reader.GetString(0), reader.GetGuid(1), reader.GetGuid(2), reader.GetString(3))
            : throw ShopsRefusals.InvitationNotValid.With();
    }

    private static async Task JoinAsync(NpgsqlConnection connection, Guid shop, Guid person, DateTimeOffset now, CancellationToken cancel)
    {
        await using var join = new NpgsqlCommand(
            "insert into shops.members (shop_id, person_id, since) values ($1, $2, $3) on conflict do nothing",
            connection
        );
        join.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = shop });
        join.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        join.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        await join.ExecuteNonQueryAsync(cancel);
    }
}
