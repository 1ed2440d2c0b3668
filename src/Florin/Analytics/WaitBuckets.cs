using System.Numerics;

namespace Florin.Analytics;

/// <summary>
/// Durations in buckets of seven significant bits, as HdrHistogram (hdrhistogram.org) counts them: exact below 128 ms, and above it each bucket is no wider
/// than 1/64 of where it begins, so that its middle is off by less than 0.8 %.
/// </summary>
public static class WaitBuckets
{
    /// <summary>The largest relative error of <see cref="Middle"/>, in thousandths.</summary>
    public const int ErrorPerMille = 8;

    private const int Bits = 7;
    private const int Half = 1 << (Bits - 1);

    /// <summary>The bucket of a duration; what is below zero counts as zero.</summary>
    /// <param name="milliseconds">Whole milliseconds.</param>
    public static int Of(long milliseconds)
    {
        var length = Math.Max(0, milliseconds);
        var shift = Math.Max(0, 64 - BitOperations.LeadingZeroCount((ulong)length) - Bits);
        return (shift * Half) + (int)(length >> shift);
    }

    /// <summary>The middle of a bucket, in milliseconds.</summary>
    public static long Middle(int bucket)
    {
        var shift = Math.Max(0, bucket / Half - 1);
        return ((long)(bucket - shift * Half) << shift) + (shift == 0 ? 0 : 1L << (shift - 1));
    }

    /// <summary>The value at which a part of all is reached, by nearest rank.</summary>
    /// <param name="counts">How many lie in each bucket, from the lowest.</param>
    /// <param name="perMille">Which part: 500 for the median.</param>
    /// <returns>Milliseconds; null where nothing was counted.</returns>
    public static long? Percentile(IReadOnlyList<(int Bucket, long Count)> counts, int perMille)
    {
        var total = counts.Sum(one => one.Count);
        var rank = (total * perMille + 999) / 1000;
        foreach (var (bucket, count) in counts)
        {
            rank -= count;
            if (rank <= 0 && count > 0)
            {
                return Middle(bucket);
            }
        }

        return null;
    }
}
