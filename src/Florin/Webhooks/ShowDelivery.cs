using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Webhooks;

/// <summary>One delivery with what was sent and what became of each try.</summary>
internal static class ShowDelivery
{
    private const int TriesAtMost = 100;

    /// <param name="Number">1, 2, 3 …</param>
    /// <param name="At">When it began.</param>
    /// <param name="Milliseconds">How long it took.</param>
    /// <param name="Status">The answer's status; null where there was none.</param>
    /// <param name="Error">What went wrong.</param>
    /// <param name="Answer">The first kilobyte of the answer.</param>
    public sealed record Attempt(int Number, DateTimeOffset At, int Milliseconds, int? Status, string? Error, string? Answer);

    /// <param name="Id"><c>msg_…</c>, the <c>webhook-id</c>.</param>
    /// <param name="Event">The event, as live events name it.</param>
    /// <param name="Topic">What happened.</param>
    /// <param name="State"><c>pending</c>, <c>delivered</c> or <c>dead</c>.</param>
    /// <param name="Attempts">The last 100 tries, oldest first.</param>
    /// <param name="Body">The text that is sent, byte for byte.</param>
    /// <param name="NextAttemptAt">Not tried before.</param>
    /// <param name="HappenedAt">When it happened.</param>
    /// <param name="CreatedAt">When it was made ready to be sent.</param>
    /// <param name="EndedAt">When it was delivered or given up.</param>
    public sealed record Response(
        string Id,
        string Event,
        string Topic,
        string State,
        IReadOnlyList<Attempt> Attempts,
        string Body,
        DateTimeOffset? NextAttemptAt,
        DateTimeOffset HappenedAt,
        DateTimeOffset CreatedAt,
        DateTimeOffset? EndedAt
    );

    internal static void Map(RouteGroupBuilder group) => group.MapGet("/{id}/deliveries/{delivery}", HandleAsync);

    private static async Task<Response> HandleAsync(string id, string delivery, Caller caller, FlorinDb db, CancellationToken cancel)
    {
        var endpoint = await ShowWebhook.OwnAsync(db, caller, id, cancel);
        var deliveryId = Ids.Read(Delivery.Prefix, delivery);
        var row =
            await db.Deliveries.AsNoTracking().SingleOrDefaultAsync(d => d.EndpointId == endpoint.Id && d.Id == deliveryId, cancel)
            ?? throw PlatformRefusals.NotFound.With();
        var tries = await db
            .DeliveryAttempts.AsNoTracking()
            .Where(a => a.EndpointId == endpoint.Id && a.DeliveryId == deliveryId)
            .OrderByDescending(a => a.Number)
            .Take(TriesAtMost)
            .ToListAsync(cancel);
        tries.Reverse();
        return new Response(
            delivery,
            row.Event,
            row.Topic,
            row.State,
            tries.ConvertAll(a => new Attempt(a.Number, a.At, a.Milliseconds, a.Status, a.Error, a.Answer)),
            row.Body,
            row.NextAttemptAt,
            row.HappenedAt,
            row.CreatedAt,
            row.EndedAt
        );
    }
}
