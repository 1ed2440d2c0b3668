using Florin.Platform;

namespace Florin.Admin;

/// <summary>Why the staff's desk declines.</summary>
public static class AdminRefusals
{
    /// <summary>Another one of finance decides.</summary>
    public static readonly RefusalCode OwnAdjustment = new("own_adjustment", 409, "You proposed this adjustment; another person of finance approves it.");

    /// <summary>Nobody moves money to or from accounts of their own.</summary>
    public static readonly RefusalCode InterestedParty = new(
        "interested_party",
        409,
        "One of the accounts is your own; somebody else proposes and approves this."
    );

    /// <summary>It was decided, or waited for too long.</summary>
    public static readonly RefusalCode AdjustmentDecided = new("adjustment_decided", 409, "This adjustment was decided already, or waited longer than 7 days.");

    /// <summary>Larger sums are not moved by hand.</summary>
    public static readonly RefusalCode AdjustmentTooLarge = new(
        "adjustment_too_large",
        409,
        "This is more than one adjustment may move (FLORIN_ADJUSTMENT_LIMIT_…)."
    );
}
