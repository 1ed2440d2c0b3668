using System.IO.Compression;
using System.Text;

namespace Florin.Tests.Files;

/// <summary>Word documents as a stranger may send them.</summary>
internal static class Documents
{
    private const string W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

    /// <summary>A paragraph of one run.</summary>
    public static string P(string text) => $"<w:p><w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>";

    /// <summary>A part of a document.</summary>
    public static string Part(string root, string content) => $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:{root} xmlns:w=\"{W}\">{content}</w:{root}>";

    /// <summary>A document with this body and further parts.</summary>
    public static byte[] Docx(string body, params (string Name, string Content)[] parts) =>
        Zip([("[Content_Types].xml", "<Types/>"), ("word/document.xml", Part("document", $"<w:body>{body}</w:body>")), .. parts]);

    /// <summary>An archive of texts.</summary>
    public static byte[] Zip(params (string Name, string Content)[] parts) => Zip([.. parts.Select(part => (part.Name, Encoding.UTF8.GetBytes(part.Content)))]);

    /// <summary>An archive.</summary>
    public static byte[] Zip((string Name, byte[] Content)[] parts)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in parts)
            {
                using var entry = archive.CreateEntry(name, CompressionLevel.SmallestSize).Open();
                entry.Write(content);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>What hostile people send for a document, each with the reason for which it fails.</summary>
    public static IEnumerable<(string Name, byte[] Content, string Reason)> Hostile()
    {
        var good = Docx(P("one two three"));
        yield return ("bomb.docx", Docx(P(new string('a', 30_000_000))), "too_much_inside");
        yield return ("attribute-bomb.docx", Docx($"<w:p w:x=\"{new string('a', 3_000_000)}\"/>"), "too_much_inside");
        yield return (
            "deep.docx",
            Docx(string.Concat(Enumerable.Repeat("<w:p>", 5_000)) + string.Concat(Enumerable.Repeat("</w:p>", 5_000))),
            "too_much_inside"
        );
        yield return ("names.docx", Docx(string.Concat(Enumerable.Range(0, 20_100).Select(i => $"<a{i:x}/>"))), "too_much_inside");
        yield return (
            "many-parts.docx",
            Zip([.. Enumerable.Range(0, 10_001).Select(i => (i.ToString(System.Globalization.CultureInfo.InvariantCulture), Array.Empty<byte>()))]),
            "too_much_inside"
        );
        yield return ("nested.docx", Zip([("inner.zip", good)]), "not_docx");
        yield return ("zip-as-body.docx", Zip([("[Content_Types].xml", "<Types/>"u8.ToArray()), ("word/document.xml", good)]), "damaged");
        yield return (
            "dtd.docx",
            Zip(("[Content_Types].xml", "<Types/>"), ("word/document.xml", "<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>")),
            "forbidden_markup"
        );
        yield return (
            "outside.docx",
            Zip(("[Content_Types].xml", "<Types/>"), ("word/document.xml", "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>")),
            "forbidden_markup"
        );
        yield return ("truncated.docx", good[..(good.Length / 2)], "damaged");
        yield return ("flipped.docx", Flip(good), "damaged");
        yield return ("cut-xml.docx", Zip(("[Content_Types].xml", "<Types/>"), ("word/document.xml", "<a><b>")), "damaged");
    }

    // The first letter of the deflated body: no such block.
    private static byte[] Flip(byte[] document)
    {
        var bytes = document.ToArray();
        var at = bytes.AsSpan().IndexOf("word/document.xml"u8) + "word/document.xml".Length;
        bytes[at] = 0xFF;
        bytes[at + 1] = 0xFF;
        return bytes;
    }
}
