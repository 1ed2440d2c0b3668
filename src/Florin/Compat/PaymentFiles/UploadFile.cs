using Florin.Files;
using Florin.Identity;
using Florin.Platform;
using Florin.Platform.Pages;
using Microsoft.EntityFrameworkCore;

namespace Florin.Compat.PaymentFiles;

/// <summary><c>POST /api/upload/</c>, <c>GET /api/file/</c>, and the address of a file's bytes, which is private.</summary>
internal static class UploadFile
{
    private sealed record Taken(string Id, string Filename, DateTimeOffset UploadedAt);

    private sealed record Response(Guid FileId, long User, string File, string Filename, string UploadTime, string Status, long? WordCount);

    internal static void Map(RouteGroupBuilder api, RouteGroupBuilder root, long mostBytes)
    {
        api.MapPost("/upload", UploadAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Money).LimitBody(mostBytes);
        api.MapGet("/file", ListAsync).RequireAuthorization(Policies.Person);
        root.MapGet("/media/uploads/{id}/{filename}", PassAsync).RequireAuthorization(Policies.Person);
    }

    private static Task<IResult> PassAsync(string id, EdgeApi api) =>
        Guid.TryParseExact(id, "D", out var file) ? api.PassAsync($"/v1/files/{Ids.Show("fil", file)}/content") : throw PlatformRefusals.NotFound.With();

    private static async Task<IResult> UploadAsync(Caller caller, HttpContext http, EdgeApi api, People people, Settings settings, CancellationToken cancel)
    {
        if (!http.Request.HasFormContentType)
        {
            throw PlatformRefusals.InvalidRequest.Field("file", "No file was submitted.");
        }

        var file = await TakeAsync(http.Request, api);
        var number = (await people.FindAsync(caller.Person, cancel))!.Number;
        var row = new FileRow(Ids.Read("fil", file.Id), caller.Person, file.Filename, "processing", null, file.UploadedAt);
        return Results.Json(Show(row, number, settings), Wire.Json, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<Taken> TakeAsync(HttpRequest request, EdgeApi api)
    {
        try
        {
            return await api.SendAsync<Taken>("POST", "/v1/files", request.Body, request.ContentType!);
        }
        catch (PageRefusal refused) when (refused.Code is "no_file_credit")
        {
            throw PlatformRefusals.Forbidden.With(refused.Title); // 403 was seed 3's answer to who has not paid
        }
        catch (PageRefusal refused) when (refused.Code is "file_missing" or "file_type_not_accepted")
        {
            throw PlatformRefusals.InvalidRequest.Field("file", $"{refused.Title} {refused.Detail}".Trim());
        }
    }

    private static async Task<IResult> ListAsync(Caller caller, FileDesk files, FlorinDb db, Settings settings, CancellationToken cancel)
    {
        var rows = await files.NewestAsync(caller.IsStaff ? null : caller.Person, EdgeApi.MostRows, cancel);
        var owners = rows.Select(one => one.Person).Distinct().ToList();
        var numbers = await db.People.AsNoTracking().Where(one => owners.Contains(one.Id)).ToDictionaryAsync(one => one.Id, one => one.Number, cancel);
        return Results.Json(rows.Select(one => Show(one, numbers[one.Person], settings)), Wire.Json);
    }

    private static Response Show(FileRow file, long user, Settings settings) =>
        new(
            file.Id,
            user,
            $"{settings.PublicUrl}/media/uploads/{file.Id}/{Uri.EscapeDataString(file.Filename)}",
            file.Filename,
            EdgeFormats.Time(file.UploadedAt),
            file.State switch
            {
                "completed" => "Completed",
                "failed" => "Failed",
                _ => "Processing",
            },
            file.WordCount
        );
}
