using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Florin.Identity;

/// <summary>One-time codes from the time: RFC 6238 with SHA-1, 6 digits and steps of 30 s, which is what every authenticator app speaks.</summary>
internal static class Totp
{
    /// <summary>Length of a new secret: 160 bits, as RFC 4226 §4 recommends.</summary>
    public const int SecretBytes = 20;

    /// <summary>Length of a code.</summary>
    public const int Digits = 6;

    private const int StepSeconds = 30;
    private const int Drift = 1; // steps that the phone's clock may be early or late

    /// <summary>A fresh secret.</summary>
    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretBytes);

    /// <summary>The step that a moment lies in.</summary>
    public static long StepAt(DateTimeOffset time) => time.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>The code of a counter (RFC 4226 §5.3).</summary>
    /// <param name="secret">The shared secret.</param>
    /// <param name="counter">The step.</param>
    /// <param name="digits">6 to 8.</param>
    public static string Code(ReadOnlySpan<byte> secret, long counter, int digits = Digits)
    {
        Span<byte> moving = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(moving, counter);
        Span<byte> hash = stackalloc byte[20];
#pragma warning disable CA5350 // RFC 6238 as apps implement it; HMAC-SHA-1 is not broken by collisions of SHA-1
        HMACSHA1.HashData(secret, moving, hash);
#pragma warning restore CA5350
        var truncated = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[19] & 0x0f)..]) & int.MaxValue;
        var modulus = digits switch
        {
            6 => 1_000_000,
            7 => 10_000_000,
            8 => 100_000_000,
            _ => throw new ArgumentOutOfRangeException(nameof(digits)),
        };
        return (truncated % modulus).ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');
    }

    /// <summary>The step that the code belongs to, among the present one and its neighbours; null where it is none of theirs.</summary>
    public static long? MatchingStep(ReadOnlySpan<byte> secret, string code, DateTimeOffset now)
    {
        long? match = null;
        var step = StepAt(now);
        for (var candidate = step - Drift; candidate <= step + Drift; candidate++)
        {
            // All three are always computed, so that the time tells nothing. The newest match wins: it burns the older ones.
            if (CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(Code(secret, candidate)), System.Text.Encoding.UTF8.GetBytes(code)))
            {
                match = candidate;
            }
        }

        return match;
    }

    /// <summary>The <c>otpauth</c> address that apps read from a QR image.</summary>
    /// <param name="account">The sign-in name that the app shows.</param>
    /// <param name="secret">The shared secret.</param>
    public static string Address(string account, ReadOnlySpan<byte> secret) =>
        $"otpauth://totp/Florin:{Uri.EscapeDataString(account)}?secret={Base32.Encode(secret)}&issuer=Florin&algorithm=SHA1&digits={Digits}&period={StepSeconds}";
}
