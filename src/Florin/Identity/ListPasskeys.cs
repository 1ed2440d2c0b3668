using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Identity;

/// <summary>A person's passkeys, newest first: <c>GET /v1/me/passkeys</c>; <c>DELETE /v1/me/passkeys/{id}</c> takes one away.</summary>
internal static class ListPasskeys
{
    internal static void Map(RouteGroupBuilder me)
    {
        me.MapGet("/passkeys", HandleAsync);
        me.MapDelete("/passkeys/{id}", RemoveAsync).Produces(204);
    }

    private static async Task<Page<AddPasskey.Response>> HandleAsync(Caller caller, FlorinDb db, int? limit, string? cursor, CancellationToken cancel)
    {
        var page = PageRequest.Read(limit, cursor);
        var passkeys = await db
            .Passkeys.AsNoTracking()
            .Where(passkey => passkey.PersonId == caller.Person && (page.Before == null || passkey.Id < page.Before))
            .OrderByDescending(passkey => passkey.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(passkeys, passkey => passkey.Id, AddPasskey.Show);
    }

    private static async Task<IResult> RemoveAsync(string id, Caller caller, HttpContext http, FlorinDb db, ActivityLog activity, CancellationToken cancel)
    {
        var key = Ids.Read(Passkey.Prefix, id);
        var passkey =
            await db.Passkeys.SingleOrDefaultAsync(one => one.Id == key && one.PersonId == caller.Person, cancel) ?? throw PlatformRefusals.NotFound.With();
        db.Passkeys.Remove(passkey);
        db.Add(activity.Entry(http, "identity.passkey_removed", details: new { passkey = id }));
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            throw PlatformRefusals.NotFound.With(); // removed by another call in this moment
        }

        return Results.NoContent();
    }
}
