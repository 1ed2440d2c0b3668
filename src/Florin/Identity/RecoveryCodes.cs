using System.Security.Cryptography;
using Florin.Platform;

namespace Florin.Identity;

/// <summary>Ten codes that stand in for a lost authenticator, each once: <c>xxxxx-xxxxx</c>, 50 random bits.</summary>
internal static class RecoveryCodes
{
    public const int Count = 10;
    private const int Letters = 10;
    private const string Alphabet = "abcdefghjkmnpqrstuvwxyz023456789"; // 32 letters that are not mistaken for each other

    /// <summary>Fresh codes, as they are shown once.</summary>
    public static IReadOnlyList<string> New() =>
        [
            .. Enumerable
                .Range(0, Count)
                .Select(_ => RandomNumberGenerator.GetString(Alphabet, Letters))
                .Select(code => string.Concat(code.AsSpan(0, Letters / 2), "-", code.AsSpan(Letters / 2))),
        ];

    /// <summary>What is stored: a keyed hash, bound to the person, so that the table alone gives nothing to guess at.</summary>
    public static string Hash(Secrets secrets, Guid person, string code) => Hashes(secrets, person, code)[0];

    /// <summary>What may be stored of it: made by the secret of now, or by the former one while there is one.</summary>
    public static string[] Hashes(Secrets secrets, Guid person, string code) =>
        [
            .. secrets
                .Keys("recovery-code")
                .Select(key => Convert.ToHexStringLower(HMACSHA256.HashData(key, System.Text.Encoding.UTF8.GetBytes($"{person:N} {Plain(code)}")))),
        ];

    /// <summary>Whether the text can be a recovery code, dashes and case aside.</summary>
    public static bool LooksLike(string code) => Plain(code) is { Length: Letters } plain && plain.All(Alphabet.Contains);

    private static string Plain(string code) => code.Replace("-", "", StringComparison.Ordinal).Trim().ToLowerInvariant();
}
