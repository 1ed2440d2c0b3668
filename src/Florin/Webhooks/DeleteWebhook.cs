using Florin.Activity;
using Florin.Platform;
using Npgsql;

namespace Florin.Webhooks;

/// <summary>A merchant takes an endpoint away: nothing is sent to it any more, and its secrets are gone. Its deliveries follow in the background.</summary>
internal static class DeleteWebhook
{
    internal static void Map(RouteGroupBuilder group) => group.MapDelete("/{id}", HandleAsync).Produces(204);

    private static async Task<IResult> HandleAsync(
        string id,
        Caller caller,
        HttpContext http,
        FlorinDb db,
        Database database,
        TimeProvider clock,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var endpoint = await ShowWebhook.OwnAsync(db, caller, id, cancel);
        var entry = activity.Entry(http, "webhooks.deleted", details: new { webhook = id });
        await database.TransactionAsync(
            async connection =>
            {
                await using var delete = new NpgsqlCommand(
                    """
                    with ended as (
                        update webhooks.endpoints set deleted_at = $2 where id = $1 and deleted_at is null returning id, person_id
                    ), erased as (
                        delete from webhooks.secrets using ended where endpoint_id = ended.id
                    )
                    update webhooks.owners o set endpoints = endpoints - 1 from ended where o.person_id = ended.person_id
                    """,
                    connection
                );
                delete.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = endpoint.Id });
                delete.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
                if (await delete.ExecuteNonQueryAsync(cancel) == 0)
                {
                    throw PlatformRefusals.NotFound.With(); // by another call at this moment
                }

                await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                return true;
            },
            cancel
        );
        return Results.NoContent();
    }
}
