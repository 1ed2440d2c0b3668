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
}
