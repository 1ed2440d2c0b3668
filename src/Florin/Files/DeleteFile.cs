using Florin.Activity;
using Florin.Platform;
using Npgsql;

namespace Florin.Files;

/// <summary><c>DELETE /v1/files/{id}</c>: takes a file and its name away for good. What it cost, and that there was one, stays in the books.</summary>
internal static class DeleteFile
{
    public static void Map(RouteGroupBuilder files) => files.MapDelete("/{id}", HandleAsync).RequireAuthorization(Policies.Person).Produces(204);

    private static async Task<IResult> HandleAsync(
        string id,
        Caller caller,
        HttpContext http,
        FlorinDb db,
        Database database,
        Blobs blobs,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var file = await db.OwnAsync(caller.Person, id, cancel);
        var blob = await database.TransactionAsync(
            async connection =>
            {
                await using var command = new NpgsqlCommand(
                    """
                    with gone as (
                        update files.files set filename = $3, blob = null, deleted_at = $2 where id = $1 and state <> 'processing' and deleted_at is null
                        returning id
                    )
                    update files.blobs b set state = 'doomed', since = $2 from gone where b.name = $4 returning b.name
                    """,
                    connection
                );
                command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = file.Id });
                command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = UploadedFile.DeletedName });
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = file.Blob ?? "" });
                var name = await command.ExecuteScalarAsync(cancel) as string ?? throw FilesRefusals.FileProcessing.With();
                await connection.InsertAsync(cancel, ActivityLog.Row(activity.Entry(http, "files.deleted", details: new { file = file.PublicId })));
                return name;
            },
            cancel
        );
        await blobs.RemoveAsync(blob);
        return Results.NoContent();
    }
}
