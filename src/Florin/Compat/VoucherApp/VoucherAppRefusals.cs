using Florin.Platform;

namespace Florin.Compat.VoucherApp;

/// <summary>What seed 2 refused in words of its own.</summary>
internal static class VoucherAppRefusals
{
    /// <summary>No such voucher, or somebody else's.</summary>
    public static readonly RefusalCode VoucherNotFound = new("voucher_not_found", 404, "Voucher not found.");

    /// <summary>A payment method that it named and never had.</summary>
    public static readonly RefusalCode MethodNotSupported = new("payment_method_not_supported", 400, "Payment method not supported.");

    /// <summary>The payment is not completed (yet), or is none of the caller's.</summary>
    public static readonly RefusalCode PaymentNotCompleted = new("payment_not_completed", 400, "Payment not completed.");
}
