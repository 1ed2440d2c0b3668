using Florin.Platform;

namespace Florin.Payments;

/// <summary>Why payments decline.</summary>
public static class PaymentsRefusals
{
    /// <summary>There is no such purpose.</summary>
    public static readonly RefusalCode UnknownPurpose = new("unknown_purpose", 422, "There is no such purpose of a payment.");

    /// <summary>The method is not offered for this payment.</summary>
    public static readonly RefusalCode MethodNotOffered = new("method_not_offered", 422, "This payment cannot be paid so; see its methods.");

    /// <summary>Paid, expired, cancelled or failed.</summary>
    public static readonly RefusalCode NotPayable = new("payment_not_payable", 409, "This payment can no longer be paid.");

    /// <summary>A gateway collects it at this moment.</summary>
    public static readonly RefusalCode InProgress = new("payment_in_progress", 409, "This payment is being paid at this moment; wait for its outcome.");

    /// <summary>The money was taken already, so that it cannot be cancelled.</summary>
    public static readonly RefusalCode AlreadyPaid = new("payment_already_paid", 409, "The payer was faster: this payment is paid. Refund it instead.");

    /// <summary>Somebody else is to pay it.</summary>
    public static readonly RefusalCode OtherPayer = new("other_payer", 403, "This payment is for somebody else to pay.");

    /// <summary>The payer is the payee.</summary>
    public static readonly RefusalCode OwnPayment = new("own_payment", 409, "Nobody can pay their own sale.");

    /// <summary>A wallet pays for people who are signed in only.</summary>
    public static readonly RefusalCode PayerUnknown = new("payer_unknown", 422, "Say who pays: sign in, or give the payer and their PIN at the till.");

    /// <summary>More would go back than was paid.</summary>
    public static readonly RefusalCode RefundTooLarge = new("refund_too_large", 409, "More cannot be refunded than was paid and not refunded yet.");

    /// <summary>The gateway that collected cannot say this amount, such as 1.001 in a currency that it counts in hundredths.</summary>
    public static readonly RefusalCode RefundNotInSteps = new(
        "refund_not_in_steps",
        422,
        "The gateway that collected this payment cannot pay back exactly this amount."
    );

    /// <summary>A cashier may pay back so much of one payment and no more.</summary>
    public static readonly RefusalCode RefundAboveLimit = new("refund_above_limit", 403, "This is more than you may pay back of one payment; ask the owner.");

    /// <summary>There is no receipt of what was not paid.</summary>
    public static readonly RefusalCode NotPaid = new("payment_not_paid", 409, "This payment has no receipt: it was not paid.");

    /// <summary>Only a completed payment can be refunded.</summary>
    public static readonly RefusalCode NotRefundable = new("payment_not_refundable", 409, "Only a completed payment can be refunded.");

    /// <summary>The refund does not wait for staff.</summary>
    public static readonly RefusalCode RefundNotManual = new("refund_not_manual", 409, "Only a pending refund that waits for staff can be settled by hand.");

    /// <summary>There is no such challenge for this payment and payer.</summary>
    public static readonly RefusalCode ChallengeInvalid = new(
        "challenge_invalid",
        403,
        "This challenge is not for this payment and payer; ask for another one."
    );

    /// <summary>A challenge pays once.</summary>
    public static readonly RefusalCode ChallengeUsed = new("challenge_used", 409, "This challenge was used; ask for another one.");

    /// <summary>A challenge is good for a minute.</summary>
    public static readonly RefusalCode ChallengeExpired = new("challenge_expired", 409, "This challenge is too old; ask for another one.");

    /// <summary>Something else would be taken than the payer was shown.</summary>
    public static readonly RefusalCode ChallengeDiffers = new(
        "challenge_differs",
        409,
        "Another wallet would pay, or more would be taken, than the payer was shown; ask for another challenge."
    );

    /// <summary>The gateway's report was booked before; never answered to a client.</summary>
    internal static readonly RefusalCode AttemptSettled = new("attempt_settled", 409, "What became of this attempt is booked already.");
}
