using System.Globalization;
using Florin.Money;

namespace Florin.Fx;

/// <summary>What one unit of a currency is worth in another, between buying and selling.</summary>
/// <param name="From">The currency of the unit.</param>
/// <param name="To">The currency of its worth.</param>
/// <param name="Mid">Units of <paramref name="To"/> for one unit of <paramref name="From"/>; above zero.</param>
/// <param name="FetchedAt">When the older of the rates behind it was fetched.</param>
/// <param name="Source">Who said so: the provider's host, or <c>fixed</c>.</param>
public sealed record Rate(Currency From, Currency To, decimal Mid, DateTimeOffset FetchedAt, string Source)
{
    /// <summary>The same worth in the other currency at the mid rate without spread, rounded half to even: for figures that favour nobody, such as a fee.</summary>
    /// <param name="amount">Of <see cref="From"/>, zero or more.</param>
    /// <exception cref="Platform.Refusal"><c>amount_out_of_range</c></exception>
    public Amount Worth(Amount amount) => From == To ? amount : FxConversion.AtMid(amount, To, Mid);

    /// <summary>A rate as a plain decimal for the wire: no exponent, no trailing zeros.</summary>
    public static string Show(decimal rate) => rate.ToString("0.############################", CultureInfo.InvariantCulture);

    // Cut, not rounded: there and back is then never more than one, and nobody gains by a circle of conversions.
    internal static decimal Cross(decimal fromPerBase, decimal toPerBase) => decimal.Round(toPerBase / fromPerBase, 18, MidpointRounding.ToZero);
}

/// <summary>All rates in use, against one base.</summary>
/// <param name="Rows">By the currency that one unit of the base is given in.</param>
internal sealed record RateTable(IReadOnlyDictionary<Currency, RateTable.Row> Rows)
{
    /// <summary>The currency that all kept rates are against.</summary>
    public static readonly Currency Base = Currency.Of("USD");

    /// <summary>The name of the fixed table as a source.</summary>
    public const string FixedSource = "fixed";

    // For the sandbox only: near what the market paid in 2025, chosen once.
    private static readonly Dictionary<Currency, decimal> Fixed = new()
    {
        [Base] = 1m,
        [Currency.Of("EUR")] = 0.92m,
        [Currency.Of("KZT")] = 510m,
        [Currency.Of("BDT")] = 120m,
        [Currency.Of("GBP")] = 0.79m,
        [Currency.Of("CHF")] = 0.88m,
        [Currency.Of("JPY")] = 150m,
        [Currency.Of("CNY")] = 7.2m,
        [Currency.Of("INR")] = 84m,
        [Currency.Of("PKR")] = 280m,
        [Currency.Of("RUB")] = 90m,
        [Currency.Of("TRY")] = 34m,
        [Currency.Of("UZS")] = 12_700m,
        [Currency.Of("KGS")] = 87m,
        [Currency.Of("AED")] = 3.6725m,
        [Currency.Of("SAR")] = 3.75m,
        [Currency.Of("KWD")] = 0.307m,
        [Currency.Of("BHD")] = 0.376m,
        [Currency.Of("CAD")] = 1.38m,
        [Currency.Of("AUD")] = 1.52m,
        [Currency.Of("SEK")] = 10.6m,
        [Currency.Of("NOK")] = 10.9m,
        [Currency.Of("DKK")] = 6.86m,
        [Currency.Of("PLN")] = 3.95m,
        [Currency.Of("SGD")] = 1.34m,
        [Currency.Of("HKD")] = 7.8m,
        [Currency.Of("KRW")] = 1_380m,
        [Currency.Of("MYR")] = 4.4m,
        [Currency.Of("THB")] = 34.5m,
        [Currency.Of("IDR")] = 15_800m,
        [Currency.Of("BRL")] = 5.6m,
        [Currency.Of("MXN")] = 19.5m,
        [Currency.Of("ZAR")] = 18m,
        [Currency.Of("NGN")] = 1_600m,
        [Currency.Of("KES")] = 129m,
    };

    /// <summary>The sandbox's fixed table: as if it had been fetched this moment.</summary>
    public static RateTable FixedAt(DateTimeOffset now) => new(Fixed.ToDictionary(pair => pair.Key, pair => new Row(pair.Value, now, FixedSource)));

    /// <summary>The rate between two currencies through the base, or null where one is unknown.</summary>
    public Rate? Find(Currency from, Currency to)
    {
        if (!Rows.TryGetValue(from, out var one) || !Rows.TryGetValue(to, out var other))
        {
            return null;
        }

        // A rate so extreme that nothing is left of it is as good as none.
        var mid = from == to ? 1m : Rate.Cross(one.PerBase, other.PerBase);
        return mid > 0 ? new Rate(from, to, mid, one.FetchedAt < other.FetchedAt ? one.FetchedAt : other.FetchedAt, one.Source) : null;
    }

    /// <summary>One rate in use.</summary>
    /// <param name="PerBase">Units for one unit of the base, 10^-12 to 10^12.</param>
    /// <param name="FetchedAt">When.</param>
    /// <param name="Source">By whom.</param>
    internal readonly record struct Row(decimal PerBase, DateTimeOffset FetchedAt, string Source);
}
