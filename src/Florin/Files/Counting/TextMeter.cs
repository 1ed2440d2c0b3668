using System.Text;

namespace Florin.Files.Counting;

/// <summary>Measures a text that comes in pieces, in memory that does not grow with it.</summary>
internal sealed class TextMeter
{
    private readonly WordBoundaries boundaries = new();
    private readonly AsciiWords ascii;
    private char high; // the first half of a character whose second half is yet to come
    private bool afterReturn;
    private bool lineBegun;

    /// <param name="curly">Whether the curly apostrophe belongs to words of the old rule.</param>
    public TextMeter(bool curly) => ascii = new AsciiWords(curly);

    /// <summary>Words by UAX #29.</summary>
    public long Words => boundaries.Words;

    /// <summary>Words by the replaced system's rule.</summary>
    public long AsciiWords => ascii.Words;

    /// <summary>Unicode characters (scalar values) that were measured.</summary>
    public long Characters { get; private set; }

    /// <summary>Lines: each ends with LF, CR LF or CR; what comes after the last of them is one more.</summary>
    public long Lines { get; private set; }

    /// <summary>The next piece.</summary>
    /// <param name="piece">UTF-16; a pair may be torn between two pieces.</param>
    /// <param name="old">Whether the old rule counts here too.</param>
    /// <exception cref="FileFault"><c>not_text</c>: a NUL or half a pair.</exception>
    public void Add(ReadOnlySpan<char> piece, bool old = true)
    {
        foreach (var unit in piece)
        {
            Rune character;
            if (high != 0)
            {
                if (!Rune.TryCreate(high, unit, out character))
                {
                    throw FileFault.NotText();
                }

                high = '\0';
            }
            else if (char.IsHighSurrogate(unit))
            {
                high = unit;
                continue;
            }
            else if (unit == 0 || !Rune.TryCreate(unit, out character))
            {
                throw FileFault.NotText();
            }

            Add(character, old);
        }
    }

    /// <summary>A paragraph ends: no word goes on behind it. It is no character.</summary>
    public void EndParagraph(bool old)
    {
        boundaries.Add((Rune)'\n');
        if (old)
        {
            ascii.End();
        }
    }

    /// <summary>The text ends.</summary>
    /// <exception cref="FileFault"><c>not_text</c>: it ends with half a pair.</exception>
    public void End()
    {
        if (high != 0)
        {
            throw FileFault.NotText();
        }

        boundaries.End();
        ascii.End();
        Lines += lineBegun ? 1 : 0;
        lineBegun = false;
    }

    private void Add(Rune character, bool old)
    {
        Characters++;
        boundaries.Add(character);
        if (old)
        {
            ascii.Add(character);
        }

        switch (character.Value)
        {
            case '\n' when afterReturn:
                break; // the line ended with the CR
            case '\n' or '\r':
                Lines++;
                lineBegun = false;
                break;
            default:
                lineBegun = true;
                break;
        }

        afterReturn = character.Value == '\r';
    }
}
