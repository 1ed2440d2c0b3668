using System.Text;
using Florin.Identity;

namespace Florin.Tests.Identity;

/// <summary>The published vectors, and what our own check adds to them.</summary>
public sealed class TotpTests
{
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("12345678901234567890");

    [Theory] // RFC 4226 appendix D
    [InlineData(0, "755224")]
    [InlineData(1, "287082")]
    [InlineData(2, "359152")]
    [InlineData(3, "969429")]
    [InlineData(4, "338314")]
    [InlineData(5, "254676")]
    [InlineData(6, "287922")]
    [InlineData(7, "162583")]
    [InlineData(8, "399871")]
    [InlineData(9, "520489")]
    public void The_counter_codes_of_RFC_4226_come_out(long counter, string code) => Assert.Equal(code, Totp.Code(Secret, counter));

    [Theory] // RFC 6238 appendix B, SHA-1
    [InlineData(59, "94287082")]
    [InlineData(1111111109, "07081804")]
    [InlineData(1111111111, "14050471")]
    [InlineData(1234567890, "89005924")]
    [InlineData(2000000000, "69279037")]
    [InlineData(20000000000, "65353130")]
    public void The_time_codes_of_RFC_6238_come_out(long seconds, string code) =>
        Assert.Equal(code, Totp.Code(Secret, Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(seconds)), 8));

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void A_code_is_good_one_step_early_and_one_step_late(int steps, bool good)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1234567890);
        var step = Totp.StepAt(now) + steps;
        Assert.Equal(good ? step : null, Totp.MatchingStep(Secret, Totp.Code(Secret, step), now));
    }

    [Theory] // RFC 4648 §10, without padding
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Base32_is_that_of_RFC_4648(string plain, string encoded)
    {
        Assert.Equal(encoded, Base32.Encode(Encoding.ASCII.GetBytes(plain)));
        Assert.True(Base32.TryDecode(encoded.ToLowerInvariant() + "==", out var bytes));
        Assert.Equal(plain, Encoding.ASCII.GetString(bytes));
    }

    [Theory]
    [InlineData("M1")]
    [InlineData("MZX")] // no number of bytes has three letters
    [InlineData("MZ")] // padding bits that are not zero
    public void Base32_that_nothing_encodes_to_is_refused(string text) => Assert.False(Base32.TryDecode(text, out _));

    [Fact]
    public void An_app_reads_the_secret_from_the_address()
    {
        var address = new Uri(Totp.Address("a b+c@example.org", Secret));
        Assert.Equal("otpauth", address.Scheme);
        Assert.Equal("totp", address.Host);
        Assert.Equal("/Florin:a%20b%2Bc%40example.org", address.AbsolutePath);
        Assert.Equal($"?secret={Base32.Encode(Secret)}&issuer=Florin&algorithm=SHA1&digits=6&period=30", address.Query);
    }

    [Fact]
    public void Recovery_codes_are_ten_different_and_are_read_however_they_are_typed()
    {
        var codes = RecoveryCodes.New();
        Assert.Equal(10, codes.Distinct(StringComparer.Ordinal).Count());
        Assert.All(codes, code => Assert.True(RecoveryCodes.LooksLike(code.ToUpperInvariant().Replace("-", "", StringComparison.Ordinal))));
        Assert.False(RecoveryCodes.LooksLike("123456"));
    }
}
