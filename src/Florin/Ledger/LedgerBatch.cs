using Florin.Money;
using Florin.Platform;

namespace Florin.Ledger;

/// <summary>
/// Judges the commits of one batch in memory, in arrival order, on account rows that the writer has locked. Knows no database.
/// What it accepts it has also numbered, so that writing it down must succeed.
/// </summary>
internal sealed class LedgerBatch
{
    /// <summary>The posting kind with which the ledger itself collects arrears.</summary>
    public const string ArrearsKind = "fee";

    private readonly Dictionary<long, AccountState> accounts;
    private readonly Dictionary<Guid, HoldState> holds;
    private readonly IReadOnlyDictionary<Guid, KeptAnswer> kept;
    private readonly Dictionary<Guid, Verdict> keysOfThisBatch = [];
    private readonly DateTimeOffset postedAt;

    // Of the commit being judged: what to undo, and what each touched account had before.
    private readonly List<(AccountState Account, AccountState.Changeable Before)> touched = [];
    private readonly List<HoldState> ended = [];
    private readonly List<ArrearsCollected> collected = [];

    public LedgerBatch(
        Dictionary<long, AccountState> accounts,
        Dictionary<Guid, HoldState> holds,
        IReadOnlyDictionary<Guid, KeptAnswer> kept,
        DateTimeOffset now
    )
    {
        this.accounts = accounts;
        this.holds = holds;
        this.kept = kept;
        postedAt = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
        foreach (var account in accounts.Values)
        {
            postedAt = account.LastPostedAt > postedAt ? account.LastPostedAt : postedAt;
        }
    }

    /// <summary>What the accepted commits add to the book.</summary>
    public BatchRows Rows { get; } = new();

    /// <summary>The book's time of every posting in this batch.</summary>
    public DateTimeOffset PostedAt => postedAt;

    /// <summary>Accounts that differ from what was locked.</summary>
    public IEnumerable<AccountState> Changed => accounts.Values.Where(account => account.Dirty);

    /// <summary>Accepts or refuses a commit. A refused one leaves no trace.</summary>
    /// <exception cref="AccountNeededException">An account must be locked too; the batch has to be judged again.</exception>
    public Verdict Judge(LedgerCommit commit)
    {
        if (commit.Key is { } key)
        {
            if (kept.TryGetValue(key.Id, out var earlier))
            {
                return Replay(key.RequestHash, earlier.RequestHash, earlier.Answer);
            }

            if (keysOfThisBatch.TryGetValue(key.Id, out var leader))
            {
                return Replay(key.RequestHash, leader.RequestHash!, leader.Kept! with { Replayed = true });
            }
        }

        var rows = Rows.Mark();
        try
        {
            var verdict = Accept(commit);
            if (commit.Key is not null)
            {
                keysOfThisBatch.Add(commit.Key.Id, verdict);
            }

            return verdict;
        }
        catch (Refusal refusal)
        {
            Undo(rows);
            return new Verdict { Refused = refusal };
        }
        catch (Exception e) when (e is not AccountNeededException and not OutOfMemoryException)
        {
            // A fault in the commit's own code (its Complete) fails this commit and no other.
            Undo(rows);
            return new Verdict { Refused = e };
        }
        finally
        {
            touched.Clear();
            ended.Clear();
        }
    }

    private static Verdict Replay(byte[] hash, byte[] earlierHash, Answer answer) =>
        hash.AsSpan().SequenceEqual(earlierHash)
            ? new Verdict { Receipt = new LedgerReceipt(answer) }
            : new Verdict { Refused = PlatformRefusals.IdempotencyKeyReused.With() };

    private Verdict Accept(LedgerCommit commit)
    {
        collected.Clear();
        foreach (var open in commit.Opens)
        {
            Open(open);
        }

        foreach (var change in commit.Changes)
        {
            Apply(change);
        }

        foreach (var end in commit.HoldEnds)
        {
            End(end, commit);
        }

        foreach (var posting in commit.Postings)
        {
            Post(posting, commit);
        }

        foreach (var hold in commit.Holds)
        {
            Place(hold, commit);
        }

        CheckWhatIsLeft();
        CollectArrears();

        var outcome = new LedgerOutcome(postedAt, accounts) { Collected = collected.Count == 0 ? [] : [.. collected] };
        var answer = commit.Complete?.Invoke(outcome);

        // From here on it must succeed.
        foreach (var (account, before) in touched)
        {
            account.MarkDirty(account.Now.Seq == before.Seq ? null : postedAt);
        }

        var stored =
            answer is null ? null
            : commit.AnswerHoldsSecret ? answer with { Body = null }
            : answer;
        if (commit.Key is { } key)
        {
            stored ??= new Answer(204, []);
            Rows.Keep(key, stored, postedAt);
        }

        Rows.AddInserts(commit.Inserts);
        Rows.AddInserts(outcome.Inserts);
        return new Verdict
        {
            Receipt = new LedgerReceipt(answer),
            Accepted = true,
            RequestHash = commit.Key?.RequestHash,
            Kept = stored,
        };
    }

