using System.Globalization;
using System.Text;
using Florin.Files;
using Florin.Files.Counting;
using FsCheck;
using FsCheck.Fluent;

namespace Florin.Tests.Files;

/// <summary>How words are counted: by Unicode's own tests, against <c>wc</c>'s rule, in pieces of any size, and in documents.</summary>
public sealed class CountingTests
{
    private const string UnicodeTests = "/usr/share/unicode/auxiliary/WordBreakTest.txt"; // Debian's package unicode-data

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_line_of_WordBreakTest_is_cut_as_Unicode_says()
    {
        var lines = File.ReadAllLines(UnicodeTests);
        Assert.Equal($"# WordBreakTest-{WordBreakClasses.Version}.txt", lines[0]); // of another version: run scripts/word-break, and read its differences
        var tests = lines.Select(line => line.Split('#')[0].Trim()).Where(line => line.Length > 0).ToList();
        Assert.True(tests.Count > 1_800, $"only {tests.Count} tests were seen");
        var wrong = tests.Where(test => !Expected(test).Boundaries.SequenceEqual(Cut(Expected(test).Text))).ToList();
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {tests.Count} of Unicode {WordBreakClasses.Version}: {string.Join(" | ", wrong.Take(5))}");
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("   \n\t ", 0)]
    [InlineData("... — !", 0)]
    [InlineData("Hello, world!", 2)]
    [InlineData("can't won’t 3,14 2.5 example.org a_b", 6)]
    [InlineData("আমি বাংলায় গান গাই।", 4)]
    [InlineData("Қазақстан — ұлан-ғайыр ел.", 4)]
    [InlineData("e\u0301le\u0300ve", 1)]
    [InlineData("日本", 2)] // each ideograph stands alone, since no dictionary is used
    [InlineData("👩‍👩‍👧 and 🇰🇿", 1)]
    public void Words_of_many_scripts_are_counted(string text, int words) => Assert.Equal(words, Measure(text).Words);

    [Theory]
    [InlineData("Hello, world!", 2)]
    [InlineData("don't well-known 'tis dogs'", 4)]
    [InlineData("foo_bar", 0)]
    [InlineData("café naïve plain", 1)]
    [InlineData("আমি বাংলা", 0)]
    [InlineData("- -- ' a-", 1)]
    [InlineData("won’t", 2)] // the curly apostrophe belongs to words in documents only
    public void The_old_rule_counts_as_the_replaced_system_did(string text, int words) => Assert.Equal(words, Measure(text).AsciiWords);

