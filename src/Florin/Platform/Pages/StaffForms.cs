using Microsoft.AspNetCore.WebUtilities;

namespace Florin.Platform.Pages;

/// <summary>What the staff's forms have in common.</summary>
public static class StaffForms
{
    /// <summary>A field; null where it is blank.</summary>
    public static string? Given(this IFormCollection form, string name) => string.IsNullOrWhiteSpace(form[name]) ? null : form[name].ToString().Trim();

    /// <summary>The key that a form was shown with.</summary>
    public static string? FormKey(this IFormCollection form) => form.Given("idempotency_key");

    /// <summary>The reason that a form of staff asks for; empty where there is none, for the route to refuse.</summary>
    public static object Reason(this IFormCollection form) => new { reason = form["reason"].ToString() };

    /// <summary>An address with its query, of which blank values are left out.</summary>
    public static string Query(string path, params (string Name, string? Value)[] query) =>
        QueryHelpers.AddQueryString(
            path,
            query.Where(one => !string.IsNullOrWhiteSpace(one.Value)).Select(one => KeyValuePair.Create(one.Name, (string?)one.Value!.Trim()))
        );

    /// <summary>A part of an address.</summary>
    public static string Part(string text) => Uri.EscapeDataString(text);

    /// <summary>The first of these routes that answers; nothing where the reader's role may not ask it.</summary>
    public static async Task<T?> TryGetAsync<T>(this PageApi api, string path)
        where T : class
    {
        try
        {
            return await api.GetAsync<T>(path);
        }
        catch (PageRefusal refused) when (refused.Status is StatusCodes.Status403Forbidden or StatusCodes.Status404NotFound)
        {
            return null;
        }
    }
}
