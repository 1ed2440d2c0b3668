using System.Xml;

namespace Florin.Files.Counting;

/// <summary>Hands the text of one part of a document to a meter: what its runs show. Deleted text, field codes and second versions of a drawing are left out.</summary>
/// <param name="meter">Takes the text.</param>
/// <param name="buffer">For pieces of it.</param>
/// <param name="isBody">Whether it is the document's body, whose own paragraphs are all that the old rule saw.</param>
internal sealed class WordText(TextMeter meter, char[] buffer, bool isBody)
{
    // document, body, paragraph
    private const int OwnParagraph = 2;
    private const string Compatibility = "http://schemas.openxmlformats.org/markup-compatibility/2006";

    // What WordprocessingML is called, by transitional and by strict documents.
    private static readonly string[] Namespaces =
    [
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    ];

    private bool inOwnParagraph;
    private bool inText;
    private int runs; // how many runs it is within: a drawing's text box stands in a run and has runs
    private int boxes;
    private int fallback = -1; // the depth of a second version that is passed over

    private bool Old => isBody && inOwnParagraph && boxes == 0;

    /// <summary>The next node.</summary>
    public async Task TakeAsync(XmlReader xml)
    {
        if (fallback >= 0)
        {
            fallback = xml.NodeType is XmlNodeType.EndElement && xml.Depth == fallback ? -1 : fallback;
            return;
        }

        switch (xml.NodeType)
        {
            case XmlNodeType.Element when xml is { LocalName: "Fallback", NamespaceURI: Compatibility, IsEmptyElement: false }:
                fallback = xml.Depth;
                break;
            case XmlNodeType.Element when IsWord(xml):
                Begin(xml.LocalName, xml.Depth);
                if (xml.IsEmptyElement)
                {
                    End(xml.LocalName, xml.Depth);
                }

                break;
            case XmlNodeType.EndElement when IsWord(xml):
                End(xml.LocalName, xml.Depth);
                break;
            case XmlNodeType.Text or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace or XmlNodeType.CDATA when inText:
                int read;
                while ((read = await xml.ReadValueChunkAsync(buffer, 0, buffer.Length)) > 0)
                {
                    meter.Add(buffer.AsSpan(0, read), Old);
                }

                break;
        }
    }

    private static bool IsWord(XmlReader xml) => Namespaces.Contains(xml.NamespaceURI, StringComparer.Ordinal);

    private void Begin(string name, int depth)
    {
        switch (name)
        {
            case "p":
                inOwnParagraph |= depth == OwnParagraph;
                break;
            case "r":
                runs++;
                break;
            case "txbxContent":
                boxes++;
                break;
            case "t":
                inText = true;
                break;
            case "tab" when runs > 0: // elsewhere it is where a tabulator stops
                meter.Add("\t", Old);
                break;
            case "br" or "cr" when runs > 0:
                meter.Add("\n", Old);
                break;
            case "noBreakHyphen" when runs > 0:
                meter.Add("-", Old);
                break;
        }
    }

    private void End(string name, int depth)
    {
        switch (name)
        {
            case "p":
                meter.EndParagraph(Old);
                inOwnParagraph &= depth != OwnParagraph;
                break;
            case "r":
                runs--;
                break;
            case "txbxContent":
                boxes--;
                break;
            case "t":
                inText = false;
                break;
        }
    }
}
