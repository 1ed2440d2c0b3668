using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Florin.Identity;

/// <summary>Base32 of RFC 4648 §6 without padding, as authenticator apps read secrets.</summary>
internal static class Base32
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder((bytes.Length * 8 / 5) + 1);
        int pending = 0,
            bits = 0;
        foreach (var value in bytes)
        {
            pending = ((pending & 0x1f) << 8) | value;
            bits += 8;
            while (bits >= 5)
            {
                bits -= 5;
                text.Append(Alphabet[(pending >> bits) & 0x1f]);
            }
        }

        if (bits > 0)
        {
            text.Append(Alphabet[(pending << (5 - bits)) & 0x1f]);
        }

        return text.ToString();
    }

    /// <summary>Reads capital or small letters, with or without padding.</summary>
    public static bool TryDecode(string text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        var letters = text.AsSpan().TrimEnd('=');
        var decoded = new byte[letters.Length * 5 / 8];
        int pending = 0,
            bits = 0,
            count = 0;
        foreach (var letter in letters)
        {
            var value = Alphabet.IndexOf(char.ToUpperInvariant(letter), StringComparison.Ordinal);
            if (value < 0)
            {
                return false;
            }

            pending = ((pending & 0xff) << 5) | value;
            bits += 5;
            if (bits >= 8)
            {
                bits -= 8;
                decoded[count++] = (byte)(pending >> bits);
            }
        }

        // What is left over must be padding bits: fewer than a letter, and zero.
        if (bits >= 5 || (pending & ((1 << bits) - 1)) != 0)
        {
            return false;
        }

        bytes = decoded;
        return true;
    }
}
