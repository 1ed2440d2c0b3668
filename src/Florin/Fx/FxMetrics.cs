using System.Diagnostics.Metrics;

namespace Florin.Fx;

/// <summary>What is counted.</summary>
internal static class FxMetrics
{
    private static readonly Meter Meter = new("Florin.Fx");

    /// <summary>Fetches from the provider, by <c>outcome</c>: <c>ok</c> or <c>failed</c>.</summary>
    public static readonly Counter<long> Fetches = Meter.CreateCounter<long>("florin_fx_fetches", description: "Fetches of exchange rates");

    /// <summary>Fetched rates that were kept aside, by <c>currency</c>.</summary>
    public static readonly Counter<long> Jumps = Meter.CreateCounter<long>("florin_fx_jumps", description: "Exchange rates kept aside because they jumped");
}
