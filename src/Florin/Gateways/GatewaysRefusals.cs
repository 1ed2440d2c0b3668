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
}
