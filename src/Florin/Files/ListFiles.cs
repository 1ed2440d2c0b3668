using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Files;

/// <summary>One's own files, newest first; and one of them. Staff see by <c>person</c> which files somebody has, not what is in them.</summary>
internal static class ListFiles
{
    public static void Map(RouteGroupBuilder files)
    {
        files.MapGet("", ListAsync).RequireAuthorization(Policies.Person);
        files.MapGet("/{id}", ShowAsync).RequireAuthorization(Policies.Person);
    }

    /// <summary>A file of this person's.</summary>
    /// <exception cref="Refusal"><c>not_found</c></exception>
    public static async Task<UploadedFile> OwnAsync(this FlorinDb db, Guid person, string id, CancellationToken cancel)
    {
        var key = Ids.Read(UploadedFile.Prefix, id);
        return await db.UploadedFiles.AsNoTracking().SingleOrDefaultAsync(file => file.Id == key && file.PersonId == person && file.DeletedAt == null, cancel)
            ?? throw PlatformRefusals.NotFound.With();
    }

    private static async Task<Page<FileView>> ListAsync(int? limit, string? cursor, string? person, Caller caller, FlorinDb db, CancellationToken cancel)
    {
        var page = PageRequest.Read(limit, cursor);
        if (person is not null && !caller.IsStaff)
        {
            throw PlatformRefusals.Forbidden.With();
        }

        var owner = person is null ? caller.Person : Ids.Read("usr", person);
        var rows = await db
            .UploadedFiles.AsNoTracking()
            .Where(file => file.PersonId == owner && file.DeletedAt == null && (page.Before == null || file.Id < page.Before))
            .OrderByDescending(file => file.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, file => file.Id, FileView.Of);
    }

    private static async Task<FileView> ShowAsync(string id, Caller caller, FlorinDb db, CancellationToken cancel) =>
        FileView.Of(await db.OwnAsync(caller.Person, id, cancel));
}
