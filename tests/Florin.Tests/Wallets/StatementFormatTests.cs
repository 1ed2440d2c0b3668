using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using CsvHelper;
using Florin.Ledger;
using Florin.Money;
using Florin.Wallets;

namespace Florin.Tests.Wallets;

public sealed class StatementFormatTests
{
    private static readonly DateTimeOffset From = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly XNamespace Camt = StatementCamt053.Namespace;

    // The order of children in camt.053.001.08's schema, as far as we write them; a star may repeat, a question mark may be absent.
    private static readonly Dictionary<string, string> Order = new(StringComparer.Ordinal)
    {
        ["Document"] = "BkToCstmrStmt",
        ["Document/BkToCstmrStmt"] = "GrpHdr Stmt*",
        ["BkToCstmrStmt/GrpHdr"] = "MsgId CreDtTm",
        ["BkToCstmrStmt/Stmt"] = "Id CreDtTm FrToDt Acct Bal* Ntry*",
        ["Stmt/FrToDt"] = "FrDtTm ToDtTm",
        ["Stmt/Acct"] = "Id Ccy Ownr?",
        ["Acct/Id"] = "Othr",
        ["Id/Othr"] = "Id",
        ["Acct/Ownr"] = "Nm",
        ["Stmt/Bal"] = "Tp Amt CdtDbtInd Dt",
        ["Bal/Tp"] = "CdOrPrtry",
        ["Tp/CdOrPrtry"] = "Cd",
        ["Bal/Dt"] = "Dt",
        ["Stmt/Ntry"] = "NtryRef Amt CdtDbtInd Sts BookgDt ValDt AcctSvcrRef BkTxCd NtryDtls*",
        ["Ntry/Sts"] = "Cd",
        ["Ntry/BookgDt"] = "DtTm",
        ["Ntry/ValDt"] = "DtTm",
        ["Ntry/BkTxCd"] = "Prtry",
        ["BkTxCd/Prtry"] = "Cd Issr",
        ["Ntry/NtryDtls"] = "TxDtls",
        ["NtryDtls/TxDtls"] = "RmtInf",
        ["TxDtls/RmtInf"] = "Ustrd",
    };

    [Fact]
    public async Task Camt053_has_its_elements_in_the_order_of_the_schema()
    {
        var document = XDocument.Parse(await CamtAsync("KZT", 1_000, [500, -20_75]));
        var seen = 0;
        foreach (var element in document.Descendants().Where(e => e.HasElements))
        {
            var path = element.Parent is null ? element.Name.LocalName : $"{element.Parent.Name.LocalName}/{element.Name.LocalName}";
            AssertOrder(path, Order[path].Split(' '), [.. element.Elements().Select(child => child.Name.LocalName)]);
            seen++;
        }

        Assert.True(seen > 30, $"only {seen} elements looked at");
        Assert.All(document.Descendants(), element => Assert.Equal(Camt, element.Name.Namespace));
    }

    [Theory]
    [InlineData("KZT")]
    [InlineData("JPY")]
    [InlineData("KWD")]
    public async Task Camt053_opening_balance_and_entries_add_up_to_the_closing_balance(string code)
    {
        var currency = Currency.Of(code);
        var statement = XDocument.Parse(await CamtAsync(code, -7_001, [12_345_678_901, -3, 99, -1_000_000])).Descendants(Camt + "Stmt").Single();
        var balances = statement.Elements(Camt + "Bal").ToDictionary(b => b.Descendants(Camt + "Cd").Single().Value, Signed, StringComparer.Ordinal);
        Assert.Equal(balances["CLBD"], balances["OPBD"] + statement.Elements(Camt + "Ntry").Sum(Signed));
        Assert.Equal(-7_001m / currency.MinorPerMajor, balances["OPBD"]);
        Assert.All(
            statement.Descendants(Camt + "Amt"),
            amount =>
            {
                Assert.Equal(code, amount.Attribute("Ccy")!.Value);
                Assert.DoesNotContain('-', amount.Value);
                Assert.Equal(currency.Digits, amount.Value.Contains('.', StringComparison.Ordinal) ? amount.Value.Split('.')[1].Length : 0);
            }
        );
    }

