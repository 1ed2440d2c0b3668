using Florin.Platform;

namespace Florin.Shops;

/// <summary>Why shops decline.</summary>
public static class ShopsRefusals
{
    /// <summary>A merchant has as many shops as one may.</summary>
    public static readonly RefusalCode ShopLimitReached = new("shop_limit_reached", 409, "You have as many shops as one merchant may have.");

    /// <summary>The shop was closed.</summary>
    public static readonly RefusalCode ShopClosed = new("shop_closed", 409, "This shop is closed.");

    /// <summary>Somebody may still pay the shop.</summary>
    public static readonly RefusalCode ShopStillPaid = new("shop_still_paid", 409, "Payments of this shop are open; cancel them or wait until they end.");

    /// <summary>An account ends after its shops.</summary>
    public static readonly RefusalCode ShopsOpen = new("shops_open", 409, "Close your shops first.");

    /// <summary>An account does not end while its shops hold money.</summary>
    public static readonly RefusalCode ShopsHoldMoney = new("shops_hold_money", 409, "Your shops hold money that is yet to be paid out.");

    /// <summary>The plan does not exist.</summary>
    public static readonly RefusalCode UnknownPlan = new("unknown_plan", 422, "There is no such plan.");

    /// <summary>A cashier took cash for more than a sale, above what the shop lets cashiers pay back.</summary>
    public static readonly RefusalCode CashAboveLimit = new(
        "cash_above_limit",
        403,
        "Cash for this would be paid by the shop's account, above what its cashiers may decide; ask the owner."
    );

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

    /// <summary>Who approved a payout does not also take it back.</summary>
    public static readonly RefusalCode OwnApproval = new(
        "own_approval",
        403,
        "You approved this payout; somebody else of finance must say that the bank could not pay it."
    );

    /// <summary>Every approved payout is in a file.</summary>
    public static readonly RefusalCode NothingToExport = new("nothing_to_export", 409, "Every approved payout is in a file for the bank already.");

    /// <summary>One application of a person is looked at at a time.</summary>
    public static readonly RefusalCode ApplicationPending = new("application_pending", 409, "You applied for a shop already; wait for the answer.");

    /// <summary>The application was approved or refused before.</summary>
    public static readonly RefusalCode ApplicationDecided = new("application_decided", 409, "This application was decided already.");

    /// <summary>Nobody has this username, or they cannot be written to.</summary>
    public static readonly RefusalCode NobodyToInvite = new("nobody_to_invite", 422, "Nobody who can be reached has this name; try their e-mail address.");

    /// <summary>Wrong, used, withdrawn, replaced or expired, or somebody else's: one answer for all.</summary>
    public static readonly RefusalCode InvitationNotValid = new(
        "invitation_not_valid",
        422,
        "This invitation is not valid, or no longer, or not for you. Ask the shop for another."
    );

    /// <summary>The owner is no cashier and no customer of their own shop.</summary>
    public static readonly RefusalCode OwnShop = new("own_shop", 409, "This is your own shop.");

    /// <summary>An account has this address or number. One answer for both.</summary>
    public static readonly RefusalCode CustomerExists = new(
        "customer_exists_link_instead",
        409,
        "There is an account with one of these; invite them instead (POST /v1/shops/{id}/customers/links)."
    );

    /// <summary>The person is no customer of the shop, or there is no such person.</summary>
    public static readonly RefusalCode UnknownCustomer = new("unknown_customer", 422, "The shop has no such customer; make or link them first.");
}
