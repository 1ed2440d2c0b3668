using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Identity;

/// <summary>A person's own picture, as a file to save: a browser neither shows it as a page nor guesses another type.</summary>
internal static class ShowPicture
{
    internal static void Map(RouteGroupBuilder me) => me.MapGet("/picture", HandleAsync);

    private static async Task<IResult> HandleAsync(Caller caller, HttpContext http, FlorinDb db, FileStore files, CancellationToken cancel)
    {
        var picture = await db.People.Where(p => p.Id == caller.Person).Select(p => new { p.Picture, p.PictureType }).SingleAsync(cancel);
        var stored = picture is { Picture: { } name, PictureType: { } type } ? new StoredPicture(name, type) : null;
        return files.Answer(SetPicture.Folder, stored, http, shared: false);
    }
}
