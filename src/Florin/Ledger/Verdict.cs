using Florin.Platform;

namespace Florin.Ledger;

/// <summary>What a batch decided about one commit.</summary>
internal sealed class Verdict
{
    /// <summary>Its effects are in the batch (a replayed one has none).</summary>
    public bool Accepted { get; init; }

    public LedgerReceipt? Receipt { get; init; }

    public Exception? Refused { get; init; }

    public byte[]? RequestHash { get; init; }

    /// <summary>The answer as it is kept under the key.</summary>
    public Answer? Kept { get; init; }
}

/// <summary>An account that no commit names must be locked as well: the creditor of arrears that can now be collected.</summary>
#pragma warning disable CA1064 // never leaves the writer
internal sealed class AccountNeededException(long account) : Exception
{
    public long Account => account;
}
#pragma warning restore CA1064
