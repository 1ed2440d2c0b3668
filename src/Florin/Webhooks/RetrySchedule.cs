using System.Security.Cryptography;

namespace Florin.Webhooks;

/// <summary>When a delivery is tried: ten times in about three days.</summary>
/// <param name="scale">How many times shorter the pauses are; 1 but in benchmarks.</param>
internal sealed class RetrySchedule(int scale)
{
    /// <summary>Without a success for so long, an endpoint is disabled.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromDays(3);

    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromSeconds(5),
        TimeSpan.FromMinutes(5),
        TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(2),
        TimeSpan.FromHours(5),
        TimeSpan.FromHours(10),
        TimeSpan.FromHours(14),
        TimeSpan.FromHours(20),
        TimeSpan.FromHours(24),
    ];

    /// <summary>The pause before the next try, a tenth more or less by chance so that those that failed together do not come back together.</summary>
    /// <param name="failed">Tries that failed so far, at least 1.</param>
    /// <returns>Null where there is no further try.</returns>
    public TimeSpan? PauseAfter(int failed) => failed > Pauses.Length ? null : Pauses[failed - 1] * RandomNumberGenerator.GetInt32(900, 1101) / 1000 / scale;
}
