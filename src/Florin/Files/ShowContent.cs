using Florin.Files.Storage;
using Florin.Platform;
using Microsoft.Net.Http.Headers;

namespace Florin.Files;

/// <summary><c>GET /v1/files/{id}/content</c>: the file itself, for its owner, to be saved and never shown; a part of it by <c>Range</c>.</summary>
internal static class ShowContent
{
    public static void Map(RouteGroupBuilder files) =>
        files.MapGet("/{id}/content", HandleAsync).RequireAuthorization(Policies.Person).Produces(200, contentType: "application/octet-stream");

    private static async Task<IResult> HandleAsync(string id, Caller caller, HttpContext http, FlorinDb db, IFileStorage storage, CancellationToken cancel)
    {
        var file = await db.OwnAsync(caller.Person, id, cancel);
        Stream? content;
        try
        {
            content = file.Blob is null ? null : await storage.OpenAsync(file.Blob, cancel);
        }
        catch (StorageFault)
        {
            throw FilesRefusals.FileStorageUnavailable.With();
        }

        if (content is null)
        {
            throw PlatformRefusals.NotFound.With();
        }

        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.CacheControl = "private, no-store";
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(file.Sha256)}\"");
        return Results.Stream(content, "application/octet-stream", file.Filename, file.UploadedAt, tag, enableRangeProcessing: true);
    }
}
