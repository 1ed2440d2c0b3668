using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Florin.Shops;
using Florin.Wallets;

namespace Florin.Admin;

/// <summary>What holds for every adjustment, when it is proposed and again when it is approved.</summary>
/// <param name="reads">The accounts.</param>
/// <param name="wallets">Whose wallets they are.</param>
/// <param name="shops">Whose shops they are.</param>
/// <param name="limits">What one may move at most, <c>FLORIN_ADJUSTMENT_LIMIT_</c> and a currency's code; nothing in other currencies.</param>
internal sealed class AdjustmentRules(LedgerReads reads, WalletFacts wallets, ShopFront shops, IReadOnlyDictionary<Currency, Amount> limits)
{
    /// <summary>How long a proposal waits.</summary>
    public static readonly TimeSpan Waits = TimeSpan.FromDays(7);

    /// <summary>Passes where both accounts are there, of the amount's currency, and neither is the caller's; and the amount is not too large.</summary>
    /// <exception cref="Refusal">
    /// <c>account_not_found</c>, <c>same_account</c>, <c>currency_mismatch</c>, <c>amount_out_of_range</c>, <c>adjustment_too_large</c>, <c>interested_party</c>
    /// </exception>
    public async Task DemandAsync(Caller caller, long from, long to, Amount amount, CancellationToken cancel)
    {
        if (from == to)
        {
            throw LedgerRefusals.SameAccount.With();
        }

        if (amount.Minor is < 1 or > Amount.MaxMinor)
        {
            throw LedgerRefusals.AmountOutOfRange.With();
        }

        var accounts = await reads.AccountsAsync([from, to], cancel);
        if (accounts.Count != 2)
        {
            throw LedgerRefusals.AccountNotFound.With();
        }

        if (accounts.Values.Any(account => account.Currency != amount.Currency))
        {
            throw LedgerRefusals.CurrencyMismatch.With("Both accounts must be in the amount's currency.");
        }

        if (!limits.TryGetValue(amount.Currency, out var limit) || amount.Minor > limit.Minor)
        {
            throw AdminRefusals.AdjustmentTooLarge.With();
        }

        var owned = await wallets.ByAccountsAsync([from, to], cancel);
        if (owned.Values.Any(wallet => wallet.Person == caller.Person) || await shops.OwnsAnyAsync(caller.Person, [from, to], cancel))
        {
            throw AdminRefusals.InterestedParty.With();
        }
    }
}
