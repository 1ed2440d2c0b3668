using System.Text.RegularExpressions;
using Florin.Platform.Pages;
using Florin.Tests.Architecture;

namespace Florin.Tests.Pages;

/// <summary>Every text of a page has a form in every language.</summary>
public sealed partial class TextTests
{
    [Fact]
    public void No_language_lacks_a_text_and_places_for_values_agree()
    {
        var used = Directory
            .EnumerateFiles(Path.Combine(Sources.Root, "src/Florin"), "*.razor", SearchOption.AllDirectories)
            .Concat(Sources.Product.Select(file => Path.Combine(Sources.Root, file)))
            .SelectMany(file => Used().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["text"].Value)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        Assert.True(used.Count > 200, $"only {used.Count} texts were seen");
        var wrong = new List<string>();
        foreach (var language in PageTexts.Languages.Skip(1))
        {
            foreach (var text in used)
            {
                var shown = PageTexts.In(language, text);
                if (ReferenceEquals(shown, text))
                {
                    wrong.Add($"{language.Name}: {text}");
                }
                else if (!Places(text).SetEquals(Places(shown)))
                {
                    wrong.Add($"{language.Name}, other places: {text}");
                }
            }
        }

        KnownOffenders.None(wrong);
    }

    private static HashSet<string> Places(string text) => [.. Place().Matches(text).Select(match => match.Value)];

    // Page.T("…") and the attributes of our components whose texts they translate.
    [GeneratedRegex(
        "(?:Page\\.T\\(|\\bT\\(|<Field [^>]*?Label=|<EmptyState [^>]*?Text=)\"(?<text>[^\"\\\\@][^\"\\\\]*)\"",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Used();

    [GeneratedRegex("\\{[0-9]+\\}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Place();
}
