using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Identity;

/// <summary>A merchant ends an API key; no server takes it a second later. Ending it again is no fault.</summary>
internal static class RevokeApiKey
{
    internal static void Map(RouteGroupBuilder group) => group.MapDelete("/{id}", HandleAsync).Produces(204);

    private static async Task<IResult> HandleAsync(
        string id,
        Caller caller,
        HttpContext http,
        FlorinDb db,
        TimeProvider clock,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var keyId = Ids.Read(ApiKeys.IdPrefix, id);
        var key = await db.ApiKeys.SingleOrDefaultAsync(k => k.Id == keyId && k.PersonId == caller.Person, cancel) ?? throw PlatformRefusals.NotFound.With();
        if (key.RevokedAt is null)
        {
            key.RevokedAt = clock.GetUtcNow();
            db.Add(activity.Entry(http, "identity.api_key_revoked", details: new { api_key = id }));
            await db.SaveChangesAsync(cancel);
        }

        return Results.NoContent();
    }
}
