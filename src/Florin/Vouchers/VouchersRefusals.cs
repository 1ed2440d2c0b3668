using Florin.Platform;

namespace Florin.Vouchers;

/// <summary>Why vouchers decline.</summary>
public static class VouchersRefusals
{
    /// <summary>The type was switched off.</summary>
    public static readonly RefusalCode TypeNotSold = new("voucher_type_not_sold", 409, "Vouchers of this type are not sold now.");

    /// <summary>The type has no price in that currency.</summary>
    public static readonly RefusalCode NotPriced = new("voucher_not_priced", 422, "This voucher has no price in that currency.");

    /// <summary>Another type has the code.</summary>
    public static readonly RefusalCode TypeExists = new("voucher_type_exists", 409, "There is a voucher type with this code already.");

    /// <summary>Fewer are left than are asked for.</summary>
    public static readonly RefusalCode SoldOut = new("voucher_sold_out", 409, "There are not so many of these vouchers left.");

    /// <summary>Unknown, switched off, before or after its time, or for other vouchers: one answer for all.</summary>
    public static readonly RefusalCode DiscountNotValid = new("discount_not_valid", 422, "This discount does not exist, or not for this purchase now.");

    /// <summary>The discount was used as often as it may be, by all or by this person.</summary>
    public static readonly RefusalCode DiscountUsedUp = new("discount_used_up", 409, "This discount was used as often as it may be.");

    /// <summary>Another discount has the code.</summary>
    public static readonly RefusalCode DiscountExists = new("discount_exists", 409, "There is a discount with this code already.");

    /// <summary>No wallet has the number.</summary>
    public static readonly RefusalCode NobodyToGive = new(
        "nobody_to_give",
        422,
        "No wallet has this number; ask the person for it, or look it up (POST /v1/recipients)."
    );

    /// <summary>No such voucher, or somebody else's: one answer for both.</summary>
    public static readonly RefusalCode NotValid = new("voucher_not_valid", 422, "There is no such voucher, or it is not for you to redeem.");

    /// <summary>Every use is used.</summary>
    public static readonly RefusalCode Used = new("voucher_used", 409, "This voucher is used up.");

    /// <summary>Its time is over.</summary>
    public static readonly RefusalCode Expired = new("voucher_expired", 409, "This voucher has expired.");

    /// <summary>It was paid back.</summary>
    public static readonly RefusalCode Cancelled = new("voucher_cancelled", 409, "This voucher was refunded and is worth nothing.");

    /// <summary>It is for another service.</summary>
    public static readonly RefusalCode OtherService = new("voucher_other_service", 409, "This voucher is for another service.");

    /// <summary>The redemption was undone before.</summary>
    public static readonly RefusalCode RedemptionUndone = new("redemption_undone", 409, "This redemption was undone already.");

    /// <summary>It is too long ago, or the voucher has ended since.</summary>
    public static readonly RefusalCode RedemptionFinal = new(
        "redemption_final",
        409,
        "This redemption can no longer be undone: it is too long ago, or its voucher has ended otherwise."
    );

    /// <summary>A refund takes whole vouchers back.</summary>
    public static readonly RefusalCode RefundNotWhole = new(
        "refund_not_whole_vouchers",
        409,
        "A refund takes vouchers back one by one; this is none of its sums."
    );

    /// <summary>The person verifies the service already.</summary>
    public static readonly RefusalCode VerifierExists = new("verifier_exists", 409, "This person verifies this service already.");

    /// <summary>Nobody has this login.</summary>
    public static readonly RefusalCode VerifierUnknown = new("verifier_unknown", 422, "Nobody has this username, e-mail address or phone number.");

    /// <summary>The voucher was redeemed, given away or refunded between look and commit.</summary>
    public static readonly RefusalCode Changed = new("voucher_changed", 409, "This voucher changed at this moment; try again.");
}
