using Florin.Gateways.Stripe;
using Florin.Money;

namespace Florin.Tests.Gateways;

public sealed class StripeMoneyTests
{
    // docs.stripe.com/currencies
    [Theory]
    [InlineData("12.34", "USD", 1234)]
    [InlineData("0.01", "EUR", 1)]
    [InlineData("500", "JPY", 500)]
    [InlineData("500", "KRW", 500)]
    [InlineData("500", "VND", 500)]
    [InlineData("500", "XOF", 500)]
    [InlineData("5.120", "KWD", 5120)]
    [InlineData("1.000", "BHD", 1000)]
    [InlineData("5", "ISK", 500)]
    [InlineData("5", "UGX", 500)]
    [InlineData("10.45", "HUF", 1045)]
    [InlineData("800.45", "TWD", 80045)]
    [InlineData("12.00", "MGA", 12)]
    [InlineData("9999999999999.99", "USD", 999_999_999_999_999)]
    [InlineData("1000000000000000", "UGX", 100_000_000_000_000_000)]
    public void Amounts_are_said_in_stripe_s_units_and_read_back(string amount, string currency, long units)
    {
        var money = GatewayRig.Money(amount, currency);
        Assert.True(StripeMoney.TryWrite(money, out var written));
        Assert.Equal(units, written);
        Assert.True(StripeMoney.TryRead(units, currency.ToLowerInvariant(), out var read));
        Assert.Equal(money, read);
    }

    [Theory]
    [InlineData("5.124", "KWD")] // thousandths must end in 0
    [InlineData("12.20", "MGA")] // ariary are whole
    [InlineData("1.0000", "CLF")] // no unit is documented
    [InlineData("1.000", "IQD")]
    [InlineData("0.00", "USD")]
    public void What_stripe_cannot_say_is_not_written(string amount, string currency) =>
        Assert.False(StripeMoney.TryWrite(GatewayRig.Money(amount, currency), out _));

    // Stripe's lists as they stood in November 2026; every other currency has two digits there.
    [Theory]
    [InlineData("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF", 1)]
    [InlineData("ISK UGX USD EUR KZT BDT HUF TWD IDR COP CRC LAK", 100)]
    [InlineData("BHD JOD KWD OMR TND", 1000)]
    public void One_of_a_currency_is_so_many_of_stripe_s_units(string currencies, long units)
    {
        foreach (var currency in currencies.Split(' ').Select(Currency.Of))
        {
            Assert.True(StripeMoney.TryWrite(new Amount(currency.MinorPerMajor, currency), out var written));
            Assert.Equal((currency, units), (currency, written));
            Assert.Equal(0, currency.MinorPerMajor % StripeMoney.StepOf(currency));
            Assert.Equal(StripeMoney.StepOf(currency) == 1, StripeMoney.Takes(new Amount(1, currency)));
        }
    }

    [Theory]
    [InlineData(501, "isk")] // hundredths that do not exist
    [InlineData(1, "clf")]
    [InlineData(1, "xxx")]
    [InlineData(1, null)]
    [InlineData(-1, "usd")]
    [InlineData(10_000_000_000_001, "mga")] // more than the largest amount
    [InlineData(100_000_000_000_000_000, "mga")]
    [InlineData(1_000_000_000_000_001, "jpy")]
    [InlineData(long.MaxValue, "usd")]
    public void What_is_no_amount_of_ours_is_not_read(long units, string? currency) => Assert.False(StripeMoney.TryRead(units, currency, out _));
}
