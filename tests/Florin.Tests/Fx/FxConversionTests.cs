using System.Numerics;
using Florin.Fx;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using FsCheck;
using FsCheck.Fluent;

namespace Florin.Tests.Fx;

public sealed class FxConversionTests
{
    private static readonly Currency[] Currencies = [.. new[] { "USD", "KZT", "JPY", "KWD", "CLF", "EUR" }.Select(Currency.Of)];

    // Evenly over the number of digits, so that tiny amounts and rates are as likely as huge ones.
    private static readonly Gen<long> Minor =
        from digits in Gen.Choose(0, 15)
        from high in Gen.Choose(0, int.MaxValue)
        from low in Gen.Choose(0, int.MaxValue)
        select (long)((((UInt128)high << 31) + (UInt128)low) % (UInt128)BigInteger.Pow(10, digits)) + 1;

    private static readonly Gen<decimal> PerBase =
        from digits in Minor
        from scale in Gen.Choose(0, 12)
        select new decimal(digits) / (decimal)BigInteger.Pow(10, scale);

    private static readonly Gen<int> Spread = Gen.OneOf(Gen.Elements(0, 1, 100, 5_000), Gen.Choose(0, 5_000));

    private static readonly Gen<Case> Cases =
        from amount in Minor
        from first in Gen.Choose(0, Currencies.Length - 1)
        from step in Gen.Choose(1, Currencies.Length - 1)
        from one in PerBase
        from other in PerBase
        from third in PerBase
        from spread in Spread
        select new Case(amount, Currencies[first], Currencies[(first + step) % Currencies.Length], one, other, third, spread);

    [Fact]
    public void The_parts_add_up_to_the_source_and_none_is_negative()
    {
        var converted = 0;
        ForAll(c =>
        {
            if (Convert(c.Amount, c.From, c.To, c.There, c.SpreadBps) is not { } conversion)
            {
                return;
            }

            converted++;
            Assert.Equal(c.Amount, checked(conversion.Cost + conversion.Spread + conversion.Remainder));
            Assert.True(conversion is { Cost: > 0, Spread: >= 0, Remainder: >= 0, Credited.Minor: > 0 and <= Amount.MaxMinor }, conversion.ToString());
        });
        Assert.True(converted > 2_000, $"only {converted} cases could be converted");
    }

    [Fact]
    public void The_position_never_pays_more_than_it_takes_is_worth()
    {
        ForAll(c =>
        {
            if (Convert(c.Amount, c.From, c.To, c.There, c.SpreadBps) is { } conversion)
            {
                Assert.True(
                    new BigInteger(conversion.Credited.Minor) * Scale(c.There) * c.From.MinorPerMajor
                        <= new BigInteger(conversion.Cost) * Digits(c.There) * c.To.MinorPerMajor,
                    conversion.ToString()
                );
            }
        });
    }

    [Fact]
    public void There_and_back_is_never_a_profit()
    {
        var cycles = 0;
        ForAll(c =>
        {
            if (
                Convert(c.Amount, c.From, c.To, c.There, c.SpreadBps) is { } there
                && Convert(there.Credited.Minor, c.To, c.From, c.Back, c.SpreadBps) is { } back
            )
            {
                cycles++;
                Assert.True(back.Credited.Minor <= c.Amount, $"{c}: {there} {back}");
            }
        });
        Assert.True(cycles > 1_000, $"only {cycles} cycles");
    }

    [Fact]
    public void A_circle_through_three_currencies_is_never_a_profit()
    {
        var third = Currency.Of("UYW");
        var circles = 0;
        ForAll(c =>
        {
            if (
                Convert(c.Amount, c.From, c.To, c.There, c.SpreadBps) is { } one
                && Convert(one.Credited.Minor, c.To, third, Rate.Cross(c.ToPerBase, c.ThirdPerBase), c.SpreadBps) is { } two
                && Convert(two.Credited.Minor, third, c.From, Rate.Cross(c.ThirdPerBase, c.FromPerBase), c.SpreadBps) is { } three
            )
            {
                circles++;
                Assert.True(three.Credited.Minor <= c.Amount, $"{c}: {one} {two} {three}");
            }
        });
        Assert.True(circles > 1_000, $"only {circles} circles");
    }

    [Fact]
    public void More_is_never_converted_to_less()
    {
        ForAll(c =>
        {
            var more = Convert(Math.Min(c.Amount + 1, Amount.MaxMinor), c.From, c.To, c.There, c.SpreadBps);
            var twice = Convert(Math.Min(c.Amount * 2, Amount.MaxMinor), c.From, c.To, c.There, c.SpreadBps);
            if (Convert(c.Amount, c.From, c.To, c.There, c.SpreadBps) is { } one)
            {
                Assert.True(more is null || more.Credited.Minor >= one.Credited.Minor);
                Assert.True(twice is null || twice.Credited.Minor >= one.Credited.Minor);
            }
        });
    }

    [Fact]
    public void What_is_wanted_costs_the_smallest_amount_that_credits_it()
    {
        var found = 0;
        ForAll(c =>
        {
            if (c.There == 0 || Refused(() => FxConversion.ForTarget(new Amount(c.Amount, c.To), c.From, c.There, c.SpreadBps)) is not { } conversion)
            {
                return;
            }

            found++;
            Assert.True(conversion.Credited.Minor >= c.Amount, conversion.ToString());
            var less = conversion.Source.Minor > 1 ? Convert(conversion.Source.Minor - 1, c.From, c.To, c.There, c.SpreadBps) : null;
            Assert.True(less is null || less.Credited.Minor < c.Amount, $"{conversion} {less}");
        });
        Assert.True(found > 2_000, $"only {found} cases");
    }

