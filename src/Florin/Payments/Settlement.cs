namespace Florin.Payments;

/// <summary>Turns what gateways report into money, once: the only place that believes a gateway.</summary>
public sealed class Settlement
{
    /// <summary>Asks the gateway of an attempt what became of it, and books that. Safe to repeat and to run on many servers at once.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="cancel">Stops before the gateway is asked; what it said is booked.</param>
    /// <returns>What the gateway said, or null where there is no such attempt.</returns>
    public Task<GatewayReport?> AskAsync(Guid attempt, CancellationToken cancel) => throw new NotSupportedException();

    /// <summary>Asks the gateway what became of a refund, and books that.</summary>
    public Task<RefundReport?> AskRefundAsync(Guid refund, CancellationToken cancel) => throw new NotSupportedException();
}
