using Florin.Activity;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Vouchers;

/// <summary>The picture of a voucher type in the shop window: <c>PUT</c> and <c>DELETE /v1/voucher-types/{id}/picture</c> for admins, <c>GET</c> for everybody.</summary>
internal static class SetVoucherTypePicture
{
    private const string Folder = "voucher-pictures";

    public static void Map(RouteGroupBuilder types)
    {
        types
            .MapPut("/{id}/picture", SetAsync)
            .RequireAuthorization(Policies.Admin)
            .Accepts<IFormFile>("image/jpeg", PictureFiles.Accepted)
            .LimitBody(PictureFiles.MaxBody)
            .Produces(StatusCodes.Status204NoContent);
        types.MapDelete("/{id}/picture", RemoveAsync).RequireAuthorization(Policies.Admin).Produces(StatusCodes.Status204NoContent);
        types.MapGet("/{id}/picture", ShowAsync).AllowAnonymous();
    }

    private static async Task<IResult> SetAsync(
        string id,
        HttpContext http,
        FlorinDb db,
        FileStore files,
        Database database,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var type = await ListVoucherTypes.FindAsync(id, db, cancel);
        var picture = await files.StoreAsync(Folder, http.Request, cancel);
        var entry = activity.Entry(http, "vouchers.picture_set", details: new { type = type.PublicId });
        await ReplaceAsync(database, files, type.Id, picture, entry, cancel);
        return Results.NoContent();
    }

    private static async Task<IResult> RemoveAsync(
        string id,
        HttpContext http,
        FlorinDb db,
        FileStore files,
        Database database,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var type = await ListVoucherTypes.FindAsync(id, db, cancel);
        var entry = activity.Entry(http, "vouchers.picture_removed", details: new { type = type.PublicId });
        await ReplaceAsync(database, files, type.Id, null, entry, cancel);
        return Results.NoContent();
    }

    private static async Task<IResult> ShowAsync(string id, HttpContext http, FlorinDb db, FileStore files, CancellationToken cancel)
    {
        var type = await ListVoucherTypes.FindAsync(id, db, cancel);
        var stored = type is { Picture: { } name, PictureType: { } kind } ? new StoredPicture(name, kind) : null;
        return files.Answer(Folder, stored, http, shared: true);
    }

    // Two at once: each former name comes out once, and its file goes.
    private static async Task ReplaceAsync(Database database, FileStore files, Guid type, StoredPicture? picture, ActivityEntry entry, CancellationToken cancel)
    {
        var former = await database.TransactionAsync(
            async connection =>
            {
                await using var replace = new NpgsqlCommand(
                    """
                    with former as (select id, picture from vouchers.types where id = $1 for update)
                    update vouchers.types t set picture = $2, picture_type = $3 from former where t.id = former.id returning former.picture
                    """,
                    connection
                );
                replace.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = type });
                replace.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = picture?.Name, NpgsqlDbType = NpgsqlDbType.Text });
                replace.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = picture?.ContentType, NpgsqlDbType = NpgsqlDbType.Text });
                var replaced = await replace.ExecuteScalarAsync(cancel);
                await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                return replaced as string;
            },
            cancel
        );
        if (former is not null)
        {
            files.Delete(Folder, former);
        }
    }
}
