namespace Florin.Platform;

/// <summary>A picture that was stored.</summary>
/// <param name="Name">Its name in the store.</param>
/// <param name="ContentType">By content.</param>
public sealed record StoredPicture(string Name, string ContentType);

/// <summary>Takes pictures in and gives them out. A picture is judged by its own header, never decoded, cut at its end, and kept under a name of ours.</summary>
public static class PictureFiles
{
    /// <summary>What a route that takes one says that it takes.</summary>
    public static readonly string[] Accepted = ["image/png", "image/webp", "application/octet-stream", "multipart/form-data"];

    /// <summary>The largest body of a route that takes one, in bytes: the picture, and what a form may add to its file.</summary>
    public const long MaxBody = PictureHeader.MaxBytes + 16 * 1024;

    /// <summary>Reads a JPEG, PNG or WebP that is the body, or the one file of a form, and stores it.</summary>
    /// <param name="files">Where.</param>
    /// <param name="folder">The kind of picture.</param>
    /// <param name="request">Its request.</param>
    /// <param name="cancel">Stops reading; nothing is left behind.</param>
    /// <exception cref="Refusal"><c>picture_not_readable</c>, <c>picture_too_large</c>, <c>invalid_request</c></exception>
    public static async Task<StoredPicture> StoreAsync(this FileStore files, string folder, HttpRequest request, CancellationToken cancel)
    {
        var bytes = await ReadAsync(request, cancel);
        var header = PictureHeader.Read(bytes.Span);
        return new StoredPicture(await files.SaveAsync(folder, bytes[..header.Length], cancel), header.ContentType);
    }

    /// <summary>Answers with a picture. A browser guesses no other type, and nothing in it runs.</summary>
    /// <param name="files">Where it is.</param>
    /// <param name="folder">The kind of picture.</param>
    /// <param name="picture">Which; null for none.</param>
    /// <param name="http">The request.</param>
    /// <param name="shared">Whether anybody may see and keep it for five minutes, and a browser shows it; else it is a file to save, for one person.</param>
    /// <exception cref="Refusal"><c>not_found</c></exception>
    public static IResult Answer(this FileStore files, string folder, StoredPicture? picture, HttpContext http, bool shared)
    {
        if (picture is null || !files.TryOpen(folder, picture.Name, out var file))
        {
            throw PlatformRefusals.NotFound.With();
        }

        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.CacheControl = shared ? "public, max-age=300" : "private, no-store";
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        return Results.Stream(file, picture.ContentType, shared ? null : "picture." + picture.ContentType["image/".Length..]);
    }

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
                throw PlatformRefusals.PictureTooLarge.With();
            }
        }

        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }
}
