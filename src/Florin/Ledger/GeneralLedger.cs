using Florin.Platform;

namespace Florin.Ledger;

/// <summary>The book of all money. Every change of a balance is a <see cref="LedgerCommit"/> handed to <see cref="CommitAsync"/>.</summary>
public sealed class GeneralLedger(LedgerQueue queue, AccountIds ids)
{
    /// <summary>
    /// Makes everything in the commit durable in one transaction, or nothing. Do not hold a transaction of your own meanwhile.
    /// It is not cancelled with the request: what was handed over is carried out.
    /// </summary>
    /// <exception cref="Refusal">
    /// One of <see cref="LedgerRefusals"/>, the refusal of a <see cref="RowChange"/> or a constraint, or <c>idempotency_key_reused</c>.
    /// </exception>
    public Task<LedgerReceipt> CommitAsync(LedgerCommit commit)
    {
        if (Database.InTransaction)
        {
            throw new InvalidOperationException(
                "a handler must not hold a database transaction while it awaits the ledger: the writer would wait for it for ever"
            );
        }

        return queue.Enqueue(commit);
    }

    /// <summary>An id for an account that a commit is to open.</summary>
    public ValueTask<long> NewAccountIdAsync(CancellationToken cancel) => ids.NextAsync(cancel);
}