    [Fact]
    public void Plain_ASCII_counts_as_wc_does()
    {
        var words = Gen.Elements("a", "I", "word", "Letters", "x9", "42", "longerwordsaswell", "Z");
        var ends = Gen.Elements("", "", "", ".", ",", "!", "?", ";", ":", "...", ")");
        var gaps = Gen.Elements(" ", " ", "  ", "\n", "\t", "\r\n", " \n ");
        var text = from parts in (from word in words from end in ends from gap in gaps select word + end + gap).ArrayOf(40) select string.Concat(parts);
        foreach (var one in text.Sample(40, new Rnd(7), 200))
        {
            // What wc -w counts in the C locale: runs between white space.
            var wc = one.Split((char[])[' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries).Length;
            var measured = Measure(one);
            Assert.Equal((wc, wc), (measured.Words, measured.AsciiWords));
            Assert.Equal(one.Count(letter => letter == '\n'), measured.Lines - (one.Length > 0 && one[^1] != '\n' ? 1 : 0));
        }
    }

    [Fact]
    public void A_text_in_pieces_of_any_size_measures_as_the_whole()
    {
        var text = string.Concat(Enumerable.Repeat("can't 3,5 \"ab\" אב\"ג 👩‍👩‍👧🇰🇿🇧🇩 e\u0301a:\r\nб.б x'\u0301y ", 40));
        var whole = Measure(text);
        for (var size = 1; size <= 9; size++)
        {
            var meter = new TextMeter(curly: false);
            for (var at = 0; at < text.Length; at += size)
            {
                meter.Add(text.AsSpan(at, Math.Min(size, text.Length - at)));
            }

            meter.End();
            Assert.Equal((whole.Words, whole.AsciiWords, whole.Characters, whole.Lines), (meter.Words, meter.AsciiWords, meter.Characters, meter.Lines));
        }
    }

    [Fact]
    public async Task Encodings_are_told_apart_and_what_is_no_text_is_refused()
    {
        const string text = "আমি can't\nQazaqstan ұлан\n";
        Encoding little = new UnicodeEncoding(bigEndian: false, byteOrderMark: true);
        Encoding big = new UnicodeEncoding(bigEndian: true, byteOrderMark: true);
        byte[][] files =
        [
            Encoding.UTF8.GetBytes(text),
            [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)],
            [0xFF, 0xFE, .. little.GetBytes(text)],
            [0xFE, 0xFF, .. big.GetBytes(text)],
            little.GetBytes(text),
            big.GetBytes(text),
        ];
        foreach (var file in files)
        {
            var meter = await TextFile.MeasureAsync(new MemoryStream(file), Cancel);
            Assert.Equal((4L, 2L, (long)text.Length), (meter.Words, meter.Lines, meter.Characters));
        }

        byte[][] others =
        [
            [0x4D, 0x5A, 0, 0, 3, 0, 0],
            [0xC3, 0x28],
            [.. "text"u8, 0, 1, 0],
            [.. new byte[5000].Select(_ => (byte)'a'), 0xFF],
            [0xFF, 0xFE, 0, 0xD8],
        ];
        foreach (var other in others)
        {
            Assert.Equal("not_text", (await Assert.ThrowsAsync<FileFault>(() => TextFile.MeasureAsync(new MemoryStream(other), Cancel))).Reason);
        }
    }

    [Fact]
    public async Task A_document_is_read_with_its_tables_headers_and_notes()
    {
        var body =
            Documents.P("One two's three—four.")
            + "<w:p><w:pPr><w:tabs><w:tab w:val=\"left\"/></w:tabs></w:pPr><w:r><w:t>sp</w:t></w:r><w:r><w:t>lit</w:t><w:tab/><w:t>won’t</w:t><w:br/><w:t>end</w:t></w:r></w:p>"
            + $"<w:tbl><w:tr><w:tc>{Documents.P("in table")}</w:tc></w:tr></w:tbl>"
            + "<w:p><w:r><w:delText>deleted words</w:delText><w:instrText>FIELD code</w:instrText></w:r></w:p><w:p/>";
        var document = Documents.Docx(
            body,
            ("word/header1.xml", Documents.Part("hdr", Documents.P("the header"))),
            ("word/footer2.xml", Documents.Part("ftr", Documents.P("footer"))),
            ("word/footnotes.xml", Documents.Part("footnotes", $"<w:footnote>{Documents.P("a note")}</w:footnote>")),
            ("word/endnotes.xml", Documents.Part("endnotes", $"<w:endnote>{Documents.P("বাংলা")}</w:endnote>")),
            ("word/comments.xml", Documents.Part("comments", Documents.P("not shown"))),
            ("docProps/app.xml", "<Properties><Pages>3</Pages><Words>99</Words></Properties>")
        );
        var (meter, pages) = await WordFile.MeasureAsync(new MemoryStream(document), 1_000_000, Cancel);
        Assert.Equal(3, pages);
        Assert.Equal(4 + 3 + 2 + 2 + 1 + 2 + 1, meter.Words);
        Assert.Equal(4 + 3, meter.AsciiWords); // the body's own paragraphs
    }

    [Fact]
    public async Task Hostile_documents_fail_for_a_reason_and_in_little_memory()
    {
        foreach (var (name, content, reason) in Documents.Hostile())
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var fault = await Assert.ThrowsAsync<FileFault>(() => WordFile.MeasureAsync(new MemoryStream(content), 256 * 1024 * 1024, Cancel));
            Assert.True(string.Equals(reason, fault.Reason, StringComparison.Ordinal), $"{name}: {fault.Reason}");
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 40_000_000);
        }
    }

    [Fact]
    public async Task A_long_text_is_measured_in_memory_that_does_not_grow_with_it()
    {
        var line = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("আমি word can't 3,5 ", 4)) + "\n");
        await using var text = new Repeated(line, 200_000);
        Measure("the tables of classes are read once");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var meter = await TextFile.MeasureAsync(text, Cancel);
        Assert.Equal((200_000L * 16, 200_000L), (meter.Words, meter.Lines));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    private static TextMeter Measure(string text)
    {
        var meter = new TextMeter(curly: false);
        meter.Add(text);
        meter.End();
        return meter;
    }

    // ÷ 0041 × 0308 ÷: where a text is cut, in characters.
    private static (string Text, List<long> Boundaries) Expected(string test)
    {
        var text = new StringBuilder();
        var boundaries = new List<long>();
        long at = 0;
        foreach (var word in test.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (word is "÷")
            {
                boundaries.Add(at);
            }
            else if (word is not "×")
            {
                text.Append(char.ConvertFromUtf32(int.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
                at++;
            }
        }

        return (text.ToString(), boundaries);
    }

    private static List<long> Cut(string text)
    {
        var cuts = new List<long>();
        var boundaries = new WordBoundaries(cuts.Add);
        foreach (var rune in text.EnumerateRunes())
        {
            boundaries.Add(rune);
        }

        boundaries.End();
        return cuts;
    }

    /// <summary>A few bytes again and again.</summary>
    private sealed class Repeated(byte[] piece, int times) : MemoryStream
    {
        private long at;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var filled = 0;
            for (; filled < buffer.Length && at < (long)piece.Length * times; at++, filled++)
            {
                buffer.Span[filled] = piece[at % piece.Length];
            }

            return ValueTask.FromResult(filled);
        }
    }
}
