using Florin.Money;

namespace Florin.Payments;

/// <summary>
/// A method that asks a server outside to collect: it answers late, twice, or not at all. A gateway reports what it knows and decides nothing;
/// <see cref="Settlement"/> turns it into money once.
/// </summary>
public interface IGateway : IPaymentMethod
{
    /// <summary>
    /// The smallest amount, in minor units, that the gateway pays back by itself; it pays back multiples of it. Null where it cannot pay back: a refund
    /// goes to the payer's wallet then, or waits for staff.
    /// </summary>
    long? RefundStep(Currency currency);

    /// <summary>
    /// Starts to collect. Called again with the same charge after a time-out it must find the same one: the attempt's id is its idempotency key.
    /// Never throws for what the gateway says or fails to say.
    /// </summary>
    Task<GatewayReport> StartAsync(GatewayCharge charge, CancellationToken cancel);

    /// <summary>Asks what became of a charge.</summary>
    Task<GatewayReport> InquireAsync(GatewayCharge charge, CancellationToken cancel);

    /// <summary>Asks to stop collecting. The answer says what holds now, which may be that the money was taken.</summary>
    Task<GatewayReport> CancelAsync(GatewayCharge charge, CancellationToken cancel);

    /// <summary>Pays back. Called again with the same refund after a time-out it must find the same one: the refund's id is its idempotency key.</summary>
    Task<RefundReport> RefundAsync(GatewayRefund refund, CancellationToken cancel);

    /// <summary>Asks what became of a refund that was <see cref="RefundState.Pending"/>.</summary>
    Task<RefundReport> InquireRefundAsync(GatewayRefund refund, CancellationToken cancel);
}

/// <summary>One attempt, as a gateway sees it.</summary>
/// <param name="Attempt">Its id: ours at the gateway, and the idempotency key. 32 hex digits in the form "N".</param>
/// <param name="Payment">What is paid for.</param>
/// <param name="Reference">The gateway's own id, once known.</param>
/// <param name="Contact">Who pays, as far as known.</param>
/// <param name="StartedAt">When the attempt began.</param>
public sealed record GatewayCharge(Guid Attempt, PaymentFact Payment, string? Reference, PayerContact Contact, DateTimeOffset StartedAt)
{
    /// <summary>What is to be collected.</summary>
    public Amount Amount => Payment.Amount;
}

/// <summary>Who pays, for gateways that want to know. Kept encrypted with the attempt and erased when it has ended.</summary>
public sealed record PayerContact(string? Name, string? Email, string? Phone);

/// <summary>What a gateway knows of a charge.</summary>
public enum ChargeState
{
    /// <summary>Nothing could be found out: a time-out, a refused connection, an answer that is not understood. The charge may have happened.</summary>
    Unknown,

    /// <summary>It waits: for the payer, the bank or the gateway.</summary>
    Waiting,

    /// <summary>The money was taken.</summary>
    Captured,

    /// <summary>It was declined or ended without money; this charge will never be captured.</summary>
    Failed,

    /// <summary>It was cancelled; this charge will never be captured.</summary>
    Cancelled,
}

/// <summary>What a gateway reports.</summary>
/// <param name="State">What it knows.</param>
public sealed record GatewayReport(ChargeState State)
{
    /// <summary>The gateway's own id of the charge, once known.</summary>
    public string? Reference { get; init; }

    /// <summary>What was taken; needed where <see cref="State"/> is captured, and compared with what we asked for.</summary>
    public Amount? Captured { get; init; }

    /// <summary>What the payer has to do next, where it waits for them.</summary>
    public NextAction? Next { get; init; }

    /// <summary>The gateway's own code for a failure, such as <c>card_declined</c>.</summary>
    public string? FailureCode { get; init; }

    /// <summary>A sentence for the payer.</summary>
    public string? FailureText { get; init; }
}

/// <summary>What the payer has to do next.</summary>
/// <param name="Type"><c>redirect</c>: open <paramref name="Url"/>. <c>stripe</c>: confirm with Stripe's script, <paramref name="ClientSecret"/> and <paramref name="PublishableKey"/>.</param>
/// <param name="Url">Where to go.</param>
/// <param name="ClientSecret">For the payer's browser alone.</param>
/// <param name="PublishableKey">The gateway's public key.</param>
public sealed record NextAction(string Type, string? Url = null, string? ClientSecret = null, string? PublishableKey = null);

/// <summary>One refund, as a gateway sees it.</summary>
/// <param name="Refund">Its id, and the idempotency key.</param>
/// <param name="Attempt">The attempt whose money goes back.</param>
/// <param name="ChargeReference">The gateway's own id of the charge.</param>
/// <param name="Amount">In the currency that was captured.</param>
/// <param name="Reason">One of <see cref="RefundReasons"/>.</param>
/// <param name="Reference">The gateway's own id of the refund, once known.</param>
public sealed record GatewayRefund(Guid Refund, Guid Attempt, string? ChargeReference, Amount Amount, string Reason, string? Reference);

/// <summary>What a gateway knows of a refund.</summary>
public enum RefundState
{
    /// <summary>Nothing could be found out; it may have happened.</summary>
    Unknown,

    /// <summary>The gateway works on it.</summary>
    Pending,

    /// <summary>The money went back.</summary>
    Completed,

    /// <summary>It was refused for good.</summary>
    Failed,
}

/// <summary>What a gateway reports of a refund.</summary>
public sealed record RefundReport(RefundState State, string? Reference = null, string? FailureText = null);
