using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Florin.Money;

namespace Florin.Platform;

/// <summary>Tables as CSV (RFC 4180, UTF-8), safe to open in a spreadsheet.</summary>
public static class Csv
{
    /// <summary>What it is served as.</summary>
    public const string ContentType = "text/csv; charset=utf-8";

    // By itself CsvHelper leaves a lone CR or LF unquoted beside the NewLine "\r\n", and a note could begin a row of its own.
    private static readonly CsvConfiguration Configuration = new(CultureInfo.InvariantCulture)
    {
        NewLine = "\r\n",
        ShouldQuote = field => field.Field is { Length: > 0 } text && (text.AsSpan().ContainsAny("\",\r\n") || text[0] == ' ' || text[^1] == ' '),
    };

    /// <summary>Whether CSV is asked for instead of JSON, by <c>?format=</c> or by the <c>Accept</c> header.</summary>
    /// <param name="http">The request; its answer is marked as one that depends on the header.</param>
    /// <param name="format"><c>json</c>, <c>csv</c>, or null.</param>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public static bool Wanted(HttpContext http, string? format)
    {
        http.Response.Headers.Vary = "Accept";
        if (format is not null)
        {
            return format is "csv" || (format is "json" ? false : throw PlatformRefusals.InvalidRequest.Field("format", "must be json or csv"));
        }

        var first = http
            .Request.GetTypedHeaders()
            .Accept.OrderByDescending(type => type.Quality ?? 1)
            .FirstOrDefault(type => type.MediaType.Value?.ToLowerInvariant() is "text/csv" or "application/json" or "*/*");
        return string.Equals(first?.MediaType.Value, "text/csv", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Text that a spreadsheet would take for a formula gets an apostrophe in front. Amounts are our own digits and do not come here.</summary>
    public static string? Harmless(string? text) => text is { Length: > 0 } && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text;

    /// <summary>A table that is written while its rows are read.</summary>
    /// <param name="file">The file's name, with its ending.</param>
    /// <param name="heading">The names of the columns.</param>
    /// <param name="rows">A cell each: text, a whole number, an <see cref="Amount"/> or a time.</param>
    /// <param name="cancel">Stops writing.</param>
    public static IResult Table(string file, IReadOnlyList<string> heading, IAsyncEnumerable<object?[]> rows, CancellationToken cancel) =>
        Results.Stream(stream => WriteAsync(stream, heading, rows, cancel), ContentType, file);

    /// <summary>A writer of such a table; the stream stays open.</summary>
    public static CsvWriter Writer(StreamWriter writer) => new(writer, Configuration, leaveOpen: true);

    /// <summary>A writer of UTF-8; the stream stays open.</summary>
    public static StreamWriter Text(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);

    /// <summary>RFC 3339 in UTC with microseconds.</summary>
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static async Task WriteAsync(Stream stream, IReadOnlyList<string> heading, IAsyncEnumerable<object?[]> rows, CancellationToken cancel)
    {
        await using var writer = Text(stream);
        await using var csv = Writer(writer);
        foreach (var name in heading)
        {
            csv.WriteField(name);
        }

        await csv.NextRecordAsync();
        await foreach (var row in rows.WithCancellation(cancel))
        {
            foreach (var cell in row)
            {
                csv.WriteField(Show(cell));
            }

            await csv.NextRecordAsync();
        }

        await csv.FlushAsync();
        await writer.FlushAsync(cancel);
    }

    private static string? Show(object? cell) =>
        cell switch
        {
            null => null,
            string text => Harmless(text),
            Amount amount => amount.ToDecimalString(),
            DateTimeOffset at => Time(at),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => throw new ArgumentException($"no cell is a {cell.GetType()}", nameof(cell)),
        };
}
