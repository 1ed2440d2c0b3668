using Florin.Activity;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Identity;

/// <summary>A person sets their picture: a JPEG, PNG or WebP as the body, or as the one file of a form.</summary>
internal static class SetPicture
{
    internal const string Folder = "pictures";

    internal static void Map(RouteGroupBuilder me) =>
        me.MapPut("/picture", HandleAsync).Accepts<IFormFile>("image/jpeg", PictureFiles.Accepted).LimitBody(PictureFiles.MaxBody).Produces(204);

    private static async Task<IResult> HandleAsync(
        Caller caller,
        HttpContext http,
        Database database,
        FileStore files,
        TimeProvider clock,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var picture = await files.StoreAsync(Folder, http.Request, cancel);
        var former = await ReplaceAsync(database, caller.Person, picture, clock.GetUtcNow(), activity.Entry(http, "identity.picture_set"), cancel);
        if (former is not null)
        {
            files.Delete(Folder, former);
        }

        return Results.NoContent();
    }

    /// <summary>Puts the row to another picture, or none, and gives the former one's name. Two at once: each former name comes out once.</summary>
    internal static Task<string?> ReplaceAsync(
        Database database,
        Guid person,
        StoredPicture? picture,
        DateTimeOffset now,
        ActivityEntry entry,
        CancellationToken cancel
    ) =>
        database.TransactionAsync(
            async connection =>
            {
                await using var command = new NpgsqlCommand(
                    """
                    with former as (select id, picture from identity.people where id = $1 and deleted_at is null for update)
                    update identity.people p set picture = $2, picture_type = $3, updated_at = $4 from former where p.id = former.id
                    returning former.picture
                    """,
                    connection
                );
                command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
                command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = picture?.Name, NpgsqlDbType = NpgsqlDbType.Text });
                command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = picture?.ContentType, NpgsqlDbType = NpgsqlDbType.Text });
                command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
                var former = await command.ExecuteScalarAsync(cancel) ?? throw PlatformRefusals.NotFound.With();
                await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                return former as string;
            },
            cancel
        );
}
