using System.Text.Json;
using Florin.Money;
using Florin.Platform;
using NpgsqlTypes;

namespace Florin.Payments;

/// <summary>Where an attempt stands.</summary>
internal static class AttemptStates
{
    /// <summary>It may be captured any moment, and nobody else collects.</summary>
    public const string Live = "live";

    /// <summary>It paid the payment.</summary>
    public const string Succeeded = "succeeded";

    /// <summary>It was declined.</summary>
    public const string Failed = "failed";

    /// <summary>It was called off.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>We gave it up, and watch it until its gateway says how it ended.</summary>
    public const string Abandoned = "abandoned";

    /// <summary>Its money came when the payment could no longer take it.</summary>
    public const string Late = "late";
}

/// <summary>One try to collect a payment by one method, as a row.</summary>
internal sealed class Attempt
{
    /// <summary>The prefix of public ids.</summary>
    public const string Prefix = "att";

    public required Guid Id { get; init; }

    public required Guid PaymentId { get; init; }

    public required string Method { get; init; }

    public required string State { get; init; }

    public Guid? StartedBy { get; init; }

    public string? GatewayReference { get; init; }

    public byte[]? NextAction { get; init; }

    public byte[]? Contact { get; init; }

    public Guid? KeyId { get; init; }

    public string? Source { get; init; }

    public long? Taken { get; init; }

    public string? TakenCurrency { get; init; }

    public string? FailureCode { get; init; }

    public string? FailureText { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public DateTimeOffset? InquireAt { get; init; }

    public int Inquiries { get; init; }

    /// <summary>Of the attempt that paid: whom.</summary>
    public Guid? Payee { get; init; }

    /// <summary>Of the attempt that paid: who, where that is known.</summary>
    public Guid? PaidBy { get; init; }

    /// <summary>Whether its gateway may still take money.</summary>
    public bool MayCapture => State is AttemptStates.Live or AttemptStates.Abandoned;

    /// <summary>What left the payer.</summary>
    public Amount? TakenAmount => Taken is { } minor ? new Amount(minor, Currency.Of(TakenCurrency!)) : null;

    /// <summary>The insert of attempts.</summary>
    public static readonly InsertShape<Attempt> Shape = new(
        "insert into payments.attempts (id, payment_id, method, state, started_by, contact, key_id, source, taken, taken_currency, started_at, ended_at, "
            + "inquire_at, payee, paid_by) select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        Column.Of((Attempt a) => a.Id, NpgsqlDbType.Uuid),
        Column.Of((Attempt a) => a.PaymentId, NpgsqlDbType.Uuid),
        Column.Of((Attempt a) => a.Method, NpgsqlDbType.Text),
        Column.Of((Attempt a) => a.State, NpgsqlDbType.Text),
        Column.Of((Attempt a) => a.StartedBy, NpgsqlDbType.Uuid),
        Column.Of((Attempt a) => a.Contact, NpgsqlDbType.Bytea),
        Column.Of((Attempt a) => a.KeyId, NpgsqlDbType.Uuid),
        Column.Of((Attempt a) => a.Source, NpgsqlDbType.Jsonb),
        Column.Of((Attempt a) => a.Taken, NpgsqlDbType.Bigint),
        Column.Of((Attempt a) => a.TakenCurrency, NpgsqlDbType.Text),
        Column.Of((Attempt a) => a.StartedAt.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((Attempt a) => a.EndedAt?.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((Attempt a) => a.InquireAt?.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((Attempt a) => a.Payee, NpgsqlDbType.Uuid),
        Column.Of((Attempt a) => a.PaidBy, NpgsqlDbType.Uuid)
    );

    /// <summary>An attempt by an instant method, which succeeds with the commit that carries it.</summary>
    public static Attempt Instant(PaymentFact payment, string method, Collection collected, Guid? by, DateTimeOffset at) =>
        new()
        {
            Id = Ids.New(),
            PaymentId = payment.Id,
            Method = method,
            State = AttemptStates.Succeeded,
            StartedBy = by,
            Source = collected.Source,
            Taken = collected.Taken.Minor,
            TakenCurrency = collected.Taken.Currency.Code,
            StartedAt = at,
            EndedAt = at,
            Payee = payment.Payee,
            PaidBy = collected.Payer,
        };

    /// <summary>As its gateway sees it.</summary>
    public GatewayCharge Charge(PaymentFact payment, Secrets secrets) =>
        new(Id, payment, GatewayReference, Contact is null ? NoContact : Open<PayerContact>(secrets, Contact), StartedAt);

    /// <summary>Encrypts what belongs to this attempt alone.</summary>
    public static byte[] Seal<T>(Secrets secrets, Guid attempt, T value) =>
        secrets.Encrypt(JsonSerializer.SerializeToUtf8Bytes(value, Wire.Json), ContextOf<T>(attempt));

    /// <summary>Opens what <see cref="Seal"/> sealed.</summary>
    public T Open<T>(Secrets secrets, byte[] secret) => JsonSerializer.Deserialize<T>(secrets.Decrypt(secret, ContextOf<T>(Id)), Wire.Json)!;

    /// <summary>For <c>./florin rotate-keys</c>.</summary>
    public static IEnumerable<SealedColumn> SealedColumns =>
        [
            new("payments.attempts", "next_action", ["id"], static row => ContextOf<NextAction>(Guid.Parse(row[0]))),
            new("payments.attempts", "contact", ["id"], static row => ContextOf<PayerContact>(Guid.Parse(row[0]))),
        ];

    private static readonly PayerContact NoContact = new(null, null, null);

    private static string ContextOf<T>(Guid attempt) => $"payments.attempts {typeof(T).Name} {attempt:N}";
}

/// <summary>An attempt as it is answered.</summary>
/// <param name="Id"><c>att_…</c></param>
/// <param name="Method">By which method.</param>
/// <param name="State"><c>live</c>, <c>succeeded</c>, <c>failed</c>, <c>cancelled</c>, <c>abandoned</c> or <c>late</c>.</param>
/// <param name="NextAction">What the payer has to do next; shown to the payer only.</param>
/// <param name="FailureCode">The gateway's own code for a failure.</param>
/// <param name="FailureText">A sentence for the payer.</param>
/// <param name="Taken">What left the payer.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended.</param>
public sealed record AttemptView(
    string Id,
    string Method,
    string State,
    NextAction? NextAction,
    string? FailureCode,
    string? FailureText,
    Amount? Taken,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt
)
{
    internal static AttemptView Of(Attempt row, NextAction? next = null) =>
        new(
            Ids.Show(Attempt.Prefix, row.Id),
            row.Method,
            row.State,
            string.Equals(row.State, AttemptStates.Live, StringComparison.Ordinal) ? next : null,
            row.FailureCode,
            row.FailureText,
            row.TakenAmount,
            row.StartedAt,
            row.EndedAt
        );
}
