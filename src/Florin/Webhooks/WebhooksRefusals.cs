using Florin.Platform;

namespace Florin.Webhooks;

/// <summary>Why webhooks decline.</summary>
public static class WebhooksRefusals
{
    /// <summary>All endpoints that one merchant may have are there.</summary>
    public static readonly RefusalCode WebhookLimitReached = new("webhook_limit_reached", 409, "You have as many webhooks as one merchant may have.");

    /// <summary>The address is one that webhooks are not sent to.</summary>
    public static readonly RefusalCode WebhookUrlNotAllowed = new("webhook_url_not_allowed", 422, "Webhooks are not sent to this address.");

    /// <summary>Nothing is sent to a disabled endpoint.</summary>
    public static readonly RefusalCode WebhookDisabled = new("webhook_disabled", 409, "This webhook is disabled; enable it first.");

    /// <summary>So many secrets sign at once that a further one must wait for the oldest to end.</summary>
    public static readonly RefusalCode WebhookSecretsLimitReached = new(
        "webhook_secrets_limit_reached",
        409,
        "The secret was replaced too often within a day; wait until the oldest one ends."
    );
}