    [Fact]
    public async Task Camt053_names_the_wallet_and_the_days_of_its_balances()
    {
        var statement = XDocument.Parse(await CamtAsync("EUR", 0, [5])).Descendants(Camt + "Stmt").Single();
        Assert.Equal("0123456789", statement.Element(Camt + "Acct")!.Element(Camt + "Id")!.Element(Camt + "Othr")!.Element(Camt + "Id")!.Value);
        Assert.Equal(["2026-01-01", "2026-01-31"], statement.Elements(Camt + "Bal").Select(b => b.Element(Camt + "Dt")!.Value));
        var entry = statement.Element(Camt + "Ntry")!;
        Assert.Equal("2026-01-01T00:01:00.000000Z", entry.Element(Camt + "BookgDt")!.Value);
        Assert.Equal("2026-01-01T00:00:30.000000Z", entry.Element(Camt + "ValDt")!.Value);
    }

    [Fact]
    public async Task Camt053_survives_hostile_names_and_notes()
    {
        var xml = await CamtAsync(
            "KZT",
            0,
            [1],
            owner: "A\u0000\u0001<b>&\ud800\uffff" + new string('я', 200),
            note: "]]>\u0008 tab\t\ud83d\ude00 " + new string('x', 200)
        );
        var document = XDocument.Parse(xml);
        var owner = document.Descendants(Camt + "Nm").Single().Value;
        Assert.StartsWith("A<b>&\ufffdя", owner, StringComparison.Ordinal);
        Assert.Equal(140, owner.Length);
        var remittance = document.Descendants(Camt + "Ustrd").Single().Value;
        Assert.StartsWith("transfer wal_1 ]]> tab \ud83d\ude00 x", remittance, StringComparison.Ordinal);
        Assert.True(remittance.Length <= 140);
        Assert.Equal("ab", StatementCamt053.Clean("ab\ud83d\ude00", 3));
    }

    [Fact]
    public async Task Camt053_without_an_owner_or_entries_is_still_well_formed()
    {
        var document = XDocument.Parse(await CamtAsync("KZT", 5, [], owner: "\u0001"));
        Assert.Empty(document.Descendants(Camt + "Ownr"));
        Assert.Equal(2, document.Descendants(Camt + "Bal").Count());
    }

    [Fact]
    public async Task Camt053_of_many_entries_is_sent_in_pieces_and_never_blocks()
    {
        using var stream = new AsyncOnlyStream();
        await StatementCamt053.WriteAsync(
            Header("KZT", 0, 5_000, "A"),
            Entries(0, [.. Enumerable.Repeat(1L, 5_000)], null),
            stream,
            TestContext.Current.CancellationToken
        );
        Assert.True(stream.Writes > 20);
        Assert.True(stream.Largest < 200_000, $"{stream.Largest} bytes at once");
        using var reader = XmlReader.Create(new MemoryStream(stream.ToArray()));
        var entries = 0;
        while (reader.Read())
        {
            entries += reader.NodeType == XmlNodeType.Element && reader.LocalName is "Ntry" ? 1 : 0;
        }

        Assert.Equal(5_000, entries);
    }

    [Fact]
    public async Task Csv_rows_add_up_and_negative_amounts_stay_numbers()
    {
        var rows = await CsvAsync("KZT", 1_000, [500, -20_75], "thanks, \"friend\"\r\nbye");
        Assert.Equal(["opening_balance", "transfer", "transfer", "closing_balance"], rows.Select(row => row["kind"]));
        Assert.Equal(["", "5.00", "-20.75", ""], rows.Select(row => row["amount"]));
        Assert.Equal(["10.00", "15.00", "-5.75", "-5.75"], rows.Select(row => row["balance"]));
        Assert.Equal("thanks, \"friend\"\r\nbye", rows[1]["note"]);
        Assert.Equal("0123456789", rows[1]["wallet_number"]);
    }

    [Theory]
    [InlineData("=1+1")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("@SUM(A1)")]
    [InlineData("\t=1")]
    [InlineData("\r=1")]
    [InlineData("=a\n=b")]
    [InlineData("=a\r=b,c")]
    public async Task Csv_text_that_a_spreadsheet_would_run_is_neutralised(string text)
    {
        var rows = await CsvAsync("KZT", 0, [1], text);
        Assert.Equal("'" + text, rows[1]["note"]);
    }

