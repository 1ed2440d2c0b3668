using System.Text;

namespace Florin.Files.Counting;

/// <summary>
/// Words as the replaced file system counted them, for its old clients: what the regular expression <c>\b[A-Za-z0-9'-]+\b</c> finds (Python; with the
/// curly apostrophe besides in documents of Word). Words with other letters do not count: <c>café</c> is none, and Bangla has none.
/// </summary>
/// <param name="curly">Whether U+2019 belongs to words.</param>
internal sealed class AsciiWords(bool curly)
{
    private bool letterBefore; // whether the character before is one of \w
    private bool inRun; // whether it may belong to a word
    private int boundaries; // places of \b in the run so far, 2 for more

    /// <summary>Words so far; complete after <see cref="End"/>.</summary>
    public long Words { get; private set; }

    /// <summary>The next character.</summary>
    public void Add(Rune character)
    {
        var value = character.Value;
        var letter = character.IsAscii ? char.IsAsciiLetterOrDigit((char)value) || value == '_' : IsAlphanumeric(character);
        var ofRun = character.IsAscii ? (letter && value != '_') || value is '\'' or '-' : curly && value == 0x2019;
        if (ofRun && !inRun)
        {
            boundaries = 0;
        }

        if ((ofRun || inRun) && letter != letterBefore)
        {
            boundaries++;
        }

        if (inRun && !ofRun)
        {
            Count();
        }

        (inRun, letterBefore) = (ofRun, letter);
    }

    /// <summary>The text, or a paragraph, ends.</summary>
    public void End()
    {
        if (inRun)
        {
            boundaries += letterBefore ? 1 : 0;
            Count();
        }

        (inRun, letterBefore) = (false, false);
    }

    // A run holds one word where \b stands in it at two places: the expression takes as much as it can between them.
    private void Count() => Words += boundaries >= 2 ? 1 : 0;

    // As Python's str.isalnum says.
    private static bool IsAlphanumeric(Rune character) => Rune.IsLetter(character) || Rune.IsNumber(character);
}
