using Florin.Platform;

namespace Florin.Compat;

/// <summary>What only the old systems' routes refuse.</summary>
internal static class CompatRefusals
{
    /// <summary>Live: money comes from a gateway, where the old systems made it of nothing.</summary>
    public static readonly RefusalCode PayFirst = new("pay_first", 402, "This has to be paid for; open payment_url.");

    /// <summary>The old systems knew shops by a role; here one has a shop, or works in one.</summary>
    public static readonly RefusalCode NoShop = new("no_shop", 403, "Only somebody who has a shop or works in one may do this.");

    /// <summary>The refusal, with the address at which the payer pays.</summary>
    public static Refusal PayAt(string url) => new(PayFirst) { Extensions = new Dictionary<string, object?>(StringComparer.Ordinal) { ["payment_url"] = url } };
}
