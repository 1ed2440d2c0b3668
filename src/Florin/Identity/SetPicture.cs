using Florin.Activity;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Identity;

/// <summary>
/// A person sets their picture: a JPEG, PNG or WebP as the body, or as the one file of a form. It is judged by its own header, never decoded,
/// cut at its end, and kept under a name of ours.
/// </summary>
internal static class SetPicture
{
    internal const string Folder = "pictures";
    private const int FormAround = 16 * 1024; // bytes that a form may add to its file

    internal static void Map(RouteGroupBuilder me) =>
        me.MapPut("/picture", HandleAsync)
            .Accepts<IFormFile>("image/jpeg", "image/png", "image/webp", "application/octet-stream", "multipart/form-data")
            .LimitBody(PictureHeader.MaxBytes + FormAround)
            .Produces(204);

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
        var bytes = await ReadAsync(http.Request, cancel);
        var header = PictureHeader.Read(bytes.Span);
        var name = await files.SaveAsync(Folder, bytes[..header.Length], cancel);
        var former = await ReplaceAsync(
            database,
            caller.Person,
            (name, header.ContentType),
            clock.GetUtcNow(),
            activity.Entry(http, "identity.picture_set"),
            cancel
        );
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
        (string Name, string Type)? picture,
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
                command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = picture?.Type, NpgsqlDbType = NpgsqlDbType.Text });
                command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
                var former = await command.ExecuteScalarAsync(cancel) ?? throw PlatformRefusals.NotFound.With();
                await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                return former as string;
            },
            cancel
        );

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancel)
    {
        if (!request.HasFormContentType)
        {
            return await ReadAsync(request.Body, cancel);
        }

        var form = await request.ReadFormAsync(
            new()
            {
                BufferBody = false,
                MultipartBodyLengthLimit = PictureHeader.MaxBytes + 1,
                ValueCountLimit = 16,
            },
            cancel
        );
        if (form.Files is not [{ } file])
        {
            throw PlatformRefusals.InvalidRequest.Field("picture", "send exactly one file");
        }

        await using var content = file.OpenReadStream();
        return await ReadAsync(content, cancel);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream content, CancellationToken cancel)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[64 * 1024];
        int read;
        while ((read = await content.ReadAsync(chunk, cancel)) > 0)
        {
            buffer.Write(chunk, 0, read);
            if (buffer.Length > PictureHeader.MaxBytes)
            {
                throw CredentialRefusals.PictureTooLarge.With();
            }
        }

        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }
}
