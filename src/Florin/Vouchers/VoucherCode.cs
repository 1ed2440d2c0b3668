using System.Security.Cryptography;

namespace Florin.Vouchers;

/// <summary>What stands on a voucher: 12 characters that nobody mistakes for another, about 59 random bits.</summary>
internal static class VoucherCode
{
    /// <summary>Digits and capitals without 0, 1, I, L and O.</summary>
    public const string Alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

    /// <summary>How many characters.</summary>
    public const int Length = 12;

    /// <summary>How many codes are drawn for one voucher, of which it takes the first that no other has.</summary>
    public const int Candidates = 4;

    /// <summary>Draws codes for so many vouchers, all different, those of one voucher after another.</summary>
    public static string[] Draw(int vouchers)
    {
        var drawn = new HashSet<string>(StringComparer.Ordinal);
        while (drawn.Count < vouchers * Candidates)
        {
            drawn.Add(RandomNumberGenerator.GetString(Alphabet, Length));
        }

        return [.. drawn];
    }

    /// <summary>Whether it is a code: one of ours, or an imported one, which may have any digit or capital.</summary>
    public static bool IsCode(string text) => text.Length == Length && text.All(c => char.IsAsciiDigit(c) || char.IsAsciiLetterUpper(c));

    /// <summary>A code as somebody typed it: blanks and dashes go, small letters count as capitals; null where it is none.</summary>
    public static string? Read(string? typed)
    {
        var code = new string([.. (typed ?? "").Where(c => !char.IsWhiteSpace(c) && c is not '-').Take(Length + 1)]).ToUpperInvariant();
        return IsCode(code) ? code : null;
    }

    /// <summary>In three groups, for people.</summary>
    public static string Show(string code) => $"{code[..4]}-{code[4..8]}-{code[8..]}";
}
