using System.Globalization;
using System.Text;
using Florin.Qr;
using FsCheck;
using FsCheck.Fluent;

namespace Florin.Tests.Qr;

public sealed class EmvCodeTests
{
    // EMV QR Code Specification for Payment Systems, Merchant-Presented Mode: the sample of its annex.
    private const string Sample =
        "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输"
        + "0202北京540523.7253031565502016233030412340603***0708A60086670902ME91320016A0112233449988770708123456786304A13A";

    [Fact]
    public void The_published_sample_is_read_and_written_again_to_the_last_character()
    {
        Assert.True(EmvCode.TryRead(Sample, out var fields));
        Assert.Equal("BEST TRANSPORT", fields.Value(EmvCode.MerchantName));
        Assert.Equal("156", fields.Value(EmvCode.Currency));
        Assert.Equal("23.72", fields.Value(EmvCode.Amount));
        Assert.Equal("0002ZH0104最佳运输0202北京", fields.Value("64"));
        Assert.True(EmvCode.TryReadTemplate(fields.Value(EmvCode.AdditionalData)!, out var additional));
        Assert.Equal("A6008667", additional.Value("07"));
        Assert.Equal(Sample, EmvCode.Write(fields));
    }

    [Fact]
    public void A_code_of_which_any_character_was_changed_is_not_read()
    {
        for (var at = 0; at < Sample.Length; at++)
        {
            var changed = new StringBuilder(Sample) { [at] = Sample[at] is '7' ? '8' : '7' }.ToString();
            Assert.False(EmvCode.TryRead(changed, out _), string.Create(CultureInfo.InvariantCulture, $"character {at}"));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("6304FFFF")]
    [InlineData("hello")]
    [InlineData("00020163041D3D0")]
    public void What_is_no_code_is_not_read(string text) => Assert.False(EmvCode.TryRead(text, out _));

    [Fact]
    public void Whatever_is_written_is_read_again()
    {
        var value = Gen.Elements("aZ09 ./+-*最".ToCharArray()).NonEmptyListOf().Select(chars => new string([.. chars.Take(99)]));
        var field = Gen.Choose(2, 62).SelectMany(id => value.Select(text => new EmvField(id.ToString("00", CultureInfo.InvariantCulture), text)));
        Prop.ForAll(
                field.ListOf().ToArbitrary(),
                drawn =>
                {
                    List<EmvField> fields = [new(EmvCode.Format, "01"), .. drawn];
                    return EmvCode.TryRead(EmvCode.Write(fields), out var read) && read.SequenceEqual(fields);
                }
            )
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Every_currency_has_a_number_of_its_own()
    {
        Assert.Equal("398", Florin.Money.Currency.Of("KZT").Number);
        Assert.Equal("840", Florin.Money.Currency.Of("USD").Number);
        Assert.Equal("978", Florin.Money.Currency.Of("EUR").Number);
        Assert.Equal("050", Florin.Money.Currency.Of("BDT").Number);
        var numbers = CultureInfo
            .GetCultures(CultureTypes.SpecificCultures)
            .Select(culture => new RegionInfo(culture.Name).ISOCurrencySymbol)
            .Where(code => Florin.Money.Currency.TryParse(code, out _))
            .Distinct(StringComparer.Ordinal)
            .Select(code => Florin.Money.Currency.Of(code).Number)
            .ToList();
        Assert.True(numbers.Count > 50, $"only {numbers.Count}");
        Assert.All(numbers, number => Assert.Matches("^[0-9]{3}$", number));
        Assert.Equal(numbers.Count, numbers.Distinct(StringComparer.Ordinal).Count());
    }
}
