using Florin.Money;
using Florin.Platform;

namespace Florin.Ledger;

/// <summary>Facts on an account row that decide whether money may move.</summary>
[Flags]
public enum AccountFlags
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>Money may come in, not go out. Arrears block an account in the same way without this flag.</summary>
    BlockedOutgoing = 1,

    /// <summary>Nothing may come in or go out.</summary>
    Frozen = 2,

    /// <summary>Closed for ever; the balance is zero.</summary>
    Closed = 4,

    /// <summary>Its person is frozen by staff: money may come in, not go out. Apart from the account's own block, which outlives it.</summary>
    OwnerFrozen = 8,
}

/// <summary>One amount from one account to another of the same currency.</summary>
/// <param name="From">The account that pays.</param>
/// <param name="To">The account that receives; another one.</param>
/// <param name="Amount">Minor units, 1 to <see cref="Amount.MaxMinor"/>.</param>
public readonly record struct Move(long From, long To, long Amount);

/// <summary>One or more moves that happen together or not at all.</summary>
/// <param name="Kind">What it is: <c>transfer</c>, <c>deposit</c>, <c>fee</c> …</param>
/// <param name="Moves">At least one.</param>
public sealed record PostingDraft(string Kind, params IReadOnlyList<Move> Moves)
{
    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; } = Ids.New();

    /// <summary>What caused it, as a public id; shown on statements.</summary>
    public string? Reference { get; init; }

    /// <summary>Further facts as JSON, such as rate and quote. Nothing secret.</summary>
    public string? Metadata { get; init; }

    /// <summary>When it happened in the world, where that is earlier than its posting. Never later.</summary>
    public DateTimeOffset? OccurredAt { get; init; }
}

/// <summary>A new account, opened by a commit. Its id comes from <see cref="GeneralLedger.NewAccountIdAsync"/>.</summary>
/// <param name="Id">The id.</param>
/// <param name="Currency">One currency for ever.</param>
/// <param name="Kind">Such as <c>wallet</c> or <c>shop</c>.</param>
public sealed record AccountDraft(long Id, Currency Currency, string Kind)
{
    /// <summary>What is available may not fall below this, in minor units.</summary>
    public long Floor { get; init; }

    /// <summary>Outgoing postings above this need the payer's proof (a PIN), in minor units; null for never.</summary>
    public long? ProofLimit { get; init; }
}

/// <summary>Money to set aside on an account.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="Account">Whose money.</param>
/// <param name="Amount">Minor units, 1 to <see cref="Amount.MaxMinor"/>.</param>
/// <param name="ExpiresAt">When it is released by itself.</param>
/// <param name="Reference">What it is for, as a public id.</param>
public sealed record HoldDraft(Guid Id, long Account, long Amount, DateTimeOffset ExpiresAt, string? Reference = null);

/// <summary>The end of a hold: its money is free again, and with <see cref="Capture"/> the posting takes it in the same commit.</summary>
/// <param name="Id">The hold.</param>
/// <param name="Account">Its account.</param>
/// <param name="Capture">Minor units that the commit's postings take from the held money, at most the hold's amount; 0 releases it.</param>
/// <param name="Expired">Whether it is released because its time is over.</param>
public sealed record HoldEnd(Guid Id, long Account, long Capture = 0, bool Expired = false);

/// <summary>A change of the facts on an account row.</summary>
/// <param name="Account">Which account.</param>
public sealed record AccountChange(long Account)
{
    /// <summary>Flags to set.</summary>
    public AccountFlags Set { get; init; }

    /// <summary>Flags to clear.</summary>
    public AccountFlags Clear { get; init; }

    /// <summary>An amount that the account owes from now on. The ledger collects it as soon as the account can pay all its arrears, at once if it can now.</summary>
    public ArrearsDraft? Arrears { get; init; }

    /// <summary>Whether to set the proof limit.</summary>
    public bool SetProofLimit { get; init; }

    /// <summary>The new proof limit in minor units; null for none.</summary>
    public long? ProofLimit { get; init; }
}

/// <summary>An amount owed to a house account, such as a monthly fee.</summary>
/// <param name="Amount">Minor units, 1 to <see cref="Amount.MaxMinor"/>.</param>
/// <param name="To">The house account that collects it; one per account at a time.</param>
public sealed record ArrearsDraft(long Amount, long To);

