using System.Globalization;

namespace Florin.Platform;

/// <summary>Times in addresses.</summary>
public static class Instants
{
    private static readonly string[] Rfc3339 = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>Reads an RFC 3339 time.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public static DateTimeOffset Read(string text, string field) =>
        // A + in an address that was not escaped arrives as a blank.
        TryRead(text.Replace(' ', '+'), out var at)
            ? at
            : throw PlatformRefusals.InvalidRequest.Field(field, "must be an RFC 3339 time such as 2026-01-31T12:00:00Z");

    /// <summary>Reads an RFC 3339 time, or a date for the beginning of that day in UTC (with <paramref name="end"/>, for its end).</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public static DateTimeOffset ReadDayOrTime(string text, string field, bool end) =>
        TryReadDay(text, out var day) ? new DateTimeOffset(day.AddDays(end ? 1 : 0), TimeOnly.MinValue, TimeSpan.Zero) : Read(text, field);

    /// <summary>Reads a date such as <c>2026-01-31</c>.</summary>
    public static bool TryReadDay(string text, out DateOnly day) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day) && day.Year is > 1900 and < 9000;

    private static bool TryRead(string text, out DateTimeOffset at) =>
        DateTimeOffset.TryParseExact(text, Rfc3339, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out at)
        && text.Length > 19
        && at.Year is > 1900 and < 9000;
}
