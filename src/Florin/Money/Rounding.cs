using System.Numerics;

namespace Florin.Money;

/// <summary>Where a decimal of minor units becomes a whole number of them. Money is rounded here and nowhere else.</summary>
public static class Rounding
{
    /// <summary>Down to the whole minor unit: what a customer receives.</summary>
    /// <exception cref="OverflowException">The value does not fit a <c>long</c>.</exception>
    public static long Down(decimal minor) => decimal.ToInt64(decimal.Floor(minor));

    /// <summary>Up to the whole minor unit: what something costs.</summary>
    /// <exception cref="OverflowException">The value does not fit a <c>long</c>.</exception>
    public static long Up(decimal minor) => decimal.ToInt64(decimal.Ceiling(minor));

    /// <summary>A fraction down to the whole minor unit, exactly: for products that are too long for a <c>decimal</c>.</summary>
    /// <param name="numerator">Zero or more.</param>
    /// <param name="denominator">Above zero.</param>
    /// <exception cref="OverflowException">The value does not fit a <c>long</c>.</exception>
    public static long Down(BigInteger numerator, BigInteger denominator) => (long)(numerator / denominator);

    /// <summary>A fraction up to the whole minor unit, exactly.</summary>
    /// <param name="numerator">Zero or more.</param>
    /// <param name="denominator">Above zero.</param>
    /// <exception cref="OverflowException">The value does not fit a <c>long</c>.</exception>
    public static long Up(BigInteger numerator, BigInteger denominator) => (long)((numerator + denominator - 1) / denominator);

    /// <summary>To the nearest whole minor unit, halves to even (IEEE 754 roundTiesToEven): figures that favour nobody.</summary>
    /// <exception cref="OverflowException">The value does not fit a <c>long</c>.</exception>
    public static long HalfEven(decimal minor) => decimal.ToInt64(decimal.Round(minor, MidpointRounding.ToEven));

    /// <summary>Splits a sum by weights so that the parts add up to it exactly; the largest remainders get the units left over (Hamilton's method).</summary>
    /// <param name="total">Minor units, zero or more.</param>
    /// <param name="weights">At least one, none negative, not all zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">The total or a weight is negative, or there is nothing to split by.</exception>
    public static long[] Allocate(long total, IReadOnlyList<long> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(total);
        Int128 sum = 0;
        foreach (var weight in weights)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(weight, nameof(weights));
            sum += weight;
        }

        if (sum == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(weights), "the weights must not all be zero");
        }

        var parts = new long[weights.Count];
        var remainders = new Int128[weights.Count];
        var left = total;
        for (var i = 0; i < parts.Length; i++)
        {
            var share = (Int128)total * weights[i];
            parts[i] = (long)(share / sum);
            remainders[i] = share % sum;
            left -= parts[i];
        }

        foreach (var i in Enumerable.Range(0, parts.Length).OrderByDescending(i => remainders[i]).ThenBy(i => i).Take((int)left))
        {
            parts[i]++;
        }

        return parts;
    }
}
