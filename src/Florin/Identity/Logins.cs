using System.Net.Mail;
using Florin.Platform;

namespace Florin.Identity;

/// <summary>Which kinds of login a sign-in takes. The old systems took one each.</summary>
[Flags]
public enum LoginKinds
{
    /// <summary>By username.</summary>
    Username = 1,

    /// <summary>By e-mail address.</summary>
    Email = 2,

    /// <summary>By phone number.</summary>
    Phone = 4,

    /// <summary>Any.</summary>
    Any = Username | Email | Phone,
}

/// <summary>What may be a username, an e-mail address or a phone number.</summary>
public static class Logins
{
    private const int LongestUsername = 150;
    private const int LongestEmail = 254; // RFC 5321 §4.5.3.1.3

    /// <summary>A username: 1 to 150 letters, digits and <c>@ . + - _</c>, as in the systems that Florin replaces. Null stays null.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c> on <c>username</c></exception>
    public static string? Username(string? text) =>
        text is null ? null
        : text.Length is > 0 and <= LongestUsername && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '@' or '.' or '+' or '-' or '_') ? text
        : throw PlatformRefusals.InvalidRequest.Field("username", $"must be 1 to {LongestUsername} letters, digits or @ . + - _");

    /// <summary>An e-mail address, trimmed. Null stays null.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c> on <c>email</c></exception>
    public static string? Email(string? text) =>
        text is null ? null
        : IsEmail(text.Trim()) ? text.Trim()
        : throw PlatformRefusals.InvalidRequest.Field("email", "must be an e-mail address such as name@example.org");

    /// <summary>A phone number in E.164 with <c>+</c>: country code and number, 8 to 15 digits. Spaces and dashes between are dropped. Null stays null.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c> on <c>phone</c></exception>
    public static string? Phone(string? text) =>
        text is null ? null
        : TryPhone(text) is { } phone ? phone
        : throw PlatformRefusals.InvalidRequest.Field("phone", "must be + with country code and number, 8 to 15 digits, such as +77011234567");

    /// <summary>Reads a phone number as <see cref="Phone"/> does; null where it is none.</summary>
    public static string? TryPhone(string text)
    {
        var digits = new string([.. text.Where(c => c is not (' ' or '-' or '(' or ')'))]);
        return text.Length <= 32 && digits.Length is >= 9 and <= 16 && digits[0] == '+' && digits[1] != '0' && digits.Skip(1).All(char.IsAsciiDigit)
            ? digits
            : null;
    }

    private static bool IsEmail(string text)
    {
        if (text.Length > LongestEmail || text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '<' or '>' or ',' or ';' or '"'))
        {
            return false;
        }

        var domain = text[(text.LastIndexOf('@') + 1)..];
        return MailAddress.TryCreate(text, out var address)
            && string.Equals(address.Address, text, StringComparison.Ordinal)
            && domain.Contains('.', StringComparison.Ordinal)
            && domain[0] is not ('.' or '[')
            && domain[^1] != '.'
            && !text.Contains("..", StringComparison.Ordinal);
    }
}
