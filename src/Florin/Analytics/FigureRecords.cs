using Florin.Files;
using Florin.Identity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Florin.Vouchers;

namespace Florin.Analytics;

/// <summary>Takings in one currency. <c>docs/metrics.md</c> says what each figure is.</summary>
/// <param name="Currency">The currency.</param>
/// <param name="Payments">How many payments were completed.</param>
/// <param name="Gross">What their payers paid.</param>
/// <param name="Fees">What the house took of them.</param>
/// <param name="Refunds">How many refunds were done.</param>
/// <param name="Refunded">What went back.</param>
public sealed record TakingsSum(Currency Currency, long Payments, Amount Gross, Amount Fees, long Refunds, Amount Refunded)
{
    /// <summary>What is left: gross less refunds and fees.</summary>
    public Amount Net => Gross with { Minor = Gross.Minor - Refunded.Minor - Fees.Minor };

    /// <summary>Gross over payments, to the nearest minor unit; zero where there were none.</summary>
    public Amount Average => Gross with { Minor = Payments == 0 ? 0 : Rounding.HalfEven((decimal)Gross.Minor / Payments) };

    internal static TakingsSum None(Currency currency)
    {
        var nothing = new Amount(0, currency);
        return new TakingsSum(currency, 0, nothing, nothing, 0, nothing);
    }
}

/// <summary>Takings of a stretch of time, and of the one before.</summary>
/// <param name="Name">The method or purpose; null for all.</param>
/// <param name="Now">Of the stretch.</param>
/// <param name="Before">Of the one before.</param>
public sealed record TakingsPair(string? Name, TakingsSum Now, TakingsSum Before);

/// <summary>Takings of an hour or day of UTC.</summary>
/// <param name="Start">When it began.</param>
/// <param name="Sum">What was taken.</param>
public sealed record TakingsAt(DateTimeOffset Start, TakingsSum Sum);

/// <summary>A shop's takings, over the days of UTC that the stretch touches.</summary>
/// <param name="Shop">The shop.</param>
/// <param name="Name">As on its newest payment.</param>
/// <param name="Sum">What it took.</param>
public sealed record ShopTakings(Guid Shop, string Name, TakingsSum Sum);

/// <summary>A count, and that of the stretch before.</summary>
public sealed record CountPair(string Name, long Now, long Before);

/// <summary>How payments fared that were made in a stretch of time.</summary>
/// <param name="Made">How many were made.</param>
/// <param name="Ended">Of these: no longer open.</param>
/// <param name="Succeeded">Of these: were paid, whatever went back later.</param>
/// <param name="MedianMs">Half of those completed in the stretch took at most so many milliseconds; off by less than 0.8 % and 1 ms. Null for none.</param>
/// <param name="P99Ms">99 of 100 did.</param>
public sealed record PaymentPace(long Made, long Ended, long Succeeded, long? MedianMs, long? P99Ms)
{
    /// <summary>Succeeded over ended, in hundredths of a per cent, halves to even; null where none ended.</summary>
    public int? SuccessBps => Ended == 0 ? null : (int)Rounding.HalfEven(10_000m * Succeeded / Ended);
}

/// <summary>Takings of a stretch of time.</summary>
/// <param name="Stretch">Which.</param>
/// <param name="Totals">For each currency.</param>
/// <param name="Methods">By method, for each currency.</param>
/// <param name="Purposes">By purpose, for each currency.</param>
/// <param name="Times">By hour or day, for each currency; those without anything are left out.</param>
/// <param name="VoucherTypes">What was sold of each type of voucher.</param>
/// <param name="Income">What the house earned, by the ledger.</param>
public sealed record Revenue(
    Stretch Stretch,
    IReadOnlyList<TakingsPair> Totals,
    IReadOnlyList<TakingsPair> Methods,
    IReadOnlyList<TakingsPair> Purposes,
    IReadOnlyList<TakingsAt> Times,
    IReadOnlyList<VoucherTypeSales> VoucherTypes,
    IReadOnlyList<HouseIncome> Income
);

/// <summary>How the house stands.</summary>
/// <param name="Revenue">Takings.</param>
/// <param name="States">Payments made in the stretch, by what they are now.</param>
/// <param name="Pace">How they fared.</param>
/// <param name="PaceBefore">How those of the stretch before fared.</param>
/// <param name="Shops">The shops that took most in each currency.</param>
/// <param name="People">People.</param>
/// <param name="Vouchers">Vouchers.</param>
/// <param name="Files">Files.</param>
public sealed record Dashboard(
    Revenue Revenue,
    IReadOnlyList<CountPair> States,
    PaymentPace Pace,
    PaymentPace PaceBefore,
    IReadOnlyList<ShopTakings> Shops,
    PeopleCounts People,
    VoucherCounts Vouchers,
    FileCounts Files
);
