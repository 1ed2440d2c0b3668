using Florin.Money;
using Florin.Platform;

namespace Florin.Shops;

/// <summary>Where a payout stands. Every change is guarded by the state that it leaves.</summary>
internal static class PayoutStates
{
    /// <summary>Asked for; the money stands in payout clearing.</summary>
    public const string AwaitingApproval = "awaiting_approval";

    /// <summary>The bank is to pay it.</summary>
    public const string Approved = "approved";

    /// <summary>It left.</summary>
    public const string Paid = "paid";

    /// <summary>The bank could not pay it; the shop has the money again.</summary>
    public const string Failed = "failed";

    /// <summary>Staff declined; the shop has the money again.</summary>
    public const string Rejected = "rejected";

    /// <summary>The owner called it off; the shop has the money again.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>Every state.</summary>
    public static readonly IReadOnlyList<string> All = [AwaitingApproval, Approved, Paid, Failed, Rejected, Cancelled];
}

/// <summary>Money on its way from a shop to its bank.</summary>
internal sealed record Payout
{
    /// <summary>The prefix of its public id.</summary>
    public const string Prefix = "pot";

    /// <summary>The prefix of public ids of files for the bank.</summary>
    public const string ExportPrefix = "pox";

    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose money.</summary>
    public required Guid ShopId { get; init; }

    /// <summary>Where it goes.</summary>
    public required Guid BankAccountId { get; init; }

    /// <summary>Minor units.</summary>
    public required long Amount { get; init; }

    /// <summary>Its currency.</summary>
    public required string Currency { get; init; }

    /// <summary>How many people must approve it, 1 or 2.</summary>
    public required int Approvals { get; init; }

    /// <summary>Who asked.</summary>
    public required Guid RequestedBy { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>One of <see cref="PayoutStates"/>.</summary>
    public required string State { get; init; }

    /// <summary>Who approved it first.</summary>
    public Guid? FirstApprover { get; init; }

    /// <summary>Who approved it as well, where two must.</summary>
    public Guid? SecondApprover { get; init; }

    /// <summary>When the last needed approval was given.</summary>
    public DateTimeOffset? ApprovedAt { get; init; }

    /// <summary>Who said how it ended.</summary>
    public Guid? EndedBy { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The bank's own number.</summary>
    public string? Reference { get; init; }

    /// <summary>Why it was rejected or failed.</summary>
    public string? Reason { get; init; }

    /// <summary>When it was put into a file for the bank.</summary>
    public DateTimeOffset? ExportedAt { get; init; }

    /// <summary>Which file.</summary>
    public Guid? ExportId { get; init; }

    /// <summary>Its public id.</summary>
    public string PublicId => Ids.Show(Prefix, Id);

    /// <summary>What is paid out.</summary>
    public Amount Money => new(Amount, Florin.Money.Currency.Of(Currency));
}

/// <summary>A payout as it is answered.</summary>
/// <param name="Id"><c>pot_…</c></param>
/// <param name="Shop"><c>shp_…</c></param>
/// <param name="BankAccount"><c>bnk_…</c></param>
/// <param name="Amount">What is paid out.</param>
/// <param name="State">One of the states.</param>
/// <param name="ApprovalsNeeded">How many people must approve it.</param>
/// <param name="ApprovalsGiven">How many have.</param>
/// <param name="RequestedAt">When it was asked for.</param>
/// <param name="ApprovedAt">When the last needed approval was given.</param>
/// <param name="EndedAt">When it was paid, failed, rejected or cancelled.</param>
/// <param name="Reference">The bank's own number.</param>
/// <param name="Reason">Why it was rejected or failed.</param>
/// <param name="Export"><c>pox_…</c>, the file for the bank that it is in.</param>
internal sealed record PayoutView(
    string Id,
    string Shop,
    string BankAccount,
    Amount Amount,
    string State,
    int ApprovalsNeeded,
    int ApprovalsGiven,
    DateTimeOffset RequestedAt,
    DateTimeOffset? ApprovedAt,
    DateTimeOffset? EndedAt,
    string? Reference,
    string? Reason,
    string? Export
)
{
    public static PayoutView Of(Payout row) =>
        new(
            row.PublicId,
            Ids.Show(Shops.Shop.Prefix, row.ShopId),
            Ids.Show(Shops.BankAccount.Prefix, row.BankAccountId),
            row.Money,
            row.State,
            row.Approvals,
            (row.FirstApprover is null ? 0 : 1) + (row.SecondApprover is null ? 0 : 1),
            row.RequestedAt,
            row.ApprovedAt,
            row.EndedAt,
            row.Reference,
            row.Reason,
            row.ExportId is { } export ? Ids.Show(Payout.ExportPrefix, export) : null
        );
}
