using Florin.Money;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Vouchers;

/// <summary>Where a voucher stands.</summary>
public static class VoucherStates
{
    /// <summary>It can be redeemed.</summary>
    public const string Active = "active";

    /// <summary>Every use is used.</summary>
    public const string Used = "used";

    /// <summary>Its time is over, with uses left.</summary>
    public const string Expired = "expired";

    /// <summary>It was paid back.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>Every state.</summary>
    public static readonly IReadOnlyList<string> All = [Active, Used, Expired, Cancelled];
}

/// <summary>A voucher that was sold.</summary>
internal sealed class Voucher
{
    /// <summary>The prefix of public ids.</summary>
    public const string Prefix = "vch";

    public required Guid Id { get; init; }

    public required Guid TypeId { get; init; }

    public required Guid PaymentId { get; init; }

    public required int Place { get; init; }

    public required Guid BoughtBy { get; init; }

    public required string Name { get; init; }

    public required string ServiceType { get; init; }

    public required string Currency { get; init; }

    public required long Price { get; init; }

    public required long Paid { get; init; }

    public required int Uses { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    public required string Code { get; init; }

    public Guid? Owner { get; init; }

    public required string State { get; init; }

    public required int UsesLeft { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public Guid? RefundId { get; init; }

    public long Refunded { get; init; }

    public DateTimeOffset? RemindedAt { get; init; }

    /// <summary>What of it the ledger's voucher liability holds, as the database computes it.</summary>
    public long Outstanding { get; init; }

    /// <summary>The public id.</summary>
    public string PublicId => Ids.Show(Prefix, Id);

    /// <summary>Its state at a moment: what is overdue counts as expired before the job has booked it.</summary>
    public string StateAt(DateTimeOffset now) => State is VoucherStates.Active && ExpiresAt <= now ? VoucherStates.Expired : State;

    /// <summary>What the liability holds with so many uses left: each use earns <c>paid / uses</c> rounded down, the last one what is left over.</summary>
    public long Held(int usesLeft) => usesLeft == 0 ? 0 : Paid - ((Uses - usesLeft) * (Paid / Uses));

    /// <summary>What the next use earns.</summary>
    public long Earns => Held(UsesLeft) - Held(UsesLeft - 1);

    /// <summary>What a refund pays back for it: the unused uses' part of what was paid, rounded down; nothing once it has ended.</summary>
    public long RefundableAt(DateTimeOffset now) => StateAt(now) is VoucherStates.Active ? Paid * UsesLeft / Uses : 0;

    /// <summary>Passes for a voucher that can be redeemed now.</summary>
    /// <exception cref="Refusal"><c>voucher_used</c>, <c>voucher_expired</c>, <c>voucher_cancelled</c></exception>
    public void DemandActive(DateTimeOffset now)
    {
        var ended = StateAt(now) switch
        {
            VoucherStates.Used => VouchersRefusals.Used,
            VoucherStates.Expired => VouchersRefusals.Expired,
            VoucherStates.Cancelled => VouchersRefusals.Cancelled,
            _ => null,
        };
        if (ended is not null)
        {
            throw ended.With();
        }
    }
}

/// <summary>A voucher as its owner sees it.</summary>
/// <param name="Id"><c>vch_…</c></param>
/// <param name="Code">What is redeemed: 12 characters. A secret, like money.</param>
/// <param name="Type"><c>vty_…</c></param>
/// <param name="Name">Of the type, when it was sold.</param>
/// <param name="ServiceType">The service that it pays for.</param>
/// <param name="State"><c>active</c>, <c>used</c>, <c>expired</c> or <c>cancelled</c>.</param>
/// <param name="Price">When it was sold, before any discount.</param>
/// <param name="Uses">How often it could be redeemed.</param>
/// <param name="UsesLeft">How often it still can.</param>
/// <param name="IssuedAt">When it was sold.</param>
/// <param name="ExpiresAt">It cannot be redeemed from then on.</param>
/// <param name="DaysLeft">Whole days until then.</param>
/// <param name="LastUsedAt">When it was redeemed last.</param>
/// <param name="EndedAt">When it was used up, expired or cancelled.</param>
/// <param name="Gift">Whether somebody else gave it.</param>
/// <param name="Payment">What paid it, <c>pay_…</c>; for who bought it.</param>
/// <param name="Paid">What was paid for it; for who bought it.</param>
/// <param name="Refunded">What was paid back for it; for who bought it.</param>
public sealed record VoucherView(
    string Id,
    string Code,
    string Type,
    string Name,
    string ServiceType,
    string State,
    Amount Price,
    int Uses,
    int UsesLeft,
    DateTimeOffset IssuedAt,
    DateTimeOffset ExpiresAt,
    int DaysLeft,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset? EndedAt,
    bool Gift,
    string? Payment,
    Amount? Paid,
    Amount? Refunded
)
{
    internal static VoucherView Of(Voucher row, Guid reader, DateTimeOffset now)
    {
        var currency = Currency.Of(row.Currency);
        var bought = row.BoughtBy == reader;
        return new VoucherView(
            row.PublicId,
            row.Code,
            Ids.Show(VoucherType.Prefix, row.TypeId),
            row.Name,
            row.ServiceType,
            row.StateAt(now),
            new Amount(row.Price, currency),
            row.Uses,
            row.UsesLeft,
            row.IssuedAt,
            row.ExpiresAt,
            Math.Max(0, (row.ExpiresAt - now).Days),
            row.LastUsedAt,
            row.EndedAt,
            !bought,
            bought ? Ids.Show(PaymentFact.Prefix, row.PaymentId) : null,
            bought ? new Amount(row.Paid, currency) : null,
            bought ? new Amount(row.Refunded, currency) : null
        );
    }
}
