using Florin.Money;

namespace Florin.Ledger;

/// <summary>An account row under the writer's lock, as the accepted commits of the batch leave it. Amounts in minor units.</summary>
internal sealed class AccountState(long id, Currency currency, long? floor, DateTimeOffset lastPostedAt)
{
    private Changeable now;

    public long Id => id;

    public Currency Currency => currency;

    public long? Floor => floor;

    public DateTimeOffset LastPostedAt { get; private set; } = lastPostedAt;

    public ref Changeable Now => ref now;

    public long Available => now.Balance - now.Held;

    public bool Dirty { get; private set; }

    public AccountView View() => new(id, currency, now.Balance, now.Held, now.Seq, now.Flags, now.Arrears, now.ProofLimit);

    public void MarkDirty(DateTimeOffset? postedAt)
    {
        Dirty = true;
        LastPostedAt = postedAt ?? LastPostedAt;
    }

    /// <summary>What a commit may change; a copy of it undoes the commit.</summary>
    internal struct Changeable
    {
        public long Balance;
        public long Held;
        public long Seq;
        public AccountFlags Flags;
        public long Arrears;
        public long? ArrearsTo;
        public long? ProofLimit;
    }
}

/// <summary>A hold row whose account is under the writer's lock.</summary>
internal sealed class HoldState(Guid id, long account, long amount, bool open)
{
    public Guid Id => id;

    public long Account => account;

    public long Amount => amount;

    public bool Open { get; set; } = open;
}
