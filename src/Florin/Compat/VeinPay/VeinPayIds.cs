using Florin.Payments;
using Florin.Platform;

namespace Florin.Compat.VeinPay;

/// <summary>Kinds of ids of seed 1, and how they hang together with ours.</summary>
internal static class VeinPayIds
{
    /// <summary>Of bills.</summary>
    public const string Bill = "vein_pay.bill";

    /// <summary>Of wallets, by the person or shop that has it: seed 1 knew one wallet each.</summary>
    public const string Wallet = "vein_pay.wallet";

    /// <summary>Of movements in wallets.</summary>
    public const string Movement = "vein_pay.movement";

    /// <summary>The UUID in a public id of any kind.</summary>
    public static Guid Of(string publicId) => Guid.ParseExact(publicId.AsSpan(publicId.IndexOf('_', StringComparison.Ordinal) + 1), "N");

    /// <summary>A bill and its payment have one UUID.</summary>
    public static string BillOf(Guid id) => Ids.Show("bil", id);

    /// <summary>The payment of a bill.</summary>
    public static string PaymentOf(Guid id) => Ids.Show(PaymentFact.Prefix, id);
}
