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
            .Concat(ListTests.Refusals().Select(refusal => refusal.Code.Title))
            .Concat(Sources.Product.SelectMany(file => Wrong().Matches(File.ReadAllText(Path.Combine(Sources.Root, file)))).Select(Numbered))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        Assert.True(used.Count > 400, $"only {used.Count} texts were seen");
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

    // What an interpolated message puts in is a number: places in their order, as the texts have them.
    private static string Numbered(Match match)
    {
        var text = match.Groups["text"].Value;
        var numbers = 0;
        return match.Groups["interpolated"].Length == 0
            ? text
            : PlaceOrNumber().Replace(text, _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{{{numbers++}}}"));
    }

    private static HashSet<string> Places(string text) => [.. Place().Matches(text).Select(match => match.Value)];

    // Page.T("…") and the attributes of our components whose texts they translate.
    [GeneratedRegex(
        "(?:Page\\.T\\(|\\bT\\(|<Field [^>]*?Label=|<EmptyState [^>]*?Text=)\"(?<text>[^\"\\\\@][^\"\\\\]*)\"",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Used();

    // .Field("name", "what is wrong with it"); names in the text are no numbers and are not looked for.
    [GeneratedRegex(
        "\\.Field\\([^,;]*?,\\s*(?<interpolated>\\$?)\"(?<text>(?:[^\"\\\\{]|\\{(?!prefix|string)[^}]*\\})*)\"\\s*\\)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Wrong();

    [GeneratedRegex("\\{[0-9]+\\}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Place();

    [GeneratedRegex("\\{[^{}]+\\}|[0-9]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PlaceOrNumber();
}
