using System.Globalization;
using System.Resources;
using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;

namespace Florin.Platform.Pages;

/// <summary>
/// The texts of the pages. An English text is its own name; the other languages are in <c>Texts.*.resx</c>, and what one of them lacks is shown in
/// English. A test holds that none lacks any.
/// </summary>
public static partial class PageTexts
{
    private static readonly ResourceManager Resources = new("Florin.Platform.Pages.Texts", typeof(PageTexts).Assembly);

    /// <summary>The languages that there are, the default first.</summary>
    public static readonly IReadOnlyList<CultureInfo> Languages = [CultureInfo.GetCultureInfo("en"), CultureInfo.GetCultureInfo("ru")];

    /// <summary>A text in a language. One that the API says with numbers in it is looked for with <c>{0}</c>, <c>{1}</c> … in their places too.</summary>
    public static string In(CultureInfo culture, string text) =>
        ReferenceEquals(culture, Languages[0]) ? text : Resources.GetString(NameOf(text), culture) ?? WithNumbers(culture, text) ?? text;

    private static string? WithNumbers(CultureInfo culture, string text)
    {
        var numbers = new List<object>();
        var pattern = Number()
            .Replace(
                text,
                number =>
                {
                    numbers.Add(number.Value);
                    return string.Create(CultureInfo.InvariantCulture, $"{{{numbers.Count - 1}}}");
                }
            );
        return numbers.Count > 0 && Resources.GetString(NameOf(pattern), culture) is { } found
            ? string.Format(CultureInfo.InvariantCulture, found, [.. numbers])
            : null;
    }

    // Resource files do not tell capitals apart: "paid" stands there as "~paid", beside "Paid".
    private static string NameOf(string text) => text.Length > 0 && char.IsLower(text[0]) ? "~" + text : text;

    [GeneratedRegex("[0-9]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Number();

    /// <summary>The language that a reader chose, or the best of those that their browser names.</summary>
    internal static CultureInfo Choose(string? chosen, IList<StringWithQualityHeaderValue> accepted) =>
        Find(chosen)
        ?? accepted.OrderByDescending(one => one.Quality ?? 1).Select(one => Find(one.Value.Value)).FirstOrDefault(found => found is not null)
        ?? Languages[0];

    private static CultureInfo? Find(string? name) =>
        name is null ? null : Languages.FirstOrDefault(one => string.Equals(one.Name, name.Split('-')[0], StringComparison.OrdinalIgnoreCase));
}
