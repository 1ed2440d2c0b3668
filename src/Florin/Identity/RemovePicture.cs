using Florin.Activity;
using Florin.Platform;

namespace Florin.Identity;

/// <summary>A person takes their picture away. Where there is none, nothing happens.</summary>
internal static class RemovePicture
{
    internal static void Map(RouteGroupBuilder me) => me.MapDelete("/picture", HandleAsync).Produces(204);

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
        var former = await SetPicture.ReplaceAsync(database, caller.Person, null, clock.GetUtcNow(), activity.Entry(http, "identity.picture_removed"), cancel);
        if (former is not null)
        {
            files.Delete(SetPicture.Folder, former);
        }

        return Results.NoContent();
    }
}
