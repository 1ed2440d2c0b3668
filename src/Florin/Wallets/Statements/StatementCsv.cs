using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Florin.Ledger;
using Florin.Money;

namespace Florin.Wallets;

/// <summary>
/// A statement as CSV (RFC 4180, UTF-8): a heading, the opening balance, one row an entry from the oldest, the closing balance.
/// Times are RFC 3339 in UTC; amounts have exactly the currency's digits and a minus sign for money out.
/// </summary>
internal static class StatementCsv
{
    /// <summary>What it is served as.</summary>
    public const string ContentType = "text/csv; charset=utf-8";

    // By itself CsvHelper leaves a lone CR or LF unquoted beside the NewLine "\r\n", and a note could begin a row of its own.
    private static readonly CsvConfiguration Configuration = new(CultureInfo.InvariantCulture)
    {
        NewLine = "\r\n",
        ShouldQuote = field => field.Field is { Length: > 0 } text && (text.AsSpan().ContainsAny("\",\r\n") || text[0] == ' ' || text[^1] == ' '),
    };

    private static readonly string[] Heading =
    [
        "wallet_number",
        "seq",
        "posted_at",
        "occurred_at",
        "kind",
        "reference",
        "note",
        "amount",
        "currency",
        "balance",
        "posting",
    ];

    /// <summary>Writes it, row by row; the stream stays open.</summary>
    public static async Task WriteAsync(Statement statement, IAsyncEnumerable<EntryView> entries, Stream stream, CancellationToken cancel)
    {
        await using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        await using var csv = new CsvWriter(writer, Configuration, leaveOpen: true);
        foreach (var name in Heading)
        {
            csv.WriteField(name);
        }

        await csv.NextRecordAsync();
        await WriteBalanceAsync(csv, statement, statement.From, "opening_balance", statement.OpeningBalance);
        await foreach (var entry in entries.WithCancellation(cancel))
        {
            csv.WriteField(Harmless(statement.WalletNumber));
            csv.WriteField(entry.Seq);
            csv.WriteField(Time(entry.PostedAt));
            csv.WriteField(Time(entry.OccurredAt));
            csv.WriteField(Harmless(entry.Kind));
            csv.WriteField(Harmless(entry.Reference));
            csv.WriteField(Harmless(Statement.NoteOf(entry.Metadata)));
            csv.WriteField(new Amount(entry.Amount, statement.Currency).ToDecimalString());
            csv.WriteField(statement.Currency.Code);
            csv.WriteField(new Amount(entry.BalanceAfter, statement.Currency).ToDecimalString());
            csv.WriteField(entry.Posting.ToString("N"));
            await csv.NextRecordAsync();
        }

        await WriteBalanceAsync(csv, statement, statement.To, "closing_balance", statement.ClosingBalance);
        await csv.FlushAsync();
        await writer.FlushAsync(cancel);
    }

    /// <summary>Text that a spreadsheet would take for a formula gets an apostrophe in front. Amounts are our own digits and do not come here.</summary>
    internal static string? Harmless(string? text) => text is { Length: > 0 } && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text;

    private static Task WriteBalanceAsync(CsvWriter csv, Statement statement, DateTimeOffset at, string kind, long balance)
    {
        csv.WriteField(Harmless(statement.WalletNumber));
        csv.WriteField("");
        csv.WriteField(Time(at));
        csv.WriteField("");
        csv.WriteField(kind);
        csv.WriteField("");
        csv.WriteField("");
        csv.WriteField("");
        csv.WriteField(statement.Currency.Code);
        csv.WriteField(new Amount(balance, statement.Currency).ToDecimalString());
        csv.WriteField("");
        return csv.NextRecordAsync();
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
