using CsvHelper;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>
/// A statement as CSV (RFC 4180, UTF-8): a heading, the opening balance, one row an entry from the oldest, the closing balance.
/// Times are RFC 3339 in UTC; amounts have exactly the currency's digits and a minus sign for money out.
/// </summary>
internal static class StatementCsv
{
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
        await using var writer = Csv.Text(stream);
        await using var csv = Csv.Writer(writer);
        foreach (var name in Heading)
        {
            csv.WriteField(name);
        }

        await csv.NextRecordAsync();
        await WriteBalanceAsync(csv, statement, statement.From, "opening_balance", statement.OpeningBalance);
        await foreach (var entry in entries.WithCancellation(cancel))
        {
            csv.WriteField(Csv.Harmless(statement.WalletNumber));
            csv.WriteField(entry.Seq);
            csv.WriteField(Csv.Time(entry.PostedAt));
            csv.WriteField(Csv.Time(entry.OccurredAt));
            csv.WriteField(Csv.Harmless(entry.Kind));
            csv.WriteField(Csv.Harmless(entry.Reference));
            csv.WriteField(Csv.Harmless(Statement.NoteOf(entry.Metadata)));
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

    private static Task WriteBalanceAsync(CsvWriter csv, Statement statement, DateTimeOffset at, string kind, long balance)
    {
        csv.WriteField(Csv.Harmless(statement.WalletNumber));
        csv.WriteField("");
        csv.WriteField(Csv.Time(at));
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
}
