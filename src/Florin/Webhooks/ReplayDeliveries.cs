using Florin.Activity;
using Florin.Platform;

namespace Florin.Webhooks;

/// <summary>Sends what happened between two times to an endpoint again, such as after it lost its data.</summary>
internal static class ReplayDeliveries
{
    /// <param name="From">From this time on, included.</param>
    /// <param name="To">Up to this time, excluded.</param>
    /// <param name="OnlyFailed">Whether only what was given up, or failed so far, is sent again.</param>
    public sealed record Request(DateTimeOffset From, DateTimeOffset To, bool OnlyFailed = false);

    /// <param name="Count">How many are sent again, the oldest first.</param>
    /// <param name="More">Whether there may be more in the range than one call takes (10,000): call again with <c>from</c> at the last one's time.</param>
    /// <param name="LastHappenedAt">When the last of them happened.</param>
    public sealed record Response(int Count, bool More, DateTimeOffset? LastHappenedAt);

    internal static void Map(RouteGroupBuilder group) => group.MapPost("/{id}/replays", HandleAsync).Produces<Response>(202);

    private static async Task<IResult> HandleAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        FlorinDb db,
        Replays replays,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        if (request.From >= request.To)
        {
            throw PlatformRefusals.InvalidRequest.Field("to", "must be after from");
        }

        var endpoint = await ShowWebhook.OwnAsync(db, caller, id, cancel);
        var details = new
        {
            webhook = id,
            request.From,
            request.To,
            request.OnlyFailed,
        };
        var entry = activity.Entry(http, "webhooks.replayed", details: details);
        var range = new ReplayRange(null, request.From, request.To, request.OnlyFailed);
        var replayed = await replays.SendAgainAsync(endpoint, range, entry, cancel);
        var answer = new Response(replayed.Count, replayed.Count == Replays.AtMost, replayed.Last);
        return Results.Json(answer, Wire.Json, statusCode: StatusCodes.Status202Accepted);
    }
}
