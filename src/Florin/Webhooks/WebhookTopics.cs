namespace Florin.Webhooks;

/// <summary>What merchants may be told of.</summary>
internal static class WebhookTopics
{
    /// <summary>Stands for all of them in an endpoint's list.</summary>
    public const string Any = "*";

    /// <summary>Sent to one endpoint when its owner asks for it; its aggregate is the endpoint.</summary>
    public const string Test = "webhooks.test";

    /// <summary>Told to the owner when an endpoint is disabled by itself; not sent to endpoints.</summary>
    public const string Disabled = "webhooks.disabled";

    /// <summary>The topics, each of which an endpoint may ask for.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        "payments.created",
        "payments.processing",
        "payments.attempt_failed",
        "payments.completed",
        "payments.cancelled",
        "payments.expired",
        "payments.failed",
        "payments.refund_requested",
        "payments.refunded",
        "payments.refund_failed",
        "payments.money_late",
        Test,
    ];
}
