using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Admin;

/// <summary>Money to be moved by hand between two accounts: proposed by one of finance, decided by another.</summary>
internal sealed record Adjustment
{
    /// <summary>The prefix of its public id.</summary>
    public const string Prefix = "adj";

    /// <summary>It waits for a decision.</summary>
    public const string Proposed = "proposed";

    /// <summary>It was booked.</summary>
    public const string Approved = "approved";

    /// <summary>It was turned down, or taken back.</summary>
    public const string Rejected = "rejected";

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; } = Ids.New();

    /// <summary>The account that pays.</summary>
    public required long FromAccount { get; init; }

    /// <summary>The account that receives.</summary>
    public required long ToAccount { get; init; }

    /// <summary>Minor units.</summary>
    public required long Amount { get; init; }

    /// <summary>ISO 4217 code, of both accounts.</summary>
    public required string Currency { get; init; }

    /// <summary>Why, 10 to 500 characters.</summary>
    public required string Reason { get; init; }

    /// <summary>One of finance.</summary>
    public required Guid ProposedBy { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset ProposedAt { get; init; }

    /// <summary>Not approved from then on.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Where it stands.</summary>
    public string State { get; init; } = Proposed;

    /// <summary>Who approved or rejected it.</summary>
    public Guid? DecidedBy { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>Why it was rejected.</summary>
    public string? Note { get; init; }

    /// <summary>The posting that booked it.</summary>
    public Guid? Posting { get; init; }

    /// <summary>The amount.</summary>
    public Amount Money => new(Amount, Florin.Money.Currency.Of(Currency));

    /// <summary>The public id.</summary>
    public string PublicId => Ids.Show(Prefix, Id);

    /// <summary>The insert of proposals.</summary>
    public static readonly InsertShape<Adjustment> Shape = new(
        "insert into admin.adjustments (id, from_account, to_account, amount, currency, reason, proposed_by, proposed_at, expires_at) "
            + "select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        Column.Of((Adjustment a) => a.Id, NpgsqlDbType.Uuid),
        Column.Of((Adjustment a) => a.FromAccount, NpgsqlDbType.Bigint),
        Column.Of((Adjustment a) => a.ToAccount, NpgsqlDbType.Bigint),
        Column.Of((Adjustment a) => a.Amount, NpgsqlDbType.Bigint),
        Column.Of((Adjustment a) => a.Currency, NpgsqlDbType.Text),
        Column.Of((Adjustment a) => a.Reason, NpgsqlDbType.Text),
        Column.Of((Adjustment a) => a.ProposedBy, NpgsqlDbType.Uuid),
        Column.Of((Adjustment a) => a.ProposedAt.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((Adjustment a) => a.ExpiresAt.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    /// <summary>The decision as a guarded statement: a proposal is decided once, and never approved by whoever made it.</summary>
    public static RowChange Decide(Adjustment decided) =>
        new(
            """
            update admin.adjustments set state = $2, decided_by = $3, decided_at = $4, note = $5, posting = $6
            where id = $1 and state = 'proposed' and ($2 <> 'approved' or (proposed_by <> $3 and expires_at > $4))
            """,
            [
                new NpgsqlParameter<Guid> { TypedValue = decided.Id },
                new NpgsqlParameter<string> { TypedValue = decided.State },
                new NpgsqlParameter<Guid> { TypedValue = decided.DecidedBy!.Value },
                new NpgsqlParameter<DateTime> { TypedValue = decided.DecidedAt!.Value.UtcDateTime },
                new NpgsqlParameter<string?> { TypedValue = decided.Note, NpgsqlDbType = NpgsqlDbType.Text },
                new NpgsqlParameter<Guid?> { TypedValue = decided.Posting, NpgsqlDbType = NpgsqlDbType.Uuid },
            ],
            Rows: 1,
            AdminRefusals.AdjustmentDecided,
            "admin.adjustments",
            decided.Id
        );
}

/// <summary>An adjustment as staff see it.</summary>
/// <param name="Id"><c>adj_…</c></param>
/// <param name="From">The account that pays.</param>
/// <param name="To">The account that receives.</param>
/// <param name="Amount">How much.</param>
/// <param name="Reason">Why.</param>
/// <param name="State"><c>proposed</c>, <c>approved</c> or <c>rejected</c>.</param>
/// <param name="ProposedBy"><c>usr_…</c></param>
/// <param name="ProposedAt">When.</param>
/// <param name="ExpiresAt">Not approved from then on.</param>
/// <param name="DecidedBy"><c>usr_…</c></param>
/// <param name="DecidedAt">When.</param>
/// <param name="Note">Why it was rejected.</param>
/// <param name="Posting">The posting that booked it, <c>pst_…</c>.</param>
public sealed record AdjustmentView(
    string Id,
    long From,
    long To,
    Amount Amount,
    string Reason,
    string State,
    string ProposedBy,
    DateTimeOffset ProposedAt,
    DateTimeOffset ExpiresAt,
    string? DecidedBy,
    DateTimeOffset? DecidedAt,
    string? Note,
    string? Posting
)
{
    internal static AdjustmentView Of(Adjustment row) =>
        new(
            row.PublicId,
            row.FromAccount,
            row.ToAccount,
            row.Money,
            row.Reason,
            row.State,
            Ids.Show("usr", row.ProposedBy),
            row.ProposedAt,
            row.ExpiresAt,
            row.DecidedBy is { } by ? Ids.Show("usr", by) : null,
            row.DecidedAt,
            row.Note,
            row.Posting is { } posting ? Ids.Show(LedgerExplorer.Prefix, posting) : null
        );
}
