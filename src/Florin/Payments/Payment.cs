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
/// <param name="Owner">The person who answers for the payee; <see cref="House"/> where the house itself sells.</param>
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

    /// <summary>The owner of what the house itself sells: nobody.</summary>
    public static readonly Guid House = Guid.Empty;

    /// <summary>The public id.</summary>
    public string PublicId => Ids.Show(Prefix, Id);
}

/// <summary>What changes of a payment.</summary>
/// <param name="State">One of <see cref="PaymentStates"/>.</param>
/// <param name="Method">Which method collected it.</param>
/// <param name="PaidBy">Who paid, where that is known.</param>
/// <param name="Refunded">What went back, minor units.</param>
/// <param name="CompletedAt">When it was paid.</param>
/// <param name="EndedAt">When it failed, was cancelled or expired.</param>
public sealed record PaymentStatus(
    string State,
    string? Method = null,
    Guid? PaidBy = null,
    long Refunded = 0,
    DateTimeOffset? CompletedAt = null,
    DateTimeOffset? EndedAt = null
)
{
    /// <summary>Nobody has paid it yet.</summary>
    public static readonly PaymentStatus Pending = new(PaymentStates.Pending);

    /// <summary>Whether it may still be paid.</summary>
    public bool Open => State is PaymentStates.Pending or PaymentStates.Processing;
}

/// <summary>A payment as a row.</summary>
internal sealed class Payment
{
    public required Guid Id { get; init; }

    public required string Purpose { get; init; }

    public required long Amount { get; init; }

    public required string Currency { get; init; }

    public required long Fee { get; init; }

    public required Guid Owner { get; init; }

    public required Guid Payee { get; init; }

    public required string PayeeName { get; init; }

    public required long AccountId { get; init; }

    public Guid? Payer { get; init; }

    public required string Code { get; init; }

    public required string Subject { get; init; }

    public string? Description { get; init; }

    public string? Reference { get; init; }

    public required string Metadata { get; init; }

    public required Guid CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required string State { get; init; }

    public string? Method { get; init; }

    public Guid? PaidBy { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public int FailedAttempts { get; init; }

    public long RefundReserved { get; init; }

    public long Refunded { get; init; }

    /// <summary>The insert of new payments, which may be completed already.</summary>
    public static readonly InsertShape<(PaymentFact Fact, PaymentStatus Status)> Shape = new(
        "with made as (insert into payments.payments (id, purpose, amount, currency, fee, owner, payee, payee_name, account_id, payer, code, subject, description, reference, "
            + "metadata, created_by, created_at, expires_at, state, method, paid_by, completed_at) "
            + "select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) "
            + "returning expires_at, id, state) insert into payments.expiries select expires_at, id from made where state = 'pending'",
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Fact.Id, NpgsqlDbType.Uuid),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Fact.Purpose, NpgsqlDbType.Text),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Fact.Amount.Minor, NpgsqlDbType.Bigint),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Fact.Amount.Currency.Code, NpgsqlDbType.Text),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Fact.Fee, NpgsqlDbType.Bigint),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Fact.Owner, NpgsqlDbType.Uuid),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Fact.Payee, NpgsqlDbType.Uuid),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Fact.PayeeName, NpgsqlDbType.Text),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Fact.Account, NpgsqlDbType.Bigint),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Fact.Payer, NpgsqlDbType.Uuid),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Fact.Code, NpgsqlDbType.Text),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Fact.Subject, NpgsqlDbType.Jsonb),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Fact.Description, NpgsqlDbType.Text),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Fact.Reference, NpgsqlDbType.Text),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Fact.Metadata, NpgsqlDbType.Jsonb),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Fact.CreatedBy, NpgsqlDbType.Uuid),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Fact.CreatedAt.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Fact.ExpiresAt.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Status.State, NpgsqlDbType.Text),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Status.Method, NpgsqlDbType.Text),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Status.PaidBy, NpgsqlDbType.Uuid),
        Column.Of(((PaymentFact Fact, PaymentStatus Status) p) => p.Status.CompletedAt?.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    /// <summary>What never changes of it.</summary>
    public PaymentFact Fact =>
        new(
            Id,
            Purpose,
            new Amount(Amount, Money.Currency.Of(Currency)),
            Fee,
            Owner,
            Payee,
            PayeeName,
            AccountId,
            Payer,
            Code,
            Subject,
            Description,
            Reference,
            Metadata,
            CreatedBy,
            CreatedAt,
            ExpiresAt
        );

    /// <summary>What changes of it.</summary>
    public PaymentStatus Status => new(State, Method, PaidBy, Refunded, CompletedAt, EndedAt);
}
