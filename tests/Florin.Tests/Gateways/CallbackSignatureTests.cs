using System.Text;
using Florin.Bench;
using Florin.Gateways;

namespace Florin.Tests.Gateways;

public sealed class CallbackSignatureTests
{
    // HMAC-SHA256 of "1492774577.{\"id\":1}" with the secret "whsec_test", from: openssl dgst -sha256 -hmac whsec_test
    private const string Known = "b164f0bdace395b683022343e6a251eaf36f4381d672f92874dcc6cb562c96ad";
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1_492_774_577);
    private static readonly byte[] Body = """{"id":1}"""u8.ToArray();
    private static readonly byte[] Secret = Encoding.UTF8.GetBytes("whsec_test");

    [Fact]
    public void A_known_vector_is_authentic()
    {
        Assert.True(Check($"t=1492774577,v1={Known}"));
        Assert.Equal($"t=1492774577,v1={Known}", CallbackSignature.Sign(Body, Secret, At));
    }

    [Fact]
    public void The_test_s_own_signature_agrees() => Assert.Equal(StripeServer.Sign(Body, At, "whsec_test"), CallbackSignature.Sign(Body, Secret, At));

    [Theory]
    [InlineData("t=1492774577,v0=abc,v1=" + Known)] // another scheme beside it
    [InlineData("t=1492774577,v1=0000000000000000000000000000000000000000000000000000000000000000,v1=" + Known)] // while secrets are rotated
    [InlineData("v1=" + Known + ", t=1492774577")]
    public void One_right_signature_is_enough(string header) => Assert.True(Check(header));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("t=1492774577")]
    [InlineData("v1=" + Known)]
    [InlineData("t=1492774578,v1=" + Known)] // another time
    [InlineData("t=1492774577,t=1492774577,v1=" + Known)]
    [InlineData("t=-1,v1=" + Known)]
    [InlineData("t=99999999999999999999,v1=" + Known)]
    [InlineData("t=9223372036854775807,v1=" + Known)]
    [InlineData("t=1492774577,v0=" + Known)]
    [InlineData("t=1492774577,v1=0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("t=1492774577,v1=zz")]
    public void A_wrong_header_is_not_authentic(string? header) => Assert.False(Check(header));

    [Theory]
    [InlineData(300, true)]
    [InlineData(301, false)]
    [InlineData(-300, true)]
    [InlineData(-301, false)]
    public void Five_minutes_are_tolerated_both_ways(int seconds, bool authentic) =>
        Assert.Equal(authentic, CallbackSignature.IsAuthentic($"t=1492774577,v1={Known}", Body, [Secret], At.AddSeconds(seconds)));

    [Fact]
    public void Another_body_or_secret_is_not_authentic()
    {
        Assert.False(CallbackSignature.IsAuthentic($"t=1492774577,v1={Known}", Body.AsSpan(0, Body.Length - 1), [Secret], At));
        Assert.False(CallbackSignature.IsAuthentic($"t=1492774577,v1={Known}", Body, [Encoding.UTF8.GetBytes("another")], At));
        Assert.False(CallbackSignature.IsAuthentic($"t=1492774577,v1={Known}", Body, [], At));
        Assert.True(CallbackSignature.IsAuthentic($"t=1492774577,v1={Known}", Body, [Encoding.UTF8.GetBytes("another"), Secret], At));
    }

    private static bool Check(string? header) => CallbackSignature.IsAuthentic(header, Body, [Secret], At);
}
