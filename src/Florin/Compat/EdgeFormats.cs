using System.Globalization;
using Florin.Money;

namespace Florin.Compat;

/// <summary>How the old systems wrote things.</summary>
internal static class EdgeFormats
{
    /// <summary>A decimal as text with at least two places: <c>"100.50"</c>.</summary>
    public static string Decimal(Amount amount) => Number(amount).ToString("0.00######", CultureInfo.InvariantCulture);

    /// <summary>The exact number.</summary>
    public static decimal Number(Amount amount) => decimal.Parse(amount.ToDecimalString(), CultureInfo.InvariantCulture);

    /// <summary>An amount of a currency; a place that the currency does not have must be nought.</summary>
    /// <exception cref="Platform.Refusal"><c>invalid_request</c> on <c>amount</c></exception>
    public static Amount Money(decimal number, Currency currency)
    {
        var text = number.ToString("F" + currency.Digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return Amount.TryParse(text, currency, out var amount) && Number(amount) == number
            ? amount
            : throw Platform.PlatformRefusals.InvalidRequest.Field("amount", "A valid number is required.");
    }

    /// <summary>A small id in an address; what is none is nothing that exists.</summary>
    /// <exception cref="Platform.Refusal"><c>not_found</c></exception>
    public static long Id(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : throw Platform.PlatformRefusals.NotFound.With();

    /// <summary>ISO 8601 in UTC, as Django REST Framework writes it: <c>2023-12-07T10:30:00Z</c>, with microseconds where there are any.</summary>
    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString(
            time.UtcTicks % TimeSpan.TicksPerSecond < 10 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'",
            CultureInfo.InvariantCulture
        );

    /// <summary>The same where there may be none.</summary>
    public static string? Time(DateTimeOffset? time) => time is { } given ? Time(given) : null;

    /// <summary>As the QR system wrote it, in UTC: <c>2023-12-07 10:30:00</c>.</summary>
    public static string PlainTime(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
