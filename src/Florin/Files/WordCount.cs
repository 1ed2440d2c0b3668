using Florin.Files.Counting;

namespace Florin.Files;

/// <summary>
/// Counts the words of a text (TXT) or of a document of Word (DOCX), by the word boundaries of UAX #29: a word is a segment with a letter or a number.
/// Besides, the count by the rule of the system that Florin replaces, for its old clients.
/// </summary>
internal sealed class WordCount(FileSettings settings) : IFileWork
{
    /// <summary>Its name.</summary>
    public const string WorkName = "word_count";

    public string Name => WorkName;

    public string Title => "Word count";

    public string Takes => "A text (TXT, in UTF-8 or UTF-16) or a Word document (DOCX).";

    public bool Accepts(FileKind kind) => kind is FileKind.Text or FileKind.Zip;

    public async Task<object> DoAsync(UploadedFile file, Stream content, CancellationToken cancel)
    {
        var head = new byte[FileHead.Length];
        var length = await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancel);
        content.Position = 0;
        if (FileHead.KindOf(head.AsSpan(0, length), length < head.Length) is FileKind.Zip)
        {
            var (document, pages) = await WordFile.MeasureAsync(content, settings.MostUnpacked, cancel);
            return new Result("docx", document.Words, document.AsciiWords, document.Characters, Lines: null, pages);
        }

        var text = await TextFile.MeasureAsync(content, cancel);
        return new Result("txt", text.Words, text.AsciiWords, text.Characters, text.Lines, Pages: null);
    }

    /// <summary>What was counted.</summary>
    /// <param name="Format"><c>txt</c> or <c>docx</c>, by content.</param>
    /// <param name="Words">By UAX #29.</param>
    /// <param name="AsciiWords">By the old rule; of a document only in the paragraphs of its body, outside tables.</param>
    /// <param name="Characters">Unicode characters, spaces included.</param>
    /// <param name="Lines">Of a text.</param>
    /// <param name="Pages">Of a document, as the program that saved it said; null where it did not.</param>
    internal sealed record Result(string Format, long Words, long AsciiWords, long Characters, long? Lines, int? Pages);
}
