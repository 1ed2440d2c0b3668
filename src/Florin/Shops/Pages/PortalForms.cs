using System.Globalization;
using Florin.Money;
using Florin.Platform.Pages;

namespace Florin.Shops.Pages;

/// <summary>What the portal's forms have in common.</summary>
internal static class PortalForms
{
    /// <summary>A field; null where it is blank.</summary>
    public static string? Text(this IFormCollection form, string name) => string.IsNullOrWhiteSpace(form[name]) ? null : form[name].ToString().Trim();

    /// <summary>The key that the form was shown with.</summary>
    public static string? Key(this IFormCollection form) => form.Text("idempotency_key");

    /// <summary>The key to show the form with again: the same where the same request may be tried again, else a new one.</summary>
    public static string? KeyAgain(this IFormCollection form, PageRefusal refused) =>
        refused.Status == StatusCodes.Status503ServiceUnavailable ? form.Key() : null;

    /// <summary>The fields <c>amount</c> and <c>currency</c> as an amount on the wire; null where the amount is blank.</summary>
    public static object? MoneyOf(this IFormCollection form) => form.Text("amount") is { } amount ? Money(amount, form["currency"].ToString()) : null;

    /// <summary>An amount as people type it, with a comma, blanks, or fewer digits, as it stands on the wire. What is none is left for the route to refuse.</summary>
    public static object Money(string typed, string currency)
    {
        var text = string.Concat(typed.Where(one => !char.IsWhiteSpace(one))).Replace(',', '.');
        if (Currency.TryParse(currency, out var known) && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
        {
            var exact = value.ToString("F" + known.Digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            text = decimal.Parse(exact, CultureInfo.InvariantCulture) == value ? exact : text; // never another amount than was typed
        }

        return new { amount = text, currency };
    }
}
