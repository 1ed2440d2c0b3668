using System.Globalization;

namespace Florin.Files.Counting;

/// <summary>What a character is to the word boundaries of UAX #29, table 3; <see cref="Picture"/> is Extended_Pictographic, besides any of them.</summary>
internal enum WordBreakClass : byte
{
    Other,
    CR,
    LF,
    Newline,
    Extend,
    Format,
    ZWJ,
    RegionalIndicator,
    Katakana,
    HebrewLetter,
    ALetter,
    SingleQuote,
    DoubleQuote,
    MidNumLet,
    MidLetter,
    MidNum,
    Numeric,
    ExtendNumLet,
    WSegSpace,
    Picture = 0x80,
}

/// <summary>Classes of all characters, from <c>word-break.txt</c>: 256 characters a block, and blocks that are alike are one.</summary>
internal static class WordBreakClasses
{
    private const int BlockSize = 256;
    private const int Characters = 0x110000;
    private static string version = ""; // before what reads it
    private static readonly byte[] BlockOf = new byte[Characters / BlockSize];
    private static readonly byte[] Blocks = Read();

    /// <summary>The version of Unicode that the classes are of.</summary>
    public static string Version => version;

    /// <summary>The class of a character (a Unicode scalar value).</summary>
    public static WordBreakClass Of(int character) => (WordBreakClass)Blocks[(BlockOf[character >> 8] << 8) | (character & 0xFF)];

    private static byte[] Read()
    {
        var all = new byte[Characters];
        using var file = new StreamReader(typeof(WordBreakClasses).Assembly.GetManifestResourceStream("word-break.txt")!);
        while (file.ReadLine() is { } line)
        {
            var words = line.Split(' ');
            if (words[0] is "version")
            {
                version = words[1];
            }
            else if (words[0] is not "#")
            {
                var one = words[0] is "Extended_Pictographic"
                    ? WordBreakClass.Picture
                    : Enum.Parse<WordBreakClass>(words[0].Replace("_", "", StringComparison.Ordinal));
                Mark(all, words.AsSpan(1), (byte)one);
            }
        }

        return Fold(all);
    }

    private static void Mark(byte[] all, ReadOnlySpan<string> ranges, byte one)
    {
        foreach (var range in ranges)
        {
            var dash = range.IndexOf('-', StringComparison.Ordinal);
            var first = int.Parse(dash < 0 ? range : range[..dash], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var last = dash < 0 ? first : int.Parse(range[(dash + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            for (var character = first; character <= last; character++)
            {
                all[character] |= one;
            }
        }
    }

    private static byte[] Fold(byte[] all)
    {
        var known = new Dictionary<string, byte>(StringComparer.Ordinal);
        var blocks = new List<byte>();
        for (var block = 0; block < BlockOf.Length; block++)
        {
            var content = all.AsSpan(block * BlockSize, BlockSize);
            var key = Convert.ToHexString(content);
            if (!known.TryGetValue(key, out var number))
            {
                number = checked((byte)known.Count);
                known.Add(key, number);
                blocks.AddRange(content);
            }

            BlockOf[block] = number;
        }

        return [.. blocks];
    }
}
