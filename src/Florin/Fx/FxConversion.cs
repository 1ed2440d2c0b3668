using System.Numerics;
using Florin.Ledger;
using Florin.Money;

namespace Florin.Fx;

/// <summary>
/// Money of one currency for money of another, to the last minor unit. The source amount is split in three that add up to it:
/// <see cref="Cost"/> to the FX position, <see cref="Spread"/> to revenue and <see cref="Remainder"/> to rounding; the position of the
/// target currency pays <see cref="Credited"/>. Nothing is ever rounded in the customer's favour.
/// </summary>
/// <param name="Source">What the customer gives.</param>
/// <param name="Credited">What the customer gets: rounded down.</param>
/// <param name="Cost">What that is worth at the mid rate in minor units of the source: rounded up.</param>
/// <param name="Spread">What is earned, in minor units of the source: rounded down.</param>
/// <param name="Remainder">What is left of the source, in its minor units: zero or more.</param>
/// <param name="Mid">Target for one unit of the source, between buying and selling.</param>
/// <param name="SpreadBps">The spread in hundredths of a per cent.</param>
public sealed record FxConversion(Amount Source, Amount Credited, long Cost, long Spread, long Remainder, decimal Mid, int SpreadBps)
{
    private const int Whole = 10_000;

    /// <summary>The customer's rate before rounding: mid less spread.</summary>
    public decimal Rate => Mid / Whole * (Whole - SpreadBps);

    /// <summary>Converts an amount.</summary>
    /// <param name="source">What the customer gives.</param>
    /// <param name="to">Another currency.</param>
    /// <param name="mid">Target for one unit of the source; above zero.</param>
    /// <param name="spreadBps">0 to 5,000.</param>
    /// <exception cref="Platform.Refusal"><c>same_currency</c>, <c>amount_out_of_range</c> (of either amount), <c>amount_too_small</c></exception>
    public static FxConversion Of(Amount source, Currency to, decimal mid, int spreadBps)
    {
        CheckSource(source, to);
        var (numerator, denominator) = Ratio(source.Currency, to, mid, spreadBps);
        var credited = source.Minor * numerator * (Whole - spreadBps) / (denominator * Whole);
        if (credited > Amount.MaxMinor)
        {
            throw LedgerRefusals.AmountOutOfRange.With($"It would come to more than {new Amount(Amount.MaxMinor, to)}.");
        }

        if (credited.IsZero)
        {
            throw FxRefusals.AmountTooSmall.With();
        }

        // credited / m <= source - source * s, so its ceiling is at most source - floor(source * s): the remainder is never negative.
        var cost = Rounding.Up(credited * denominator, numerator);
        var spread = Rounding.Down((BigInteger)source.Minor * spreadBps, Whole);
        return new FxConversion(source, new Amount((long)credited, to), cost, spread, source.Minor - cost - spread, mid, spreadBps);
    }

    /// <summary>Converts the smallest amount that credits at least what is wanted; it may credit more where the source's minor unit is coarse.</summary>
    /// <param name="wanted">What the customer wants to get at least.</param>
    /// <param name="from">Another currency.</param>
    /// <param name="mid">Target for one unit of the source; above zero.</param>
    /// <param name="spreadBps">0 to 5,000.</param>
    /// <exception cref="Platform.Refusal"><c>same_currency</c>, <c>amount_out_of_range</c> (of either amount)</exception>
    public static FxConversion ForTarget(Amount wanted, Currency from, decimal mid, int spreadBps)
    {
        CheckSource(wanted, from);
        var (numerator, denominator) = Ratio(from, wanted.Currency, mid, spreadBps);
        var rate = numerator * (Whole - spreadBps);
        var source = ((wanted.Minor * denominator * Whole) + rate - 1) / rate;
        return source > Amount.MaxMinor
            ? throw LedgerRefusals.AmountOutOfRange.With($"It would cost more than {new Amount(Amount.MaxMinor, from)}.")
            : Of(new Amount((long)source, from), wanted.Currency, mid, spreadBps);
    }

    /// <summary>The same worth at a mid rate without spread, rounded half to even: for figures that favour nobody, such as a fee.</summary>
    internal static Amount AtMid(Amount source, Currency to, decimal mid)
    {
        var (numerator, denominator) = Ratio(source.Currency, to, mid, 0);
        var twice = 2 * source.Minor * numerator;
        var floor = source.Minor * numerator / denominator;
        var compared = (twice - (2 * floor * denominator)).CompareTo(denominator);
        var worth = compared > 0 || (compared == 0 && !floor.IsEven) ? floor + 1 : floor;
        return worth > Amount.MaxMinor ? throw LedgerRefusals.AmountOutOfRange.With() : new Amount((long)worth, to);
    }

    private static void CheckSource(Amount amount, Currency other)
    {
        if (amount.Currency == other)
        {
            throw FxRefusals.SameCurrency.With();
        }

        if (amount.Minor is < 1 or > Amount.MaxMinor)
        {
            throw LedgerRefusals.AmountOutOfRange.With();
        }
    }

    // Minor units of the target for one minor unit of the source, as an exact fraction: products of amount and rate are too long for a decimal.
    private static (BigInteger Numerator, BigInteger Denominator) Ratio(Currency from, Currency to, decimal mid, int spreadBps)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(mid);
        ArgumentOutOfRangeException.ThrowIfNegative(spreadBps);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(spreadBps, 5_000);
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(mid, bits);
        var digits = new BigInteger(new decimal(bits[0], bits[1], bits[2], isNegative: false, scale: 0));
        return (digits * to.MinorPerMajor, BigInteger.Pow(10, mid.Scale) * from.MinorPerMajor);
    }
}
