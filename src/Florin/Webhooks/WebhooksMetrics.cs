using System.Diagnostics.Metrics;

namespace Florin.Webhooks;

/// <summary>What is counted.</summary>
internal static class WebhooksMetrics
{
    private static readonly Meter Meter = new("Florin.Webhooks");

    /// <summary>Tries, by <c>outcome</c>: <c>delivered</c>, <c>failed</c>, <c>dead</c> (the last of a delivery).</summary>
    public static readonly Counter<long> Tries = Meter.CreateCounter<long>("florin.webhooks.tries", description: "Tries of deliveries, by outcome.");

    /// <summary>How long tries took.</summary>
    public static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("florin.webhooks.duration", "s", "How long tries took.");

    /// <summary>From the event to its delivery at the first try.</summary>
    public static readonly Histogram<double> Delay = Meter.CreateHistogram<double>(
        "florin.webhooks.delay",
        "s",
        "From the event to its delivery, of those delivered at the first try."
    );

    /// <summary>Endpoints that were disabled by themselves, by <c>reason</c>.</summary>
    public static readonly Counter<long> Disabled = Meter.CreateCounter<long>(
        "florin.webhooks.disabled",
        description: "Endpoints that were disabled because they failed or are gone."
    );

    /// <summary>Tries that this server makes now.</summary>
    public static readonly UpDownCounter<long> Running = Meter.CreateUpDownCounter<long>(
        "florin.webhooks.running",
        description: "Tries that this server makes now."
    );
}
