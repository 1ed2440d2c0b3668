using Florin.Ledger;

namespace Florin.Identity;

/// <summary>Where a person's money leaves from, of one module: blocked while the person is frozen. Registered as a singleton by each such module.</summary>
public interface IPersonAccounts
{
    /// <summary>The ledger's accounts that the person decides about, open ones.</summary>
    Task<IReadOnlyList<long>> OfAsync(Guid person, CancellationToken cancel);
}

/// <summary>Keeps the money of a frozen person where it is: nothing leaves by a wallet, card, face or payout; what comes in still does.</summary>
internal sealed class PersonFreeze(IEnumerable<IPersonAccounts> modules, GeneralLedger ledger)
{
    /// <summary>Blocks the person's accounts, or lets go of them. Safe to repeat.</summary>
    public async Task SetAsync(Guid person, bool frozen, CancellationToken cancel)
    {
        var commit = new LedgerCommit();
        foreach (var module in modules)
        {
            foreach (var account in await module.OfAsync(person, cancel))
            {
                commit.Changes.Add(
                    frozen ? new AccountChange(account) { Set = AccountFlags.OwnerFrozen } : new AccountChange(account) { Clear = AccountFlags.OwnerFrozen }
                );
            }
        }

        if (commit.Changes.Count > 0)
        {
            await ledger.CommitAsync(commit);
        }
    }
}
