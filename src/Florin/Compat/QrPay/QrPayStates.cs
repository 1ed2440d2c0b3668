using Florin.Payments;

namespace Florin.Compat.QrPay;

/// <summary>The states of seed 4's README: <c>created</c>, <c>completed</c>, <c>failed</c>; and <c>revoked</c>, which its later version has.</summary>
internal static class QrPayStates
{
    /// <summary>A payment's state in its words.</summary>
    public static string Of(string state) =>
        state switch
        {
            PaymentStates.Pending or PaymentStates.Processing => "created",
            PaymentStates.Completed or PaymentStates.PartiallyRefunded or PaymentStates.Refunded => "completed",
            PaymentStates.Cancelled => "revoked",
            _ => "failed",
        };
}
