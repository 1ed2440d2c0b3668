using Florin.Payments;
using Florin.Platform;

namespace Florin.Compat.PaymentFiles;

/// <summary>What seed 3 calls things of payments.</summary>
internal static class FilePayments
{
    private const string Start = "PAY_";

    /// <summary>The number of a payment: <c>PAY_</c> and its UUID.</summary>
    public static string NumberOf(Guid payment) => Start + payment.ToString("N");

    /// <summary>The payment behind such a number; null where it is none.</summary>
    public static Guid? PaymentOf(string number) =>
        number.StartsWith(Start, StringComparison.Ordinal) && Guid.TryParseExact(number.AsSpan(Start.Length), "N", out var id) ? id : null;

    /// <summary>A state in its words.</summary>
    public static string StatusOf(string state) =>
        state switch
        {
            PaymentStates.Pending or PaymentStates.Processing => "Pending",
            PaymentStates.Completed or PaymentStates.PartiallyRefunded or PaymentStates.Refunded => "Paid",
            PaymentStates.Expired => "Expired",
            _ => "Failed",
        };

    /// <summary>The UUID of a payment.</summary>
    public static Guid IdOf(PaymentView payment) => Ids.Read(PaymentFact.Prefix, payment.Id);
}
