using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Webhooks;

/// <summary>What was, is or will be sent to an endpoint, newest first; of one state where asked.</summary>
internal static class ListDeliveries
{
    /// <param name="Id"><c>msg_…</c>, the <c>webhook-id</c>.</param>
    /// <param name="Event">The event, as live events name it.</param>
    /// <param name="Topic">What happened.</param>
    /// <param name="State"><c>pending</c>, <c>delivered</c> or <c>dead</c>.</param>
    /// <param name="Attempts">Tries so far.</param>
    /// <param name="LastStatus">What the last try was answered with; null where there was no answer.</param>
    /// <param name="LastError">What went wrong at the last try.</param>
    /// <param name="NextAttemptAt">Not tried before.</param>
    /// <param name="HappenedAt">When it happened.</param>
    /// <param name="CreatedAt">When it was made ready to be sent.</param>
    /// <param name="EndedAt">When it was delivered or given up.</param>
    public sealed record Response(
        string Id,
        string Event,
        string Topic,
        string State,
        int Attempts,
        int? LastStatus,
        string? LastError,
        DateTimeOffset? NextAttemptAt,
        DateTimeOffset HappenedAt,
        DateTimeOffset CreatedAt,
        DateTimeOffset? EndedAt
    );

    internal static void Map(RouteGroupBuilder group) => group.MapGet("/{id}/deliveries", HandleAsync);

    private static async Task<Page<Response>> HandleAsync(
        string id,
        string? state,
        int? limit,
        string? cursor,
        Caller caller,
        FlorinDb db,
        CancellationToken cancel
    )
    {
        var page = PageRequest.Read(limit, cursor);
        if (state is not null && !DeliveryStates.All.Contains(state, StringComparer.Ordinal))
        {
            throw PlatformRefusals.InvalidRequest.Field("state", "must be one of " + string.Join(", ", DeliveryStates.All));
        }

        var endpoint = await ShowWebhook.OwnAsync(db, caller, id, cancel);
        var rows = await db
            .Deliveries.AsNoTracking()
            .Where(d => d.EndpointId == endpoint.Id && (state == null || d.State == state) && (page.Before == null || d.Id < page.Before))
            .OrderByDescending(d => d.Id)
            .Take(page.Limit + 1)
            .Select(d => new
            {
                d.Id,
                d.Event,
                d.Topic,
                d.State,
                d.Attempts,
                d.LastStatus,
                d.LastError,
                d.NextAttemptAt,
                d.HappenedAt,
                d.CreatedAt,
                d.EndedAt,
            })
            .ToListAsync(cancel);
        return page.Of(
            rows,
            d => d.Id,
            d => new Response(
                Ids.Show(Delivery.Prefix, d.Id),
                d.Event,
                d.Topic,
                d.State,
                d.Attempts,
                d.LastStatus,
                d.LastError,
                d.NextAttemptAt,
                d.HappenedAt,
                d.CreatedAt,
                d.EndedAt
            )
        );
    }
}