    [Fact]
    public async Task Csv_never_blocks()
    {
        using var stream = new AsyncOnlyStream();
        await StatementCsv.WriteAsync(
            Header("KZT", 0, 5_000, "A"),
            Entries(0, [.. Enumerable.Repeat(1L, 5_000)], "ж"),
            stream,
            TestContext.Current.CancellationToken
        );
        Assert.Equal(5_003, Encoding.UTF8.GetString(stream.ToArray()).Split("\r\n").Length - 1);
        Assert.True(stream.Largest < 200_000, $"{stream.Largest} bytes at once");
    }

    private static void AssertOrder(string path, string[] allowed, List<string> children)
    {
        var at = 0;
        foreach (var rule in allowed)
        {
            var name = rule.TrimEnd('*', '?');
            var found = 0;
            while (at < children.Count && string.Equals(children[at], name, StringComparison.Ordinal))
            {
                at++;
                found++;
            }

            Assert.True(rule[^1] == '*' || found == 1 || (rule[^1] == '?' && found == 0), $"{path}: {found} × {name} in {string.Join(' ', children)}");
        }

        Assert.True(at == children.Count, $"{path}: unexpected or misplaced {string.Join(' ', children.Skip(at))}");
    }

    private static decimal Signed(XElement element)
    {
        var amount = decimal.Parse(element.Element(Camt + "Amt")!.Value, CultureInfo.InvariantCulture);
        return element.Element(Camt + "CdtDbtInd")!.Value is "DBIT" ? -amount : amount;
    }

    private static Statement Header(string code, long opening, long closing, string owner) =>
        new("0123456789", owner, Currency.Of(code), From, From.AddMonths(1), opening, closing, From.AddMonths(2));

    private static async IAsyncEnumerable<EntryView> Entries(long balance, long[] amounts, string? note)
    {
        var metadata = note is null ? null : System.Text.Json.JsonSerializer.Serialize(new { note });
        for (var i = 0; i < amounts.Length; i++)
        {
            await Task.Yield();
            balance += amounts[i];
            var at = From.AddMinutes(i + 1);
            yield return new EntryView(7, i + 1, amounts[i], balance, at, at.AddSeconds(-30), Guid.CreateVersion7(), "transfer", "wal_1", metadata, [8]);
        }
    }

    private static async Task<string> CamtAsync(string code, long opening, long[] amounts, string owner = "Alice", string? note = null)
    {
        using var stream = new AsyncOnlyStream();
        await StatementCamt053.WriteAsync(
            Header(code, opening, opening + amounts.Sum(), owner),
            Entries(opening, amounts, note),
            stream,
            TestContext.Current.CancellationToken
        );
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static async Task<List<Dictionary<string, string>>> CsvAsync(string code, long opening, long[] amounts, string? note)
    {
        using var stream = new AsyncOnlyStream();
        await StatementCsv.WriteAsync(
            Header(code, opening, opening + amounts.Sum(), "Alice"),
            Entries(opening, amounts, note),
            stream,
            TestContext.Current.CancellationToken
        );
        using var csv = new CsvReader(new StringReader(Encoding.UTF8.GetString(stream.ToArray())), CultureInfo.InvariantCulture);
        var rows = new List<Dictionary<string, string>>();
        await csv.ReadAsync();
        csv.ReadHeader();
        while (await csv.ReadAsync())
        {
            rows.Add(csv.HeaderRecord!.ToDictionary(name => name, name => csv.GetField(name)!, StringComparer.Ordinal));
        }

        return rows;
    }

    // Kestrel's answer stream refuses to block, and so does this one.
    private sealed class AsyncOnlyStream : MemoryStream
    {
        public int Writes { get; private set; }

        public int Largest { get; private set; }

        public override void Flush() { }

        public override void Write(byte[] buffer, int offset, int count) => throw new InvalidOperationException("a write that blocks");

        public override void Write(ReadOnlySpan<byte> buffer) => throw new InvalidOperationException("a write that blocks");

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writes++;
            Largest = Math.Max(Largest, buffer.Length);
            base.Write(buffer.Span.ToArray(), 0, buffer.Length);
            return ValueTask.CompletedTask;
        }
    }
}
