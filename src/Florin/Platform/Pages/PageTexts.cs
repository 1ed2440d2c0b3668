using System.Globalization;
using System.Resources;
using Microsoft.Net.Http.Headers;

namespace Florin.Platform.Pages;

/// <summary>
/// The texts of the pages. An English text is its own name; the other languages are in <c>Texts.*.resx</c>, and what one of them lacks is shown in
/// English. A test holds that none lacks any.
/// </summary>
public static class PageTexts
{
    private static readonly ResourceManager Resources = new("Florin.Platform.Pages.Texts", typeof(PageTexts).Assembly);

    /// <summary>The languages that there are, the default first.</summary>
    public static readonly IReadOnlyList<CultureInfo> Languages = [CultureInfo.GetCultureInfo("en"), CultureInfo.GetCultureInfo("ru")];

    /// <summary>A text in a language.</summary>
    public static string In(CultureInfo culture, string text) =>
        ReferenceEquals(culture, Languages[0]) ? text : Resources.GetString(NameOf(text), culture) ?? text;

    // Resource files do not tell capitals apart: "paid" stands there as "~paid", beside "Paid".
    private static string NameOf(string text) => text.Length > 0 && char.IsLower(text[0]) ? "~" + text : text;

    /// <summary>The language that a reader chose, or the best of those that their browser names.</summary>
    internal static CultureInfo Choose(string? chosen, IList<StringWithQualityHeaderValue> accepted) =>
        Find(chosen)
        ?? accepted.OrderByDescending(one => one.Quality ?? 1).Select(one => Find(one.Value.Value)).FirstOrDefault(found => found is not null)
        ?? Languages[0];

    private static CultureInfo? Find(string? name) =>
        name is null ? null : Languages.FirstOrDefault(one => string.Equals(one.Name, name.Split('-')[0], StringComparison.OrdinalIgnoreCase));
}
