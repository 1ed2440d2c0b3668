namespace Florin.Fx;

/// <summary>Whether a fetched rate is believed.</summary>
internal static class JumpBreaker
{
    /// <summary>Decides on one fetched rate.</summary>
    /// <param name="accepted">The rate in use; null where there is none yet.</param>
    /// <param name="suspect">The rate kept aside and how many fetches in a row have brought it; null where there is none.</param>
    /// <param name="fetched">What the provider says now.</param>
    /// <param name="percent">A rate that differs from another by more is another rate.</param>
    /// <param name="confirmations">In so many fetches in a row a jump is believed.</param>
    /// <returns>0 where the rate is believed, else how many fetches in a row have brought it by now.</returns>
    public static int TimesSuspected(decimal? accepted, (decimal Rate, int Times)? suspect, decimal fetched, int percent, int confirmations)
    {
        if (accepted is not { } known || IsNear(known, fetched, percent))
        {
            return 0;
        }

        // A provider that says something else each time confirms nothing.
        var times = suspect is { } kept && IsNear(kept.Rate, fetched, percent) ? kept.Times + 1 : 1;
        return times >= confirmations ? 0 : times;
    }

    private static bool IsNear(decimal known, decimal other, int percent) => Math.Abs(other - known) <= known / 100m * percent;
}
