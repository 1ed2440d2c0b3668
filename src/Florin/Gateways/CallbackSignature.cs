using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Florin.Gateways;

/// <summary>
/// Stripe's way to sign a callback, which our own sandbox uses too: a header <c>t=&lt;unix seconds&gt;,v1=&lt;hex&gt;[,v1=…]</c> with the HMAC-SHA256
/// of <c>t + "." + raw body</c>.
/// </summary>
internal static class CallbackSignature
{
    /// <summary>How far the signed time may be from now, both ways.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(300);

    private const int MostSignatures = 16;

    /// <summary>The header of a body.</summary>
    public static string Sign(ReadOnlySpan<byte> body, byte[] secret, DateTimeOffset at)
    {
        var seconds = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"t={seconds},v1={Convert.ToHexStringLower(Digest(seconds, body, secret))}";
    }

    /// <summary>Whether one of the secrets signed this body, not long ago. Takes the same time wherever signatures differ.</summary>
    public static bool IsAuthentic(string? header, ReadOnlySpan<byte> body, IEnumerable<byte[]> secrets, DateTimeOffset now)
    {
        if (!TryRead(header, out var seconds, out var signatures))
        {
            return false;
        }

        var apart = (Int128)now.ToUnixTimeSeconds() - long.Parse(seconds, NumberStyles.None, CultureInfo.InvariantCulture);
        if (Int128.Abs(apart) > (long)Tolerance.TotalSeconds)
        {
            return false;
        }

        var authentic = false;
        foreach (var secret in secrets)
        {
            var expected = Digest(seconds, body, secret);
            foreach (var signature in signatures)
            {
                authentic |= CryptographicOperations.FixedTimeEquals(expected, signature);
            }
        }

        return authentic;
    }

    private static byte[] Digest(string seconds, ReadOnlySpan<byte> body, byte[] secret)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hmac.AppendData(Encoding.ASCII.GetBytes(seconds + "."));
        hmac.AppendData(body);
        return hmac.GetHashAndReset();
    }

    // One time; signatures of other schemes are left aside.
    private static bool TryRead(string? header, out string seconds, out List<byte[]> signatures)
    {
        seconds = "";
        signatures = [];
        foreach (var part in (header ?? "").Split(',', MostSignatures + 2))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (part.Trim(), "") : (part[..equals].Trim(), part[(equals + 1)..].Trim());
            if (name is "t")
            {
                if (seconds.Length > 0 || !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                {
                    return false;
                }

                seconds = value;
            }
            else if (name is "v1" && value.Length == 2 * SHA256.HashSizeInBytes && value.All(char.IsAsciiHexDigit))
            {
                signatures.Add(Convert.FromHexString(value));
            }
        }

        return seconds.Length > 0 && signatures.Count > 0;
    }
}
