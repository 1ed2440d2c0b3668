namespace Florin.Payments;

/// <summary>Why money goes back; the wire's values.</summary>
public static class RefundReasons
{
    /// <summary>The payer asked.</summary>
    public const string CustomerRequest = "customer_request";

    /// <summary>They paid twice.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>It was not they who paid.</summary>
    public const string Fraudulent = "fraudulent";

    /// <summary>Something went wrong on our side.</summary>
    public const string SystemError = "system_error";

    /// <summary>The note says.</summary>
    public const string Other = "other";

    /// <summary>The house's own: the money came for a payment that could no longer take it.</summary>
    public const string Late = "late_money";

    /// <summary>What people may give.</summary>
    public static readonly IReadOnlyList<string> All = [CustomerRequest, Duplicate, Fraudulent, SystemError, Other];
}
