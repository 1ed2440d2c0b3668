using Florin.Activity;
using Florin.Platform;

namespace Florin.Admin.Operations;

/// <summary>
/// <c>POST /v1/operations/outbox/{consumer}/{position}/replay</c>: support has an event that could not be delivered tried now. It may arrive a second time
/// and after later ones, as any event may.
/// </summary>
internal static class ReplayEvent
{
    internal static void Map(RouteGroupBuilder operations) =>
        operations.MapPost("/outbox/{consumer}/{position}/replay", HandleAsync).RequireAuthorization(Policies.Support).Produces(202);

    private static async Task<IResult> HandleAsync(
        string consumer,
        string position,
        HttpContext http,
        OutboxDesk desk,
        Database database,
        ActivityLog activity,
        CancellationToken cancel
    ) =>
        await database.TransactionAsync(
            async connection =>
            {
                if (!await desk.ReplayAsync(connection, consumer, position, cancel))
                {
                    throw PlatformRefusals.NotFound.With();
                }

                await connection.InsertAsync(cancel, ActivityLog.Row(activity.Entry(http, "operations.event_replayed", details: new { consumer, position })));
                return Results.Accepted();
            },
            cancel
        );
}