    private void Open(AccountDraft draft)
    {
        var account = new AccountState(draft.Id, draft.Currency, draft.Floor, DateTimeOffset.MinValue);
        if (!accounts.TryAdd(draft.Id, account))
        {
            throw LedgerRefusals.AlreadyDone.With();
        }

        account.Now.ProofLimit = draft.ProofLimit;
        Rows.Opened.Add((draft, postedAt));
    }

    private void Apply(AccountChange change)
    {
        var account = Touch(change.Account);
        if (account.Now.Flags.HasFlag(AccountFlags.Closed))
        {
            throw LedgerRefusals.AccountClosed.With();
        }

        account.Now.Flags = (account.Now.Flags | change.Set) & ~change.Clear;
        if (change.SetProofLimit)
        {
            account.Now.ProofLimit = change.ProofLimit;
        }

        if (change.Arrears is { } owed)
        {
            CheckRange(owed.Amount);
            if (account.Now.Arrears > 0 && account.Now.ArrearsTo != owed.To)
            {
                throw LedgerRefusals.AlreadyDone.With("the account owes another house account already");
            }

            var creditor = Find(owed.To);
            if (creditor.Currency != account.Currency)
            {
                throw LedgerRefusals.CurrencyMismatch.With();
            }

            account.Now.Arrears = checked(account.Now.Arrears + owed.Amount);
            account.Now.ArrearsTo = owed.To;
        }
    }

    private void End(HoldEnd end, LedgerCommit commit)
    {
        var account = Touch(end.Account);
        if (!holds.TryGetValue(end.Id, out var hold) || hold.Account != end.Account || !hold.Open)
        {
            throw LedgerRefusals.HoldNotOpen.With();
        }

        if (end.Capture > 0 && Outgoing(end.Account, commit) < Captured(end.Account, commit))
        {
            throw new InvalidOperationException("what is captured must leave the account in the same commit");
        }

        if (end.Capture < 0 || end.Capture > hold.Amount)
        {
            throw LedgerRefusals.CaptureAboveHold.With();
        }

        hold.Open = false;
        ended.Add(hold);
        account.Now.Held -= hold.Amount;
        Rows.EndedHolds.Add((hold.Id, end.Capture, end.Expired, postedAt));
    }

    private void Post(PostingDraft draft, LedgerCommit commit)
    {
        if (draft.Moves.Count == 0)
        {
            throw new InvalidOperationException("a posting needs a move");
        }

        Rows.BeginPosting(draft, postedAt);
        foreach (var move in draft.Moves)
        {
            Guard(move, commit);
            Apply(move);
        }

        if (!commit.PayerProven)
        {
            CheckProof(draft, commit);
        }

        Rows.EndPosting();
    }

    // What was held earlier is promised to somebody: it was proven then, and a block that came later does not stop it. No more than was held, though.
    private static bool IsCaptured(long account, LedgerCommit commit) =>
        commit.HoldEnds.Exists(end => end.Account == account && end.Capture > 0) && Outgoing(account, commit) <= Captured(account, commit);

    private static Int128 Captured(long account, LedgerCommit commit)
    {
        Int128 captured = 0;
        foreach (var end in commit.HoldEnds)
        {
            captured += end.Account == account ? end.Capture : 0;
        }

        return captured;
    }

    private static Int128 Outgoing(long account, LedgerCommit commit)
    {
        Int128 outgoing = 0;
        foreach (var posting in commit.Postings)
        {
            outgoing += Outgoing(account, posting);
        }

        return outgoing;
    }

    private static Int128 Outgoing(long account, PostingDraft posting)
    {
        Int128 outgoing = 0;
        foreach (var move in posting.Moves)
        {
            outgoing += move.From == account ? move.Amount : 0;
        }

        return outgoing;
    }

    // One flat list of what forbids a move, each with its own refusal.
    private void Guard(Move move, LedgerCommit commit)
    {
        CheckRange(move.Amount);
        if (move.From == move.To)
        {
            throw LedgerRefusals.SameAccount.With();
        }

        var from = Find(move.From);
        var to = Find(move.To);
        if (from.Currency != to.Currency)
        {
            throw LedgerRefusals.CurrencyMismatch.With();
        }

        var flags = from.Now.Flags | (to.Now.Flags & ~(AccountFlags.BlockedOutgoing | AccountFlags.OwnerFrozen));
        if (flags.HasFlag(AccountFlags.Closed))
        {
            throw LedgerRefusals.AccountClosed.With();
        }

        if (flags.HasFlag(AccountFlags.Frozen))
        {
            throw LedgerRefusals.AccountFrozen.With();
        }

        if (flags.HasFlag(AccountFlags.OwnerFrozen) && !IsCaptured(move.From, commit))
        {
            throw LedgerRefusals.AccountFrozen.With();
        }

        if ((flags.HasFlag(AccountFlags.BlockedOutgoing) || from.Now.Arrears > 0) && !IsCaptured(move.From, commit))
        {
            throw LedgerRefusals.WalletBlocked.With();
        }

        if (to.Now.Balance > long.MaxValue / 2)
        {
            throw LedgerRefusals.BalanceTooLarge.With();
        }

        if (from.Now.Balance < long.MinValue / 2)
        {
            throw LedgerRefusals.InsufficientFunds.With();
        }
    }

