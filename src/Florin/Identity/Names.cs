using System.Text;
using Florin.Platform;

namespace Florin.Identity;

/// <summary>Text that people give about themselves.</summary>
public static class Names
{
    /// <summary>The longest first or last name.</summary>
    public const int MostOfAName = 150;

    /// <summary>A first or last name: at most 150 characters, empty where null.</summary>
    public static string Read(Optional<string> given, string present, string field) =>
        given.Given ? Clean(given.Value ?? "", field, MostOfAName, lines: false) : present;

    /// <summary>Trimmed and in Unicode's composed form, without control characters, which PostgreSQL and other people's screens do not want.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public static string Clean(string text, string field, int most, bool lines)
    {
        // A lone surrogate has no normal form.
        if (text.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar || (Rune.IsControl(rune) && !(lines && rune.Value is '\n' or '\r' or '\t'))))
        {
            throw PlatformRefusals.InvalidRequest.Field(field, "must not have control characters");
        }

        var clean = text.Trim().Normalize();
        return clean.Length <= most ? clean : throw PlatformRefusals.InvalidRequest.Field(field, $"must have at most {most} characters");
    }
}
