using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Gateways;

/// <summary><c>POST /v1/gateways/callbacks/{id}/replay</c>: support has a callback handled again, which asks the gateway again.</summary>
internal static class ReplayCallback
{
    internal static void Map(RouteGroupBuilder callbacks) => callbacks.MapPost("/{id}/replay", HandleAsync).RequireAuthorization(Policies.Support);

    private static async Task<CallbackView> HandleAsync(
        string id,
        HttpContext http,
        FlorinDb db,
        CallbackHandling handling,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
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