    private void Apply(Move move)
    {
        var from = Touch(move.From);
        from.Now.Balance -= move.Amount;
        from.Now.Seq++;
        Rows.AddEntry(move.From, from.Now.Seq, -move.Amount, from.Now.Balance);

        var to = Touch(move.To);
        to.Now.Balance += move.Amount;
        to.Now.Seq++;
        Rows.AddEntry(move.To, to.Now.Seq, move.Amount, to.Now.Balance);
    }

    private void CheckProof(PostingDraft draft, LedgerCommit commit)
    {
        foreach (var move in draft.Moves)
        {
            if (accounts[move.From].Now.ProofLimit is { } limit && Outgoing(move.From, draft) > limit && !IsCaptured(move.From, commit))
            {
                throw LedgerRefusals.ProofRequired.With();
            }
        }
    }

    private void Place(HoldDraft draft, LedgerCommit commit)
    {
        CheckRange(draft.Amount);
        var account = Touch(draft.Account);
        if (account.Now.Flags.HasFlag(AccountFlags.Closed))
        {
            throw LedgerRefusals.AccountClosed.With();
        }

        if (account.Now.Flags != AccountFlags.None || account.Now.Arrears > 0)
        {
            throw LedgerRefusals.WalletBlocked.With();
        }

        if (!commit.PayerProven && draft.Amount > account.Now.ProofLimit)
        {
            throw LedgerRefusals.ProofRequired.With();
        }

        account.Now.Held = checked(account.Now.Held + draft.Amount);
        var hold = new HoldState(draft.Id, draft.Account, draft.Amount, open: true);
        if (!holds.TryAdd(draft.Id, hold))
        {
            throw LedgerRefusals.AlreadyDone.With();
        }

        Rows.PlacedHolds.Add((draft, postedAt));
    }

    private void CheckWhatIsLeft()
    {
        foreach (var (account, before) in touched)
        {
            if (account.Floor is { } floor && account.Available < floor && account.Available < before.Balance - before.Held)
            {
                throw LedgerRefusals.InsufficientFunds.With();
            }

            if (account.Now.Flags.HasFlag(AccountFlags.Closed) && (account.Now.Balance != 0 || account.Now.Held != 0 || account.Now.Arrears != 0))
            {
                throw LedgerRefusals.BalanceNotZero.With();
            }
        }
    }

    private void CollectArrears()
    {
        for (var i = touched.Count - 1; i >= 0; i--)
        {
            var debtor = touched[i].Account;
            var owed = debtor.Now.Arrears;
            if (owed == 0 || debtor.Now.Flags.HasFlag(AccountFlags.Frozen) || debtor.Available - (debtor.Floor ?? 0) < owed)
            {
                continue;
            }

            var creditor = debtor.Now.ArrearsTo!.Value;
            if (!accounts.ContainsKey(creditor))
            {
                throw new AccountNeededException(creditor);
            }

            var posting = new PostingDraft(ArrearsKind, new Move(debtor.Id, creditor, owed));
            debtor.Now.Arrears = 0;
            debtor.Now.ArrearsTo = null;
            Rows.BeginPosting(posting, postedAt);
            Apply(posting.Moves[0]);
            Rows.EndPosting();
            collected.Add(new ArrearsCollected(posting.Id, debtor.Id, owed));
        }
    }

    private static void CheckRange(long amount)
    {
        if (amount is < 1 or > Amount.MaxMinor)
        {
            throw LedgerRefusals.AmountOutOfRange.With();
        }
    }

    private AccountState Find(long id) => accounts.TryGetValue(id, out var account) ? account : throw LedgerRefusals.AccountNotFound.With();

    private AccountState Touch(long id)
    {
        var account = Find(id);
        foreach (var (known, _) in touched)
        {
            if (ReferenceEquals(known, account))
            {
                return account;
            }
        }

        touched.Add((account, account.Now));
        return account;
    }

    private void Undo(BatchRows.Position rows)
    {
        foreach (var (account, before) in touched)
        {
            account.Now = before;
        }

        foreach (var hold in ended)
        {
            hold.Open = true;
        }

        foreach (var (draft, _) in Rows.Opened.Skip(rows.Opened))
        {
            accounts.Remove(draft.Id);
        }

        foreach (var (draft, _) in Rows.PlacedHolds.Skip(rows.PlacedHolds))
        {
            holds.Remove(draft.Id);
        }

        Rows.Return(rows);
    }
}
