using Florin.Activity;
using Florin.Platform;

namespace Florin.Webhooks;

/// <summary>Sends a delivery again, whatever became of it, under its old id. One that is pending is tried now.</summary>
internal static class ReplayDelivery
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/{id}/deliveries/{delivery}/replay", HandleAsync).Produces(202);

    private static async Task<IResult> HandleAsync(
        string id,
        string delivery,
        Caller caller,
        HttpContext http,
        FlorinDb db,
        Replays replays,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var endpoint = await ShowWebhook.OwnAsync(db, caller, id, cancel);
        var entry = activity.Entry(http, "webhooks.replayed", details: new { webhook = id, delivery });
        var range = new ReplayRange(Ids.Read(Delivery.Prefix, delivery), null, null, OnlyFailed: false);
        var replayed = await replays.SendAgainAsync(endpoint, range, entry, cancel);
        return replayed.Count == 1 ? Results.Accepted() : throw PlatformRefusals.NotFound.With();
    }
}
