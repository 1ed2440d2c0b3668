using Florin.Money;
using Florin.Platform;
using NpgsqlTypes;

namespace Florin.Payments;

/// <summary>Money on its way back, as a row.</summary>
internal sealed class PaymentRefund
{
    /// <summary>The prefix of public ids.</summary>
    public const string Prefix = "ref";

    /// <summary>It stands in refund clearing, or in suspense where it came late.</summary>
    public const string Pending = "pending";

    /// <summary>It went back.</summary>
    public const string Completed = "completed";

    /// <summary>It could not go back, and the payee has it again.</summary>
    public const string Failed = "failed";

    /// <summary>To the wallet that paid, or another one of the payer.</summary>
    public const string ToWallet = "wallet";

    /// <summary>In notes, out of the shop's drawer.</summary>
    public const string ToCash = "cash";

    /// <summary>Through the gateway that collected.</summary>
    public const string ToGateway = "gateway";

    /// <summary>By hand: staff say how.</summary>
    public const string Manual = "manual";

    public required Guid Id { get; init; }

    public required Guid PaymentId { get; init; }

    public required Guid AttemptId { get; init; }

    public required long Amount { get; init; }

    public required string Currency { get; init; }

    public required string Destination { get; init; }

    public long? Given { get; init; }

    public string? GivenCurrency { get; init; }

    public required string Reason { get; init; }

    public string? Note { get; init; }

    public required string State { get; init; }

    public Guid? RequestedBy { get; init; }

    public string? GatewayReference { get; init; }

    public string? FailureText { get; init; }

    public int Tries { get; init; }

    public DateTimeOffset? TryAt { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Whether the money came for a payment that could no longer take it.</summary>
    public bool IsLate => string.Equals(Reason, RefundReasons.Late, StringComparison.Ordinal);

    /// <summary>What goes back.</summary>
    public Amount Money => new(Amount, Florin.Money.Currency.Of(Currency));

    /// <summary>The insert of refunds.</summary>
    public static readonly InsertShape<PaymentRefund> Shape = new(
        "insert into payments.refunds (id, payment_id, attempt_id, amount, currency, destination, given, given_currency, reason, note, state, requested_by, "
            + "try_at, requested_at, ended_at) select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        Column.Of((PaymentRefund r) => r.Id, NpgsqlDbType.Uuid),
        Column.Of((PaymentRefund r) => r.PaymentId, NpgsqlDbType.Uuid),
        Column.Of((PaymentRefund r) => r.AttemptId, NpgsqlDbType.Uuid),
        Column.Of((PaymentRefund r) => r.Amount, NpgsqlDbType.Bigint),
        Column.Of((PaymentRefund r) => r.Currency, NpgsqlDbType.Text),
        Column.Of((PaymentRefund r) => r.Destination, NpgsqlDbType.Text),
        Column.Of((PaymentRefund r) => r.Given, NpgsqlDbType.Bigint),
        Column.Of((PaymentRefund r) => r.GivenCurrency, NpgsqlDbType.Text),
        Column.Of((PaymentRefund r) => r.Reason, NpgsqlDbType.Text),
        Column.Of((PaymentRefund r) => r.Note, NpgsqlDbType.Text),
        Column.Of((PaymentRefund r) => r.State, NpgsqlDbType.Text),
        Column.Of((PaymentRefund r) => r.RequestedBy, NpgsqlDbType.Uuid),
        Column.Of((PaymentRefund r) => r.TryAt?.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((PaymentRefund r) => r.RequestedAt.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((PaymentRefund r) => r.EndedAt?.UtcDateTime, NpgsqlDbType.TimestampTz)
    );
}

/// <summary>A refund as it is answered.</summary>
/// <param name="Id"><c>ref_…</c></param>
/// <param name="Payment"><c>pay_…</c></param>
/// <param name="Amount">What goes back, in the currency that was collected.</param>
/// <param name="Given">What reached the payer, in their own currency, where the house knows.</param>
/// <param name="Destination"><c>wallet</c>, <c>cash</c>, <c>gateway</c> or <c>manual</c>.</param>
/// <param name="Reason">One of the reasons.</param>
/// <param name="Note">What whoever asked wrote.</param>
/// <param name="State"><c>pending</c>, <c>completed</c> or <c>failed</c>.</param>
/// <param name="Reference">The gateway's own id, or what staff noted.</param>
/// <param name="FailureText">Why it failed or waits.</param>
/// <param name="RequestedAt">When it was asked for.</param>
/// <param name="EndedAt">When it was done or failed.</param>
public sealed record RefundView(
    string Id,
    string Payment,
    Amount Amount,
    Amount? Given,
    string Destination,
    string Reason,
    string? Note,
    string State,
    string? Reference,
    string? FailureText,
    DateTimeOffset RequestedAt,
    DateTimeOffset? EndedAt
)
{
    internal static RefundView Of(PaymentRefund row) =>
        new(
            Ids.Show(PaymentRefund.Prefix, row.Id),
            Ids.Show(PaymentFact.Prefix, row.PaymentId),
            row.Money,
            row.Given is { } given ? new Amount(given, Currency.Of(row.GivenCurrency!)) : null,
            row.Destination,
            row.Reason,
            row.Note,
            row.State,
            row.GatewayReference,
            row.FailureText,
            row.RequestedAt,
            row.EndedAt
        );
}
