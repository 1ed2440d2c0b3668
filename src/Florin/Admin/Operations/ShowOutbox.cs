using Florin.Platform;

namespace Florin.Admin.Operations;

/// <summary><c>GET /v1/operations/outbox</c>: how far each consumer of events is, and what it could not deliver.</summary>
internal static class ShowOutbox
{
    /// <param name="Consumers">By name.</param>
    /// <param name="Parked">The first 200 events that could not be delivered, given up ones first.</param>
    public sealed record Response(IReadOnlyList<OutboxConsumerView> Consumers, IReadOnlyList<ParkedView> Parked);

    internal static void Map(RouteGroupBuilder operations) => operations.MapGet("/outbox", HandleAsync);

    private static async Task<Response> HandleAsync(OutboxDesk desk, CancellationToken cancel) =>
        new(await desk.ConsumersAsync(cancel), await desk.ParkedAsync(cancel));
}
