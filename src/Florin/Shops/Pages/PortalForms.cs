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

    /// <summary>The fields <c>amount</c> and <c>currency</c> on their way to a route; null where the amount is blank.</summary>
    public static object? MoneyOf(this IFormCollection form) => form.Text("amount") is { } amount ? Money(amount, form["currency"].ToString()) : null;

    /// <summary>The same, where there has to be one.</summary>
    public static object DemandedMoneyOf(this IFormCollection form) => form.MoneyOf() ?? new { amount = "", currency = form["currency"].ToString() };

    /// <summary>An amount as typed. A currency that is none is left for the route to refuse.</summary>
    public static object Money(string typed, string currency) =>
        Currency.TryParse(currency, out var known) ? TypedAmount.Read(typed, known) : new { amount = typed, currency };
}
