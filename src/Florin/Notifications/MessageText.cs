using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace Florin.Notifications;

/// <summary>
/// The text of an e-mail, written once and sent as plain text and as HTML. Paragraphs stand between empty lines; a line may be more than words:
/// <code>
/// # {amount}           a figure, in large
/// | Label: {value}     a row of a small table; left out where the value is empty
/// [Label]({url})       a link to one of our pages, as a button; left out where the address is none
///     {code}           set off, in large letters of one width
/// </code>
/// Lines are told apart before values are put in: no value can be more than words.
/// </summary>
internal sealed partial class MessageText
{
    private const int LongestValue = 300;
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private static readonly string Layout = ReadLayout();
    private readonly List<List<Line>> paragraphs;

    internal MessageText(string text)
    {
        paragraphs = [.. text.Split("\n\n").Select(paragraph => paragraph.Split('\n').Where(line => line.Length > 0).Select(Read).ToList())];
    }

    private enum LineKind
    {
        Words,
        Figure,
        Row,
        Button,
        Code,
    }

    /// <summary>Puts the values into one line.</summary>
    internal static string Fill(string line, IReadOnlyDictionary<string, string> values) =>
        Place().Replace(line, place => Clean(values.GetValueOrDefault(place.Groups["name"].Value) ?? "")).Trim();

    /// <summary>As plain text.</summary>
    internal string Plain(IReadOnlyDictionary<string, string> values, string footer)
    {
        var written = Filled(values)
            .Select(paragraph =>
                string.Join(
                    '\n',
                    paragraph.Select(line =>
                        line.Kind switch
                        {
                            LineKind.Row or LineKind.Button => $"{line.Label}: {line.Text}",
                            LineKind.Code => "    " + line.Text,
                            _ => line.Text,
                        }
                    )
                )
            );
        return string.Join("\n\n", footer.Length == 0 ? written : written.Append("--\n" + footer));
    }

    /// <summary>As a page of HTML that loads nothing from anywhere.</summary>
    internal string Html(string subject, IReadOnlyDictionary<string, string> values, string footer)
    {
        var content = new StringBuilder();
        foreach (var paragraph in Filled(values))
        {
            for (var i = 0; i < paragraph.Count; )
            {
                var kind = paragraph[i].Kind;
                var alike = paragraph.Skip(i).TakeWhile(line => line.Kind == kind).ToList();
                Append(content, kind, alike);
                i += alike.Count;
            }
        }

        // One pass: what stands in a value is not looked at again.
        return LayoutPlace()
            .Replace(
                Layout,
                place =>
                    place.Groups["name"].Value switch
                    {
                        "subject" => Encoder.Encode(subject),
                        "content" => content.ToString().TrimEnd('\n'),
                        _ => Encoder.Encode(footer),
                    }
            );
    }

    private IEnumerable<List<Line>> Filled(IReadOnlyDictionary<string, string> values) =>
        paragraphs
            .Select(paragraph =>
                paragraph
                    .Select(line => line with { Text = Fill(line.Text, values) })
                    .Where(line => line.Kind == LineKind.Button ? IsWebAddress(line.Text) : line.Text.Length > 0)
                    .ToList()
            )
            .Where(paragraph => paragraph.Count > 0);

    private static Line Read(string line) =>
        line.StartsWith("# ", StringComparison.Ordinal) ? new Line(LineKind.Figure, "", line[2..])
        : line.StartsWith("| ", StringComparison.Ordinal) && line.Split(": ", 2) is [var label, var value] ? new Line(LineKind.Row, label[2..], value)
        : line.StartsWith("    ", StringComparison.Ordinal) ? new Line(LineKind.Code, "", line)
        : ButtonLine().Match(line) is { Success: true } button ? new Line(LineKind.Button, button.Groups["label"].Value, button.Groups["url"].Value)
        : new Line(LineKind.Words, "", line);

    private static void Append(StringBuilder html, LineKind kind, List<Line> lines)
    {
        var texts = lines.Select(line => Encoder.Encode(line.Text));
        switch (kind)
        {
            case LineKind.Row:
                html.Append("<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"margin:0 0 18px\">\n");
                foreach (var line in lines)
                {
                    html.Append("<tr><td class=\"quiet line\" valign=\"top\" style=\"padding:8px 12px 8px 0;border-top:1px solid #e6eae8;width:26%;")
                        .Append("font-size:14px;line-height:1.45;color:#5c6661\">")
                        .Append(Encoder.Encode(line.Label))
                        .Append("</td>\n<td class=\"text line\" valign=\"top\" style=\"padding:8px 0;border-top:1px solid #e6eae8;")
                        .Append("font-size:14px;line-height:1.45;color:#27302c;overflow-wrap:anywhere;word-break:break-word\">")
                        .Append(Encoder.Encode(line.Text))
                        .Append("</td></tr>\n");
                }

                html.Append("</table>\n");
                break;
            case LineKind.Button:
                foreach (var line in lines)
                {
                    html.Append("<p style=\"margin:4px 0 20px\"><a class=\"button\" href=\"")
                        .Append(Encoder.Encode(line.Text))
                        .Append("\" style=\"display:inline-block;padding:11px 20px;border-radius:8px;background:#14624f;color:#ffffff;")
                        .Append("font-size:15px;font-weight:600;text-decoration:none\">")
                        .Append(Encoder.Encode(line.Label))
                        .Append("</a></p>\n");
                }

                break;
            default:
                var (className, style) = kind switch
                {
                    LineKind.Figure => ("strong", "margin:0 0 14px;font-size:30px;line-height:1.2;font-weight:700;color:#1d2421"),
                    LineKind.Code => (
                        "code",
                        "margin:0 0 16px;padding:14px;border-radius:8px;background:#eef2f0;color:#1d2421;"
                            + "font-family:ui-monospace,Consolas,monospace;font-size:26px;font-weight:600;letter-spacing:.15em;text-align:center"
                    ),
                    _ => ("text", "margin:0 0 16px;font-size:15px;line-height:1.55;color:#27302c;overflow-wrap:anywhere"),
                };
                html.Append(CultureInfo.InvariantCulture, $"<p class=\"{className}\" style=\"{style}\">").AppendJoin("\n", texts).Append("</p>\n");
                break;
        }
    }

    // One line without control characters, and without those that turn the direction of what follows.
    private static string Clean(string value)
    {
        var clean = new string([
            .. value.Select(c =>
                char.IsControl(c) || c is '\u2028' or '\u2029' ? ' '
                : c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u200e' or '\u200f' or '\ufeff' ? '\u00b7'
                : c
            ),
        ]).Trim();
        return clean.Length <= LongestValue ? clean : clean[..(char.IsHighSurrogate(clean[LongestValue - 1]) ? LongestValue - 1 : LongestValue)] + "…";
    }

    private static bool IsWebAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https";

    private static string ReadLayout()
    {
        using var reader = new StreamReader(typeof(MessageText).Assembly.GetManifestResourceStream("MessageLayout")!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    [GeneratedRegex(@"\{(?<name>[a-z_]+)\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Place();

    [GeneratedRegex(@"\{\{(?<name>[a-z]+)\}\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LayoutPlace();

    [GeneratedRegex(@"^\[(?<label>[^\]]+)\]\((?<url>[^)]+)\)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ButtonLine();

    private sealed record Line(LineKind Kind, string Label, string Text);
}
