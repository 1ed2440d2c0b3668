using Florin.Platform;

namespace Florin.Ledger;

/// <summary>Why the ledger declines a commit.</summary>
public static class LedgerRefusals
{
    /// <summary>An amount is zero, negative or too large.</summary>
    public static readonly RefusalCode AmountOutOfRange = new("amount_out_of_range", 400, "An amount must be above zero and at most 10^15 minor units.");

    /// <summary>From and to are the same.</summary>
    public static readonly RefusalCode SameAccount = new("same_account", 409, "Money cannot move from an account to itself.");

    /// <summary>No such account.</summary>
    public static readonly RefusalCode AccountNotFound = new("account_not_found", 404, "There is no such account.");

    /// <summary>The accounts of a move have different currencies.</summary>
    public static readonly RefusalCode CurrencyMismatch = new("currency_mismatch", 422, "The currencies differ; get a quote.");

    /// <summary>The account is closed.</summary>
    public static readonly RefusalCode AccountClosed = new("account_closed", 409, "The account is closed.");

    /// <summary>The account is frozen by staff.</summary>
    public static readonly RefusalCode AccountFrozen = new("account_frozen", 409, "The account is frozen; contact support.");

    /// <summary>Outgoing money is blocked, by staff or by an unpaid fee.</summary>
    public static readonly RefusalCode WalletBlocked = new("wallet_blocked", 409, "Outgoing money is blocked; pay in what is owed, or contact support.");

    /// <summary>Not enough is available.</summary>
    public static readonly RefusalCode InsufficientFunds = new("insufficient_funds", 402, "Not enough money is available.");

    /// <summary>The amount is above the account's limit and the payer did not prove themselves.</summary>
    public static readonly RefusalCode ProofRequired = new("pin_required", 403, "This amount is above the wallet's PIN limit; give the PIN.");

    /// <summary>An account would hold more than a balance can.</summary>
    public static readonly RefusalCode BalanceTooLarge = new("balance_too_large", 409, "The balance would become too large.");

    /// <summary>The hold is not open, or another account's.</summary>
    public static readonly RefusalCode HoldNotOpen = new("hold_not_open", 409, "The hold was already captured, released or expired.");

    /// <summary>More is to be captured than was held.</summary>
    public static readonly RefusalCode CaptureAboveHold = new("capture_above_hold", 409, "A hold cannot be captured above its amount.");

    /// <summary>An account with money or arrears cannot be closed.</summary>
    public static readonly RefusalCode BalanceNotZero = new("balance_not_zero", 409, "The account still holds or owes money.");

    /// <summary>The state that the commit expected has changed.</summary>
    public static readonly RefusalCode AlreadyDone = new("already_done", 409, "This was already done or changed meanwhile.");

    /// <summary>The queue is full; nothing was done.</summary>
    public static readonly RefusalCode Busy = new("busy", 503, "Too many payments at once; nothing was done. Retry with the same key.");

    /// <summary>Whether it was done could not be found out in time.</summary>
    public static readonly RefusalCode OutcomeUnknown = new("outcome_unknown", 503, "The outcome is not known yet. Retry with the same key.");
}
