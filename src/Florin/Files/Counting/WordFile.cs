using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;
using System.Xml;

namespace Florin.Files.Counting;

/// <summary>
/// Reads documents of Word (DOCX, ISO/IEC 29500): body with its tables, headers, footers, footnotes and endnotes. A ZIP archive of XML from a stranger: only
/// the parts with text are unpacked, as a stream, within limits; DTDs are refused, and nothing is ever fetched.
/// </summary>
internal static partial class WordFile
{
    private const string Body = "word/document.xml";
    private const int Deepest = 256;
    private const int Piece = 16 * 1024;

    /// <summary>Measures a document.</summary>
    /// <param name="content">Can seek.</param>
    /// <param name="mostUnpacked">Bytes that may come out of it.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <returns>Its measures, and its pages as the program that saved it said.</returns>
    /// <exception cref="FileFault"><c>not_docx</c>, <c>damaged</c>, <c>too_much_inside</c>, <c>forbidden_markup</c></exception>
    public static async Task<(TextMeter Meter, int? Pages)> MeasureAsync(Stream content, long mostUnpacked, CancellationToken cancel)
    {
        try
        {
            await using var shaped = await ZipShape.DemandAsync(content, cancel);
            await using var archive = await ZipArchive.CreateAsync(shaped, ZipArchiveMode.Read, leaveOpen: true, entryNameEncoding: null, cancel);
            return archive.GetEntry("[Content_Types].xml") is null || archive.GetEntry(Body) is not { } body
                ? throw FileFault.NotDocx()
                : await MeasureAsync(archive, body, new UnpackedBudget(mostUnpacked), cancel);
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException or XmlException)
        {
            throw fault is XmlException && fault.Message.Contains("DTD", StringComparison.Ordinal) ? new FileFault("forbidden_markup") : FileFault.Damaged();
        }
    }

    private static async Task<(TextMeter Meter, int? Pages)> MeasureAsync(
        ZipArchive archive,
        ZipArchiveEntry body,
        UnpackedBudget budget,
        CancellationToken cancel
    )
    {
        var meter = new TextMeter(curly: true);
        var buffer = ArrayPool<char>.Shared.Rent(Piece);
        try
        {
            var names = new BoundedNames();
            await ReadAsync(body, budget, names, new WordText(meter, buffer, isBody: true).TakeAsync, cancel);
            foreach (var part in archive.Entries.Where(part => SidePart().IsMatch(part.FullName)).OrderBy(part => part.FullName, StringComparer.Ordinal))
            {
                await ReadAsync(part, budget, names, new WordText(meter, buffer, isBody: false).TakeAsync, cancel);
            }

            meter.End();
            return (meter, archive.GetEntry("docProps/app.xml") is { } facts ? await PagesAsync(facts, budget, names, cancel) : null);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    private static async Task ReadAsync(ZipArchiveEntry part, UnpackedBudget budget, BoundedNames names, Func<XmlReader, Task> take, CancellationToken cancel)
    {
        await using var unpacked = new UnpackedStream(await part.OpenAsync(cancel), part.CompressedLength, budget);
        using var xml = XmlReader.Create(
            unpacked,
            new XmlReaderSettings
            {
                Async = true,
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                IgnoreComments = true,
                IgnoreProcessingInstructions = true,
                NameTable = names,
            }
        );
        while (await xml.ReadAsync())
        {
            if (xml.Depth > Deepest)
            {
                throw FileFault.TooMuch();
            }

            await take(xml);
            unpacked.Step();
            cancel.ThrowIfCancellationRequested();
        }
    }

    private static async Task<int?> PagesAsync(ZipArchiveEntry facts, UnpackedBudget budget, BoundedNames names, CancellationToken cancel)
    {
        int? pages = null;
        var within = false;
        await ReadAsync(
            facts,
            budget,
            names,
            xml =>
            {
                if (within && xml.NodeType is XmlNodeType.Text && int.TryParse(xml.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var said))
                {
                    pages = said;
                }

                within = xml.NodeType is XmlNodeType.Element && xml is { Depth: 1, LocalName: "Pages" };
                return Task.CompletedTask;
            },
            cancel
        );
        return pages;
    }

    /// <summary>The names of a document's markup, which a reader keeps until its end: Word has some thousand.</summary>
    private sealed class BoundedNames : NameTable
    {
        private const int MostNames = 20_000;
        private const int MostCharacters = 1_000_000;
        private int names;
        private int characters;

        public override string Add(char[] key, int start, int len)
        {
            if (base.Get(key, start, len) is { } known)
            {
                return known;
            }

            Count(len);
            return base.Add(key, start, len);
        }

        public override string Add(string key)
        {
            if (base.Get(key) is { } known)
            {
                return known;
            }

            Count(key.Length);
            return base.Add(key);
        }

        private void Count(int length)
        {
            characters += length;
            if (++names > MostNames || characters > MostCharacters)
            {
                throw FileFault.TooMuch();
            }
        }
    }

    [GeneratedRegex(@"^word/(header|footer)\d*\.xml$|^word/(footnotes|endnotes)\.xml$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SidePart();
}
