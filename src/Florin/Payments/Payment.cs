using Florin.Money;
using Florin.Platform;
using NpgsqlTypes;

namespace Florin.Payments;

/// <summary>Where a payment stands. Every transition is guarded by the state that it leaves.</summary>
public static class PaymentStates
{
    /// <summary>It can be paid.</summary>
    public const string Pending = "pending";

    /// <summary>A gateway collects: it may be captured any moment.</summary>
    public const string Processing = "processing";

    /// <summary>Paid and delivered.</summary>
    public const string Completed = "completed";

    /// <summary>Part of it went back.</summary>
    public const string PartiallyRefunded = "partially_refunded";

    /// <summary>All of it went back.</summary>
    public const string Refunded = "refunded";

    /// <summary>Too many attempts were declined.</summary>
    public const string Failed = "failed";

    /// <summary>Called off before it was paid.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>Not paid in time.</summary>
    public const string Expired = "expired";

    /// <summary>Every state.</summary>
    public static readonly IReadOnlyList<string> All = [Pending, Processing, Completed, PartiallyRefunded, Refunded, Failed, Cancelled, Expired];
}

/// <summary>What never changes of a payment: it may be kept in memory, and paying a known one reads nothing.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="Purpose">Which fulfilment.</param>
/// <param name="Amount">What the payer pays.</param>
/// <param name="Fee">What the house takes of it, minor units.</param>
/// <param name="Owner">The person who answers for the payee.</param>
/// <param name="Payee">What is paid: a shop, a wallet …</param>
/// <param name="PayeeName">As the payer reads it.</param>
/// <param name="Account">The ledger's account that it credits.</param>
/// <param name="Payer">The only person who may pay it; null for anybody.</param>
/// <param name="Code">Unguessable, for the payer's page: whoever has it may see and pay.</param>
/// <param name="Subject">What the purpose keeps, as JSON.</param>
/// <param name="Description">What the payee wrote for the payer.</param>
/// <param name="Reference">The payee's own number for it.</param>
/// <param name="Metadata">The payee's own facts, as a JSON object of texts.</param>
/// <param name="CreatedBy">Who asked for it.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">It cannot be begun to be paid from then on.</param>
public sealed record PaymentFact(
    Guid Id,
    string Purpose,
    Amount Amount,
    long Fee,
    Guid Owner,
    Guid Payee,
    string PayeeName,
    long Account,
    Guid? Payer,
    string Code,
    string Subject,
    string? Description,
    string? Reference,
    string Metadata,
    Guid CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt
)
{
    /// <summary>The prefix of public ids.</summary>
    public const string Prefix = "pay";

    /// <summary>The public id.</summary>
    public string PublicId => Ids.Show(Prefix, Id);
}
