using System.Text;

namespace Florin.Files.Counting;

/// <summary>
/// Cuts a text into segments at the default word boundaries of UAX #29 and counts the words among them: segments with at least one letter or number
/// (general category L or N). It takes the text in pieces of any size and keeps a few bytes, whatever the text. Where a rule looks ahead (WB6, WB7b,
/// WB12), the boundary is decided by the next character that counts.
/// </summary>
/// <param name="onBoundary">Told of each boundary, as the number of characters before it; for tests.</param>
internal sealed class WordBoundaries(Action<long>? onBoundary = null)
{
    private const WordBreakClass Start = (WordBreakClass)0x7F; // before the text; no class of a character

    private WordBreakClass last = Start; // the character before
    private WordBreakClass before = Start; // the same, without what WB4 passes over
    private bool oddFlag; // whether an odd number of regional indicators stands before
    private bool word; // whether the segment so far has a letter or number
    private long at; // characters so far

    // A sign that may stand within a word or number: what stood before it, where it is, and what follows in the segment if it begins one.
    private WordBreakClass waitingAfter = Start;
    private bool waiting;
    private long waitingAt;
    private bool waitingWord;

    /// <summary>Segments so far that are words; complete after <see cref="End"/>.</summary>
    public long Words { get; private set; }

    /// <summary>Characters so far.</summary>
    public long Characters => at;

    /// <summary>The next character.</summary>
    public void Add(Rune character)
    {
        var full = WordBreakClasses.Of(character.Value);
        var one = full & ~WordBreakClass.Picture;
        var joined = before != Start && Joined(one, full);
        if (!joined)
        {
            Cut(at);
        }

        if (!IsPassedOver(one))
        {
            oddFlag = one == WordBreakClass.RegionalIndicator && !joined;
        }

        var counts = IsWordly(character);
        if (waiting)
        {
            waitingWord |= counts;
        }
        else
        {
            word |= counts;
        }

        last = one;
        if (!IsPassedOver(one) || before is Start or WordBreakClass.CR or WordBreakClass.LF or WordBreakClass.Newline)
        {
            before = one;
        }

        at++;
    }

    /// <summary>The text ends.</summary>
    public void End()
    {
        if (waiting)
        {
            EndWaiting();
        }

        if (at > 0)
        {
            Cut(at);
        }
    }

    private static bool IsPassedOver(WordBreakClass one) => one is WordBreakClass.Extend or WordBreakClass.Format or WordBreakClass.ZWJ;

    private static bool IsLetter(WordBreakClass one) => one is WordBreakClass.ALetter or WordBreakClass.HebrewLetter;

    private static bool IsBreak(WordBreakClass one) => one is WordBreakClass.CR or WordBreakClass.LF or WordBreakClass.Newline;

    private static bool IsWordly(Rune character) =>
        character.IsAscii ? char.IsAsciiLetterOrDigit((char)character.Value) : Rune.IsLetter(character) || Rune.IsNumber(character);

    // Whether there is no boundary before this character. Settles the sign that waits, if one does.
    private bool Joined(WordBreakClass one, WordBreakClass full)
    {
        if (!IsBreak(last) && IsPassedOver(one))
        {
            return true; // WB4
        }

        if (waiting && Settle(one))
        {
            return true;
        }

        return (last, one) switch
        {
            (WordBreakClass.CR, WordBreakClass.LF) => true, // WB3
            _ when IsBreak(last) || IsBreak(one) => false, // WB3a, WB3b
            (WordBreakClass.ZWJ, _) when full.HasFlag(WordBreakClass.Picture) => true, // WB3c
            (WordBreakClass.WSegSpace, WordBreakClass.WSegSpace) => true, // WB3d
            _ => JoinedByRule(one),
        };
    }

    // The sign stays within its word or number where the same kind goes on behind it (WB6, WB7, WB7b, WB7c, WB11, WB12).
    private bool Settle(WordBreakClass one)
    {
        var within = before switch
        {
            WordBreakClass.DoubleQuote => one == WordBreakClass.HebrewLetter,
            _ => IsLetter(waitingAfter) ? IsLetter(one) : one == WordBreakClass.Numeric,
        };
        if (within)
        {
            waiting = false;
            word |= waitingWord;
        }
        else
        {
            EndWaiting();
        }

        return within;
    }

    private bool JoinedByRule(WordBreakClass one)
    {
        if (MayStandWithin(one))
        {
            (waiting, waitingAfter, waitingAt, waitingWord) = (true, before, at, false);
            return true; // until it is settled
        }

        return (before, one) switch
        {
            (WordBreakClass.ALetter or WordBreakClass.HebrewLetter, WordBreakClass.ALetter or WordBreakClass.HebrewLetter) => true, // WB5
            (WordBreakClass.Numeric, WordBreakClass.Numeric) => true, // WB8
            (WordBreakClass.ALetter or WordBreakClass.HebrewLetter, WordBreakClass.Numeric) => true, // WB9
            (WordBreakClass.Numeric, WordBreakClass.ALetter or WordBreakClass.HebrewLetter) => true, // WB10
            (WordBreakClass.Katakana, WordBreakClass.Katakana) => true, // WB13
            (WordBreakClass.RegionalIndicator, WordBreakClass.RegionalIndicator) => oddFlag, // WB15, WB16
            (
                WordBreakClass.ALetter
                    or WordBreakClass.HebrewLetter
                    or WordBreakClass.Numeric
                    or WordBreakClass.Katakana
                    or WordBreakClass.ExtendNumLet,
                WordBreakClass.ExtendNumLet
            ) => true, // WB13a
            (WordBreakClass.ExtendNumLet, WordBreakClass.ALetter or WordBreakClass.HebrewLetter or WordBreakClass.Numeric or WordBreakClass.Katakana) => true, // WB13b
            _ => false, // WB999
        };
    }

    private bool MayStandWithin(WordBreakClass one) =>
        one switch
        {
            WordBreakClass.MidLetter => IsLetter(before),
            WordBreakClass.MidNumLet or WordBreakClass.SingleQuote => IsLetter(before) || before == WordBreakClass.Numeric,
            WordBreakClass.MidNum => before == WordBreakClass.Numeric,
            WordBreakClass.DoubleQuote => before == WordBreakClass.HebrewLetter,
            _ => false,
        };

    // Nothing of its kind follows the sign: a boundary stands before it, though not between a Hebrew letter and a single quote (WB7a).
    private void EndWaiting()
    {
        if (waitingAfter == WordBreakClass.HebrewLetter && before == WordBreakClass.SingleQuote)
        {
            word |= waitingWord;
        }
        else
        {
            Cut(waitingAt);
            word = waitingWord;
        }

        waiting = false;
    }

    private void Cut(long boundary)
    {
        onBoundary?.Invoke(boundary);
        Words += word ? 1 : 0;
        word = false;
    }
}