/// <summary>
/// What a handler hands the ledger: money and the rows that must change with it. All of it becomes durable, or none.
/// Build it from what is known; <see cref="Complete"/> adds what only the writer knows (balances, times).
/// </summary>
public sealed class LedgerCommit
{
    /// <summary>The caller's key, where the route has one.</summary>
    public IdempotencyKey? Key { get; init; }

    /// <summary>Whether the payer proved themselves (PIN, face, passkey), so that the proof limit does not refuse.</summary>
    public bool PayerProven { get; init; }

    /// <summary>Whether the answer holds a secret, such as a new API key: it is given once and not kept.</summary>
    public bool AnswerHoldsSecret { get; init; }

    /// <summary>Accounts to open.</summary>
    public List<AccountDraft> Opens { get; } = [];

    /// <summary>Facts of accounts to change, in order, before the postings.</summary>
    public List<AccountChange> Changes { get; } = [];

    /// <summary>Holds to end, before the postings.</summary>
    public List<HoldEnd> HoldEnds { get; } = [];

    /// <summary>Postings, in order.</summary>
    public List<PostingDraft> Postings { get; } = [];

    /// <summary>Holds to place, after the postings.</summary>
    public List<HoldDraft> Holds { get; } = [];

    /// <summary>Guarded statements of the module.</summary>
    public List<RowChange> Rows { get; } = [];

    /// <summary>Rows to insert: the module's own, outbox events, activity.</summary>
    public List<RowInsert> Inserts { get; } = [];

    /// <summary>Which refusal a violated unique or check constraint stands for, by the constraint's name.</summary>
    public Dictionary<string, RefusalCode> Constraints { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Builds the answer from what the writer knows, and may add rows to <see cref="LedgerOutcome.Inserts"/>. It runs on the writer, perhaps
    /// several times: pure and quick. Null where nothing is answered.
    /// </summary>
    public Func<LedgerOutcome, Answer>? Complete { get; init; }
}

/// <summary>What the writer knows of an accepted commit.</summary>
public sealed class LedgerOutcome
{
    private readonly Dictionary<long, AccountState> accounts;

    internal LedgerOutcome(DateTimeOffset postedAt, Dictionary<long, AccountState> accounts)
    {
        PostedAt = postedAt;
        this.accounts = accounts;
    }

    /// <summary>The book's time of its postings; UTC, whole microseconds.</summary>
    public DateTimeOffset PostedAt { get; }

    /// <summary>Rows to insert besides the commit's own, such as events that carry times or balances.</summary>
    public List<RowInsert> Inserts { get; } = [];

    /// <summary>Postings that collected arrears in this commit, oldest first.</summary>
    public IReadOnlyList<ArrearsCollected> Collected { get; internal set; } = [];

    /// <summary>An account that the commit touched, as it is after it. Read it inside <see cref="LedgerCommit.Complete"/> only.</summary>
    public AccountView this[long account] => accounts[account].View();
}

/// <summary>Arrears that a commit collected.</summary>
/// <param name="Posting">Its posting, of kind <c>fee</c>.</param>
/// <param name="Account">Who paid.</param>
/// <param name="Amount">Minor units.</param>
public sealed record ArrearsCollected(Guid Posting, long Account, long Amount);

/// <summary>An account as it is at one moment. Amounts in minor units.</summary>
/// <param name="Id">The account.</param>
/// <param name="Currency">Its currency.</param>
/// <param name="Balance">What it holds.</param>
/// <param name="Held">What of it is set aside by holds.</param>
/// <param name="Seq">How many entries it has.</param>
/// <param name="Flags">Facts that decide whether money may move.</param>
/// <param name="Arrears">What it owes to a house account.</param>
/// <param name="ProofLimit">Outgoing postings above this need the payer's proof; null for never.</param>
public readonly record struct AccountView(long Id, Currency Currency, long Balance, long Held, long Seq, AccountFlags Flags, long Arrears, long? ProofLimit)
{
    /// <summary>What may be spent: balance less held.</summary>
    public long Available => Balance - Held;

    /// <summary>Whether outgoing money is refused, by a flag or by arrears.</summary>
    public bool Blocked => Arrears > 0 || Flags != AccountFlags.None;
}

/// <summary>What an accepted commit answers.</summary>
/// <param name="Answer">What <see cref="LedgerCommit.Complete"/> built, or the kept answer of an earlier call with the same key.</param>
public sealed record LedgerReceipt(Answer? Answer)
{
    /// <summary>The answer of a commit that builds one.</summary>
    public Answer Required => Answer ?? throw new InvalidOperationException("this commit builds no answer");
}
