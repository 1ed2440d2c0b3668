using Florin.Platform;

namespace Florin.Shops;

/// <summary>Why shops decline.</summary>
public static class ShopsRefusals
{
    /// <summary>A merchant has as many shops as one may.</summary>
    public static readonly RefusalCode ShopLimitReached = new("shop_limit_reached", 409, "You have as many shops as one merchant may have.");

    /// <summary>The shop was closed.</summary>
    public static readonly RefusalCode ShopClosed = new("shop_closed", 409, "This shop is closed.");

    /// <summary>The plan does not exist.</summary>
    public static readonly RefusalCode UnknownPlan = new("unknown_plan", 422, "There is no such plan.");

    /// <summary>A shop has as many bank accounts as one may.</summary>
    public static readonly RefusalCode BankAccountLimitReached = new("bank_account_limit_reached", 409, "The shop has 10 bank accounts; close one first.");

    /// <summary>A payout is on its way to the account.</summary>
    public static readonly RefusalCode BankAccountInUse = new("bank_account_in_use", 409, "A payout is on its way to this account; wait until it has ended.");

    /// <summary>The payout has gone on, and this can no longer be done with it.</summary>
    public static readonly RefusalCode PayoutState = new("payout_state", 409, "The payout is no longer in a state in which this can be done.");

    /// <summary>Staff decide nothing about their own money.</summary>
    public static readonly RefusalCode OwnPayout = new("own_payout", 403, "Nobody decides their own payout; ask somebody else of finance.");

    /// <summary>Two approvals come from two people.</summary>
    public static readonly RefusalCode SameApprover = new("same_approver", 403, "You approved this payout already; another person must approve it as well.");
}
