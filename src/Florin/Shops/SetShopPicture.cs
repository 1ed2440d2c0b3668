using Florin.Activity;
using Florin.Payments;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Shops;

/// <summary>
/// A shop's picture, which payers see: <c>PUT</c> and <c>DELETE /v1/shops/{id}/picture</c> for its owner, <c>GET</c> for everybody, since it is shown
/// beside the shop's name on pages without sign-in.
/// </summary>
internal static class SetShopPicture
{
    private const string Folder = "shop-pictures";

    public static void Map(RouteGroupBuilder routes)
    {
        routes
            .MapPut("/{id}/picture", SetAsync)
            .RequireAuthorization(Policies.Person)
            .Accepts<IFormFile>("image/jpeg", PictureFiles.Accepted)
            .LimitBody(PictureFiles.MaxBody)
            .Produces(StatusCodes.Status204NoContent);
        routes.MapDelete("/{id}/picture", RemoveAsync).RequireAuthorization(Policies.Person).Produces(StatusCodes.Status204NoContent);
        routes.MapGet("/{id}/picture", ShowAsync).AllowAnonymous();
    }

    private static async Task<IResult> SetAsync(
        string id,
        Caller caller,
        HttpContext http,
        ShopDesk shops,
        FileStore files,
        Database database,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var shop = await shops.DemandOpenAsync(caller.Person, id, PayeeRole.Owner, cancel);
        var picture = await files.StoreAsync(Folder, http.Request, cancel);
        var entry = activity.Entry(http, "shops.picture_set", details: new { shop = id });
        if (await ReplaceAsync(database, shop.Id, picture, entry, cancel) is { } former)
        {
            files.Delete(Folder, former);
        }

        return Results.NoContent();
    }

    private static async Task<IResult> RemoveAsync(
        string id,
        Caller caller,
        HttpContext http,
        ShopDesk shops,
        FileStore files,
        Database database,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var shop = await shops.DemandAsync(caller.Person, id, PayeeRole.Owner, cancel);
        var entry = activity.Entry(http, "shops.picture_removed", details: new { shop = id });
        if (await ReplaceAsync(database, shop.Id, null, entry, cancel) is { } former)
        {
            files.Delete(Folder, former);
        }

        return Results.NoContent();
    }

    private static async Task<IResult> ShowAsync(string id, HttpContext http, ShopDesk shops, FileStore files, CancellationToken cancel)
    {
        var shop = await shops.FindAsync(Ids.Read(Shop.Prefix, id), cancel);
        var stored = shop is { Picture: { } name, PictureType: { } type } ? new StoredPicture(name, type) : null;
        return files.Answer(Folder, stored, http, shared: true);
    }

    // Gives the former one's name. Two at once: each former name comes out once.
    private static Task<string?> ReplaceAsync(Database database, Guid shop, StoredPicture? picture, ActivityEntry entry, CancellationToken cancel) =>
        database.TransactionAsync(
            async connection =>
            {
                await using var replace = new NpgsqlCommand(
                    """
                    with former as (select id, picture from shops.shops where id = $1 for update)
                    update shops.shops s set picture = $2, picture_type = $3 from former where s.id = former.id returning former.picture
                    """,
                    connection
                );
                replace.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = shop });
                replace.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = picture?.Name, NpgsqlDbType = NpgsqlDbType.Text });
                replace.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = picture?.ContentType, NpgsqlDbType = NpgsqlDbType.Text });
                var former = await replace.ExecuteScalarAsync(cancel);
                await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                return former as string;
            },
            cancel
        );
}
