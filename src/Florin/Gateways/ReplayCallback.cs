using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Gateways;

/// <summary><c>POST /v1/gateways/callbacks/{id}/replay</c>: finance or support have a callback handled again, which asks the gateway again.</summary>
internal static class ReplayCallback
{
    internal static void Map(RouteGroupBuilder callbacks) => callbacks.MapPost("/{id}/replay", HandleAsync);

    private static async Task<CallbackView> HandleAsync(
        string id,
        HttpContext http,
        Caller caller,
        FlorinDb db,
        CallbackHandling handling,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        if (!caller.Is(Roles.Finance) && !caller.Is(Roles.Support))
        {
            throw PlatformRefusals.Forbidden.With("Finance or support may do this.");
        }

        var key = Ids.Read(Callback.Prefix, id);
        if (!await db.Callbacks.AnyAsync(one => one.Id == key, cancel))
        {
            throw PlatformRefusals.NotFound.With();
        }

        db.Add(activity.Entry(http, "gateways.callback_replayed", details: new { callback = id }));
        await db.SaveChangesAsync(cancel);
        await handling.HandleAsync(key, CancellationToken.None);
        return CallbackView.Of(await db.Callbacks.AsNoTracking().SingleAsync(one => one.Id == key, cancel));
    }
}
