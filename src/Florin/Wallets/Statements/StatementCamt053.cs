using System.Globalization;
using System.Text;
using System.Xml;
using Florin.Ledger;
using Florin.Money;

namespace Florin.Wallets;

/// <summary>
/// A statement as ISO 20022 camt.053.001.08 (BankToCustomerStatementV08), which accounting programs read in. The account is named by the
/// wallet's number, since there is no IBAN. Elements stand in the order of the message's schema; texts are cut to its lengths.
/// </summary>
internal static class StatementCamt053
{
    /// <summary>What it is served as.</summary>
    public const string ContentType = "application/xml; charset=utf-8";

    /// <summary>The message's namespace.</summary>
    public const string Namespace = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08";

    private const int Chunk = 32 * 1024;

    /// <summary>Writes it, some entries at a time; the stream stays open.</summary>
    public static async Task WriteAsync(Statement statement, IAsyncEnumerable<EntryView> entries, Stream stream, CancellationToken cancel)
    {
        // The writer fills a buffer and only the buffer is sent, so that nothing blocks on the network.
        using var buffer = new MemoryStream(Chunk * 2);
        await using var xml = XmlWriter.Create(
            buffer,
            new XmlWriterSettings
            {
                Async = true,
                Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
                Indent = true,
            }
        );
        await xml.WriteStartDocumentAsync();
        Start(xml, "Document");
        Start(xml, "BkToCstmrStmt");
        WriteHeader(xml, statement);
        await foreach (var entry in entries.WithCancellation(cancel))
        {
            WriteEntry(xml, statement.Currency, entry);
            if (buffer.Length > Chunk)
            {
                await SendAsync(xml, buffer, stream, cancel);
            }
        }

        await xml.WriteEndDocumentAsync();
        await SendAsync(xml, buffer, stream, cancel);
    }

    /// <summary>Leaves out what XML 1.0 cannot hold, makes line breaks blanks and cuts to a length in UTF-16 units, never through a character.</summary>
    internal static string Clean(string? text, int most)
    {
        var clean = new StringBuilder();
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            // EnumerateRunes gives U+FFFD for half a surrogate pair.
            var legal = rune.Value > char.MaxValue || XmlConvert.IsXmlChar((char)rune.Value);
            if (!legal)
            {
                continue;
            }

            if (clean.Length + rune.Utf16SequenceLength > most)
            {
                break;
            }

            clean.Append(rune.Value is '\t' or '\r' or '\n' ? " " : rune.ToString());
        }

        return clean.ToString().Trim();
    }

    // GrpHdr, then Stmt up to its entries: Id, CreDtTm, FrToDt, Acct, Bal.
    private static void WriteHeader(XmlWriter xml, Statement statement)
    {
        var id = statement.Id.ToString("N");
        Start(xml, "GrpHdr");
        Text(xml, "MsgId", id);
        Text(xml, "CreDtTm", Time(statement.CreatedAt));
        xml.WriteEndElement();

        Start(xml, "Stmt");
        Text(xml, "Id", id);
        Text(xml, "CreDtTm", Time(statement.CreatedAt));
        Start(xml, "FrToDt");
        Text(xml, "FrDtTm", Time(statement.From));
        Text(xml, "ToDtTm", Time(statement.To));
        xml.WriteEndElement();

        Start(xml, "Acct");
        Start(xml, "Id");
        Start(xml, "Othr");
        Text(xml, "Id", Clean(statement.WalletNumber, 34));
        xml.WriteEndElement();
        xml.WriteEndElement();
        Text(xml, "Ccy", statement.Currency.Code);
        var owner = Clean(statement.OwnerName, 140);
        if (owner.Length > 0)
        {
            Start(xml, "Ownr");
            Text(xml, "Nm", owner);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        WriteBalance(xml, "OPBD", new Amount(statement.OpeningBalance, statement.Currency), statement.From);
        // The period ends before To: a statement to midnight closes on the day before.
        var last = statement.To > statement.From ? statement.To.AddTicks(-TimeSpan.TicksPerMicrosecond) : statement.To;
        WriteBalance(xml, "CLBD", new Amount(statement.ClosingBalance, statement.Currency), last);
    }

    // CashBalance8: Tp, Amt, CdtDbtInd, Dt.
    private static void WriteBalance(XmlWriter xml, string code, Amount balance, DateTimeOffset on)
    {
        Start(xml, "Bal");
        Start(xml, "Tp");
        Start(xml, "CdOrPrtry");
        Text(xml, "Cd", code);
        xml.WriteEndElement();
        xml.WriteEndElement();
        WriteAmount(xml, balance);
        Start(xml, "Dt");
        Text(xml, "Dt", on.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    // ReportEntry10: NtryRef, Amt, CdtDbtInd, Sts, BookgDt, ValDt, AcctSvcrRef, BkTxCd, NtryDtls.
    private static void WriteEntry(XmlWriter xml, Currency currency, EntryView entry)
    {
        Start(xml, "Ntry");
        Text(xml, "NtryRef", entry.Seq.ToString(CultureInfo.InvariantCulture));
        WriteAmount(xml, new Amount(entry.Amount, currency));
        Start(xml, "Sts");
        Text(xml, "Cd", "BOOK");
        xml.WriteEndElement();
        Start(xml, "BookgDt");
        Text(xml, "DtTm", Time(entry.PostedAt));
        xml.WriteEndElement();
        Start(xml, "ValDt");
        Text(xml, "DtTm", Time(entry.OccurredAt));
        xml.WriteEndElement();
        Text(xml, "AcctSvcrRef", entry.Posting.ToString("N"));
        Start(xml, "BkTxCd");
        Start(xml, "Prtry");
        Text(xml, "Cd", Clean(entry.Kind, 35));
        Text(xml, "Issr", "Florin");
        xml.WriteEndElement();
        xml.WriteEndElement();
        Start(xml, "NtryDtls");
        Start(xml, "TxDtls");
        Start(xml, "RmtInf");
        Text(xml, "Ustrd", Clean(Statement.Describe(entry), 140));
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    // An amount has no sign here; the side says it.
    private static void WriteAmount(XmlWriter xml, Amount amount)
    {
        Start(xml, "Amt");
        xml.WriteAttributeString("Ccy", amount.Currency.Code);
        xml.WriteString(amount.ToDecimalString().TrimStart('-'));
        xml.WriteEndElement();
        Text(xml, "CdtDbtInd", amount.Minor < 0 ? "DBIT" : "CRDT");
    }

    private static void Start(XmlWriter xml, string name) => xml.WriteStartElement(name, Namespace);

    private static void Text(XmlWriter xml, string name, string value) => xml.WriteElementString(name, Namespace, value);

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static async Task SendAsync(XmlWriter xml, MemoryStream buffer, Stream stream, CancellationToken cancel)
    {
        await xml.FlushAsync();
        await stream.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancel);
        buffer.SetLength(0);
    }
}
