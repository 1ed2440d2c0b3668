using System.Collections.Frozen;
using Florin.Money;

namespace Florin.Gateways.Stripe;

/// <summary>
/// Stripe counts some currencies in other units than ISO 4217 does (docs.stripe.com/currencies): the ariary in whole ones, the Icelandic króna
/// and the Ugandan shilling in hundredths that do not exist and must be 00. HUF and TWD are whole in payouts only: charges have two digits.
/// </summary>
internal static class StripeMoney
{
    private static readonly FrozenSet<string> Whole = Set("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF");
    private static readonly FrozenSet<string> WholeInHundredths = Set("ISK UGX");
    private static readonly FrozenSet<string> Thousandths = Set("BHD JOD KWD OMR TND");
    private static readonly FrozenSet<string> NotTaken = Set("CLF IQD LYD UYI UYW"); // Stripe says no unit for them

    /// <summary>Whether this amount can be said in Stripe's units.</summary>
    public static bool Takes(Amount amount) => TryWrite(amount, out _);

    /// <summary>The minor units that every amount must be a multiple of: amounts in thousandths end in 0, ariary are whole.</summary>
    public static long StepOf(Currency currency) => Thousandths.Contains(currency.Code) ? 10 : Ratio(currency).Denominator;

    /// <summary>An amount in Stripe's units. Not every one can be said: see <see cref="StepOf"/>.</summary>
    public static bool TryWrite(Amount amount, out long units)
    {
        units = 0;
        var (numerator, denominator) = Ratio(amount.Currency);
        if (NotTaken.Contains(amount.Currency.Code) || amount.Minor is <= 0 or > Amount.MaxMinor || amount.Minor % StepOf(amount.Currency) != 0)
        {
            return false;
        }

        units = amount.Minor / denominator * numerator;
        return true;
    }

    /// <summary>An amount that Stripe says. Its currency stands in lower case.</summary>
    public static bool TryRead(long units, string? currency, out Amount amount)
    {
        amount = default;
        if (currency is null || !Currency.TryParse(currency.ToUpperInvariant(), out var known) || NotTaken.Contains(known.Code) || units < 0)
        {
            return false;
        }

        var (numerator, denominator) = Ratio(known);
        if (units % numerator != 0 || units / numerator > Amount.MaxMinor / denominator)
        {
            return false;
        }

        amount = new Amount(units / numerator * denominator, known);
        return true;
    }

    // Stripe's units = our minor units * numerator / denominator.
    private static (long Numerator, long Denominator) Ratio(Currency currency)
    {
        var digits =
            Whole.Contains(currency.Code) ? 0
            : WholeInHundredths.Contains(currency.Code) ? 2
            : Thousandths.Contains(currency.Code) ? 3
            : 2;
        long numerator = 1;
        long denominator = 1;
        for (var i = currency.Digits; i < digits; i++)
        {
            numerator *= 10;
        }

        for (var i = digits; i < currency.Digits; i++)
        {
            denominator *= 10;
        }

        return (numerator, denominator);
    }

    private static FrozenSet<string> Set(string codes) => codes.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
