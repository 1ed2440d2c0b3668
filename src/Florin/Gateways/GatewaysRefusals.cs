using Florin.Platform;

namespace Florin.Gateways;

/// <summary>Why a callback is declined.</summary>
public static class GatewaysRefusals
{
    /// <summary>The signature is missing, wrong, of another body, or too old.</summary>
    public static readonly RefusalCode CallbackNotAuthentic = new(
        "callback_not_authentic",
        400,
        "The callback is not signed by the gateway with a secret of ours within the last five minutes."
    );

    /// <summary>It was matched already, by itself or by somebody.</summary>
    public static readonly RefusalCode CallbackMatched = new("callback_matched", 409, "This callback is about something that we know already.");

    /// <summary>A settlement file that is no CSV, lacks columns, or has lines that cannot be read; <c>errors</c> names the lines. Nothing of it was kept.</summary>
    public static readonly RefusalCode SettlementNotReadable = new("settlement_not_readable", 422, "The file cannot be read; nothing of it was kept.");

    /// <summary>Somebody resolved it before.</summary>
    public static readonly RefusalCode ExceptionResolved = new("exception_resolved", 409, "This was resolved before.");

    /// <summary>The payment was never to be collected by that gateway.</summary>
    public static readonly RefusalCode NoSuchAttempt = new("no_such_attempt", 422, "This payment was never to be collected by that gateway.");
}
