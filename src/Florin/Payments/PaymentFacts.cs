namespace Florin.Payments;

/// <summary>What never changes of payments, for whoever must name one.</summary>
public sealed class PaymentFacts
{
    /// <summary>The payment that an attempt tries to collect; null where there is no such attempt.</summary>
    public Task<PaymentFact?> OfAttemptAsync(Guid attempt, CancellationToken cancel) => throw new NotSupportedException();
}
