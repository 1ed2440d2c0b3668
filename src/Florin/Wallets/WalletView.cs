using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>A wallet as its owner sees it.</summary>
/// <param name="Id">Its public id.</param>
/// <param name="Number">Ten digits, by which others send money to it.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="Currency">Its currency.</param>
/// <param name="Balance">What it holds.</param>
/// <param name="Available">What may be spent: the balance less what is held.</param>
/// <param name="Held">What is set aside for payments under way.</param>
/// <param name="Blocked">Whether outgoing money is refused.</param>
/// <param name="BlockedReason"><c>fee_owed</c> (pay it in), <c>blocked</c> or <c>frozen</c> (by staff), <c>closed</c>; null where it is not blocked.</param>
/// <param name="Arrears">Fees that are owed; taken as soon as the money is there.</param>
/// <param name="PinLimit">Above this the PIN is asked; null for never.</param>
/// <param name="FeeNextDueAt">When the next monthly fee is due; null where there is none.</param>
/// <param name="CreatedAt">When it was opened.</param>
/// <param name="ClosedAt">When it was closed; null while it is open.</param>
public sealed record WalletView(
    string Id,
    string Number,
    string Name,
    Currency Currency,
    Amount Balance,
    Amount Available,
    Amount Held,
    bool Blocked,
    string? BlockedReason,
    Amount Arrears,
    Amount? PinLimit,
    DateTimeOffset? FeeNextDueAt,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ClosedAt
)
{
    /// <summary>The wallet with its money.</summary>
    internal static WalletView Of(Wallet wallet, AccountView account)
    {
        Amount Money(long minor) => new(minor, account.Currency);
        return new WalletView(
            Ids.Show(Wallet.Prefix, wallet.Id),
            wallet.Number,
            wallet.Name,
            account.Currency,
            Money(account.Balance),
            Money(account.Available),
            Money(account.Held),
            account.Blocked,
            ReasonOf(account),
            Money(account.Arrears),
            account.ProofLimit is { } limit ? Money(limit) : null,
            wallet.ClosedAt is null ? wallet.FeeNextDueAt : null,
            wallet.CreatedAt,
            wallet.ClosedAt
        );
    }

    private static string? ReasonOf(AccountView account) =>
        account.Flags.HasFlag(AccountFlags.Closed) ? "closed"
        : (account.Flags & (AccountFlags.Frozen | AccountFlags.OwnerFrozen)) != AccountFlags.None ? "frozen"
        : account.Flags.HasFlag(AccountFlags.BlockedOutgoing) ? "blocked"
        : account.Arrears > 0 ? "fee_owed"
        : null;
}
