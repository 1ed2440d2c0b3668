using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Florin.Identity;

/// <summary>
/// Password hashes as Django keeps them, <c>pbkdf2_sha256$iterations$salt$hash</c> (django.contrib.auth.hashers): PBKDF2-HMAC-SHA-256 over the UTF-8 of
/// password and salt. Imported people sign in by them once; then the password is hashed anew.
/// </summary>
public static class DjangoPasswords
{
    /// <summary>More rounds than this are nobody's, and would be work for a stranger to cause. Django 5.2 has 1,000,000.</summary>
    public const int MostIterations = 5_000_000;

    private const string Algorithm = "pbkdf2_sha256";
    private const int HashLength = 32;

    /// <summary>Whether this is such a hash, whole and of bearable cost.</summary>
    public static bool IsHash([NotNullWhen(true)] string? hash) => TryRead(hash, out _, out _, out _);

    /// <summary>Whether the hash is of this password. Django takes a password's characters as they are.</summary>
    internal static bool Matches(string hash, string password)
    {
        if (!TryRead(hash, out var iterations, out var salt, out var expected) || password.Length > 4096) // Django's own limit
        {
            return false;
        }

        var computed = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, HashLength);
        return CryptographicOperations.FixedTimeEquals(computed, expected);
    }

    private static bool TryRead(string? hash, out int iterations, out byte[] salt, out byte[] expected)
    {
        (iterations, salt, expected) = (0, [], new byte[HashLength]);
        if (
            hash is null
            || !hash.StartsWith(Algorithm + "$", StringComparison.Ordinal)
            || hash.Split('$') is not [_, var rounds, { Length: > 0 } text, var digest]
        )
        {
            return false;
        }

        salt = Encoding.UTF8.GetBytes(text);
        return int.TryParse(rounds, NumberStyles.None, CultureInfo.InvariantCulture, out iterations)
            && iterations is > 0 and <= MostIterations
            && Convert.TryFromBase64String(digest, expected, out var length)
            && length == HashLength;
    }
}
