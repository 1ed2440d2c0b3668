using Florin.Payments;

namespace Florin.Gateways;

/// <summary>The four things that a callback makes us do: it is a hint, and only what the gateway says when it is asked becomes money.</summary>
/// <param name="AttemptAsync"><see cref="Settlement.AskAsync"/></param>
/// <param name="RefundAsync"><see cref="Settlement.AskRefundAsync"/></param>
/// <param name="CallOffAsync"><see cref="Settlement.CallOffAsync"/></param>
/// <param name="PaymentAsync"><see cref="PaymentFacts.OfAttemptAsync"/></param>
internal sealed record Asking(
    Func<Guid, CancellationToken, Task<GatewayReport?>> AttemptAsync,
    Func<Guid, CancellationToken, Task<RefundReport?>> RefundAsync,
    Func<Guid, CancellationToken, Task> CallOffAsync,
    Func<Guid, CancellationToken, Task<PaymentFact?>> PaymentAsync
);