    [Theory]
    [InlineData("100.00", "USD", "KZT", "510", 100, "50490.00", "99.00", "1.00", "0.00")]
    [InlineData("1.00", "USD", "JPY", "150", 100, "148", "0.99", "0.01", "0.00")]
    [InlineData("0.02", "USD", "JPY", "150", 100, "2", "0.02", "0.00", "0.00")]
    [InlineData("10", "JPY", "KWD", "0.002046666666666666", 0, "0.020", "10", "0", "0")]
    [InlineData("100.00", "KZT", "USD", "0.001960784313725490", 100, "0.19", "96.91", "1.00", "2.09")]
    public void Examples_worked_by_hand(
        string amount,
        string from,
        string to,
        string mid,
        int spreadBps,
        string credited,
        string cost,
        string spread,
        string remainder
    )
    {
        var conversion = FxConversion.Of(Of(amount, from), Currency.Of(to), decimal.Parse(mid, System.Globalization.CultureInfo.InvariantCulture), spreadBps);
        Assert.Equal(Of(credited, to), conversion.Credited);
        Assert.Equal((Of(cost, from).Minor, Of(spread, from).Minor, Of(remainder, from).Minor), (conversion.Cost, conversion.Spread, conversion.Remainder));
    }

    [Fact]
    public void Three_tenge_are_too_little_for_a_cent()
    {
        // The replaced wallet credited 0.01 USD, worth 5 KZT, for 3 KZT; again and again.
        var refusal = Assert.Throws<Refusal>(() => FxConversion.Of(Of("3.00", "KZT"), Currency.Of("USD"), Rate.Cross(510m, 1m), 0));
        Assert.Same(FxRefusals.AmountTooSmall, refusal.Reason);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(Amount.MaxMinor + 1)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Amounts_out_of_range_are_refused(long minor)
    {
        Assert.Same(
            LedgerRefusals.AmountOutOfRange,
            Assert.Throws<Refusal>(() => FxConversion.Of(new Amount(minor, Currency.Of("USD")), Currency.Of("KZT"), 510m, 100)).Reason
        );
        Assert.Same(
            LedgerRefusals.AmountOutOfRange,
            Assert.Throws<Refusal>(() => FxConversion.ForTarget(new Amount(minor, Currency.Of("USD")), Currency.Of("KZT"), 510m, 100)).Reason
        );
    }

    [Fact]
    public void Results_out_of_range_are_refused()
    {
        var most = new Amount(Amount.MaxMinor, Currency.Of("USD"));
        Assert.Same(LedgerRefusals.AmountOutOfRange, Assert.Throws<Refusal>(() => FxConversion.Of(most, Currency.Of("KZT"), 510m, 100)).Reason);
        Assert.Same(LedgerRefusals.AmountOutOfRange, Assert.Throws<Refusal>(() => FxConversion.ForTarget(most, Currency.Of("KZT"), 0.001m, 100)).Reason);
        Assert.Same(LedgerRefusals.AmountOutOfRange, Assert.Throws<Refusal>(() => FxConversion.Of(most, Currency.Of("CLF"), decimal.MaxValue, 0)).Reason);
    }

    [Fact]
    public void One_currency_is_not_converted_into_itself()
    {
        Assert.Same(FxRefusals.SameCurrency, Assert.Throws<Refusal>(() => FxConversion.Of(Of("1.00", "USD"), Currency.Of("USD"), 1m, 0)).Reason);
    }

    [Theory]
    [InlineData("200.00", "KZT", "USD", "0.001960784313725490", "0.39")]
    [InlineData("0.05", "USD", "JPY", "150", "8")] // 7.5: halves to even
    [InlineData("0.03", "USD", "JPY", "150", "4")] // 4.5
    public void A_fee_in_another_currency_is_rounded_half_to_even(string amount, string from, string to, string mid, string worth)
    {
        var rate = new Rate(
            Currency.Of(from),
            Currency.Of(to),
            decimal.Parse(mid, System.Globalization.CultureInfo.InvariantCulture),
            DateTimeOffset.UnixEpoch,
            "test"
        );
        Assert.Equal(Of(worth, to), rate.Worth(Of(amount, from)));
    }

    private static void ForAll(Action<Case> body) => Check.One(Config.QuickThrowOnFailure.WithMaxTest(10_000), Prop.ForAll(Cases.ToArbitrary(), body));

    private static FxConversion? Convert(long minor, Currency from, Currency to, decimal mid, int spreadBps) =>
        mid == 0 ? null : Refused(() => FxConversion.Of(new Amount(minor, from), to, mid, spreadBps));

    // Anything but these two refusals fails the test.
    private static FxConversion? Refused(Func<FxConversion> convert)
    {
        try
        {
            return convert();
        }
        catch (Refusal refusal) when (refusal.Reason == FxRefusals.AmountTooSmall || refusal.Reason == LedgerRefusals.AmountOutOfRange)
        {
            return null;
        }
    }

    private static Amount Of(string text, string code)
    {
        Assert.True(Amount.TryParse(text, Currency.Of(code), out var amount));
        return amount;
    }

    private static BigInteger Scale(decimal value) => BigInteger.Pow(10, value.Scale);

    private static BigInteger Digits(decimal value)
    {
        var bits = decimal.GetBits(value);
        return new BigInteger(new decimal(bits[0], bits[1], bits[2], false, 0));
    }

    private sealed record Case(long Amount, Currency From, Currency To, decimal FromPerBase, decimal ToPerBase, decimal ThirdPerBase, int SpreadBps)
    {
        public decimal There => Rate.Cross(FromPerBase, ToPerBase);

        public decimal Back => Rate.Cross(ToPerBase, FromPerBase);
    }
}
