using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Florin.Money;
using Florin.Platform;

namespace Florin.Gateways.Reconciliation;

/// <summary>What moved at a gateway; the wire's values.</summary>
internal static class MovementKinds
{
    /// <summary>Collected from a payer.</summary>
    public const string Charge = "charge";

    /// <summary>Given back to a payer.</summary>
    public const string Refund = "refund";

    /// <summary>Anything else: a payout to the bank, a fee by itself, a dispute …</summary>
    public const string Other = "other";
}

/// <summary>One movement as a gateway's file has it.</summary>
/// <param name="Line">Of the file, whose heading is 1.</param>
/// <param name="Reference">The gateway's own id of the movement.</param>
/// <param name="Kind">One of <see cref="MovementKinds"/>.</param>
/// <param name="Type">As the gateway calls it.</param>
/// <param name="Amount">What the payer paid or got back, never below zero.</param>
/// <param name="HappenedAt">When.</param>
internal sealed record SettlementLine(int Line, string Reference, string Kind, string Type, Amount Amount, DateTimeOffset HappenedAt)
{
    /// <summary>What the gateway keeps.</summary>
    public Amount? Fee { get; init; }

    /// <summary>Whether the file's own sum is wrong: amount less fee is not its net.</summary>
    public bool FeeIsOdd { get; init; }

    /// <summary>Ids of ours by which it is found.</summary>
    public IReadOnlyList<Guid> Ids { get; init; } = [];

    /// <summary>The gateway's ids of the charge or refund.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}

/// <summary>The columns that one gateway's file has, each under any of these names, in lower case.</summary>
internal sealed record SettlementFormat
{
    /// <summary>The movement's own id.</summary>
    public required string[] Reference { get; init; }

    /// <summary>What kind of movement; a file without it has charges only.</summary>
    public string[] Type { get; init; } = [];

    /// <summary>Our id of the attempt or refund.</summary>
    public string[] Id { get; init; } = [];

    /// <summary>The gateway's ids of the charge or refund.</summary>
    public string[] Names { get; init; } = [];

    /// <summary>What moved, signed or not.</summary>
    public required string[] Amount { get; init; }

    /// <summary>Its currency.</summary>
    public required string[] Currency { get; init; }

    /// <summary>What the payer paid, where the account is kept in another currency.</summary>
    public string[] PayerAmount { get; init; } = [];

    /// <summary>Its currency.</summary>
    public string[] PayerCurrency { get; init; } = [];

    /// <summary>What the gateway keeps.</summary>
    public string[] Fee { get; init; } = [];

    /// <summary>Amount less fee.</summary>
    public string[] Net { get; init; } = [];

    /// <summary>When.</summary>
    public required string[] HappenedAt { get; init; }

    /// <summary>The zone of times that name none.</summary>
    public TimeSpan Zone { get; init; }

    /// <summary>What the gateway's words for kinds mean; others are <see cref="MovementKinds.Other"/>.</summary>
    public required IReadOnlyDictionary<string, string> Kinds { get; init; }

    /// <summary>Balance transactions as the Dashboard and the reports export them (itemized balance change from activity).</summary>
    public static readonly SettlementFormat Stripe = new()
    {
        Reference = ["balance_transaction_id", "id"],
        Type = ["reporting_category", "type"],
        Id = ["payment_metadata[attempt]", "refund_metadata[refund]", "attempt (metadata)", "refund (metadata)", "metadata[attempt]", "metadata[refund]"],
        Names = ["payment_intent_id", "payment_intent", "source_id", "source"],
        Amount = ["gross", "amount"],
        Currency = ["currency"],
        PayerAmount = ["customer_facing_amount", "customer facing amount"],
        PayerCurrency = ["customer_facing_currency", "customer facing currency"],
        Fee = ["fee"],
        Net = ["net"],
        HappenedAt = ["created_utc", "created (utc)", "created"],
        Kinds = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["charge"] = MovementKinds.Charge,
            ["payment"] = MovementKinds.Charge,
            ["refund"] = MovementKinds.Refund,
            ["payment_refund"] = MovementKinds.Refund,
        },
    };

    /// <summary>The merchant panel's report of transactions. Its times are those of Dhaka.</summary>
    public static readonly SettlementFormat AamarPay = new()
    {
        Reference = ["pg_txnid", "pg txnid", "pg transaction id", "transaction id"],
        Type = ["pay_status", "status", "payment status"],
        Id = ["mer_txnid", "mer txnid", "merchant txn id", "merchant transaction id", "tran_id"],
        Amount = ["amount", "amount_original"],
        Currency = ["currency", "currency_merchant"],
        Fee = ["pg_service_charge_bdt", "service charge", "charge", "fee"],
        Net = ["store_amount", "store amount", "received amount"],
        HappenedAt = ["pay_time", "date_processed", "date processed", "date"],
        Zone = TimeSpan.FromHours(6),
        Kinds = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["successful"] = MovementKinds.Charge,
            ["success"] = MovementKinds.Charge,
            ["refunded"] = MovementKinds.Refund,
            ["refund"] = MovementKinds.Refund,
        },
    };
}

/// <summary>Reads a gateway's file, whole or not at all.</summary>
internal static class SettlementFile
{
    /// <summary>Bytes at most.</summary>
    public const int MostBytes = 10 * 1024 * 1024;

    /// <summary>Lines at most.</summary>
    public const int MostLines = 50_000;

    private const int MostFaults = 20;
    private static readonly string[] Times =
    [
        "yyyy-MM-dd HH:mm:ss",
        "yyyy-MM-dd HH:mm",
        "yyyy-MM-dd'T'HH:mm:ss",
        "yyyy-MM-dd'T'HH:mm:ssK",
        "yyyy-MM-dd HH:mm:ssK",
    ];

    /// <summary>The movements of a file in their order.</summary>
    /// <exception cref="Refusal"><c>settlement_not_readable</c>; its errors name the lines</exception>
    public static IReadOnlyList<SettlementLine> Read(byte[] content, SettlementFormat format)
    {
        using var text = new StreamReader(new MemoryStream(content), new UTF8Encoding(false, throwOnInvalidBytes: true));
        using var csv = new CsvReader(text, new CsvConfiguration(CultureInfo.InvariantCulture) { MaxFieldSize = 10_000 });
        var faults = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        var lines = new List<SettlementLine>();
        try
        {
            if (!csv.Read() || !csv.ReadHeader())
            {
                throw Refuse("line 1", "is empty");
            }

            var columns = new Columns(csv.HeaderRecord!, format);
            while (csv.Read())
            {
                var line = csv.Parser.RawRow;
                try
                {
                    lines.Add(columns.Read(csv, line));
                }
                catch (FormatException fault)
                {
                    faults[string.Create(CultureInfo.InvariantCulture, $"line {line}")] = [fault.Message];
                }

                if (lines.Count > MostLines || faults.Count >= MostFaults)
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is CsvHelperException or DecoderFallbackException)
        {
            throw Refuse(string.Create(CultureInfo.InvariantCulture, $"line {Math.Max(1, csv.Parser.RawRow)}"), "is no CSV in UTF-8");
        }

        return faults.Count > 0 ? throw new Refusal(GatewaysRefusals.SettlementNotReadable) { Errors = faults }
            : lines.Count > MostLines ? throw Refuse("file", $"has more than {MostLines} lines")
            : lines.Count == 0 ? throw Refuse("file", "has no movements")
            : lines;
    }

    private static Refusal Refuse(string where, string what) => GatewaysRefusals.SettlementNotReadable.Field(where, what);

    private sealed class Columns
    {
        private readonly SettlementFormat format;
        private readonly Dictionary<string, int> at = new(StringComparer.Ordinal);

        public Columns(string[] heading, SettlementFormat format)
        {
            this.format = format;
            for (var i = 0; i < heading.Length; i++)
            {
                at.TryAdd(heading[i].Trim().ToLowerInvariant(), i);
            }

            foreach (var needed in new[] { format.Reference, format.Amount, format.Currency, format.HappenedAt })
            {
                if (!needed.Any(at.ContainsKey))
                {
                    throw Refuse("line 1", $"has no column {string.Join(" or ", needed)}");
                }
            }

            if (!format.Id.Concat(format.Names).Any(at.ContainsKey))
            {
                throw Refuse("line 1", $"has no column {string.Join(" or ", format.Id.Concat(format.Names))}");
            }

            if (format.Type.Length > 0 && !format.Type.Any(at.ContainsKey))
            {
                throw Refuse("line 1", $"has no column {string.Join(" or ", format.Type)}");
            }
        }

        public SettlementLine Read(CsvReader row, int line)
        {
            var type = Text(row, format.Type) ?? "";
            var currency = CurrencyOf(Text(row, format.Currency), "currency");
            var moved = AmountOf(Text(row, format.Amount) ?? throw new FormatException("has no amount"), currency, "amount");
            var fee = Text(row, format.Fee) is { } feeText ? AmountOf(feeText, currency, "fee") : (long?)null;
            var net = Text(row, format.Net) is { } netText ? AmountOf(netText, currency, "net") : (long?)null;
            fee ??= net is { } left ? Math.Abs(moved) - Math.Abs(left) : null;
            var payerCurrency = Text(row, format.PayerCurrency) is { } payers ? CurrencyOf(payers, "customer facing currency") : currency;
            var paid = Text(row, format.PayerAmount) is { } paidText ? AmountOf(paidText, payerCurrency, "customer facing amount") : moved;
            var reference = Text(row, format.Reference) ?? throw new FormatException("has no id");
            return new SettlementLine(
                line,
                reference.Length <= 255 ? reference : throw new FormatException("has an id of more than 255 characters"),
                format.Kinds.GetValueOrDefault(type, MovementKinds.Other),
                type.Length <= 100 ? type : type[..100],
                new Amount(Math.Abs(paid), Text(row, format.PayerAmount) is null ? currency : payerCurrency),
                TimeOf(Text(row, format.HappenedAt))
            )
            {
                Fee = fee is { } kept ? new Amount(kept, currency) : null,
                FeeIsOdd = net is { } rest && fee is { } odd && moved - odd != rest && Math.Abs(moved) - odd != rest,
                Ids = [.. All(row, format.Id).Select(one => Guid.TryParse(one, out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty)],
                Names = [.. All(row, format.Names)],
            };
        }

        private string? Text(CsvReader row, string[] names) => All(row, names).FirstOrDefault();

        private IEnumerable<string> All(CsvReader row, string[] names) =>
            names
                .Where(at.ContainsKey)
                .Select(name => row.TryGetField<string>(at[name], out var text) ? text?.Trim() : null)
                .OfType<string>()
                .Where(text => text.Length > 0);

        private static Currency CurrencyOf(string? text, string column) =>
            Currency.TryParse(text?.ToUpperInvariant(), out var currency) ? currency : throw new FormatException($"has no known {column}");

        private static long AmountOf(string text, Currency currency, string column)
        {
            if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
            {
                throw new FormatException($"has no number as {column}");
            }

            if (Math.Abs(value) > Amount.MaxMinor / (decimal)currency.MinorPerMajor)
            {
                throw new FormatException($"has too large a number as {column}");
            }

            var minor = value * currency.MinorPerMajor;
            return minor == decimal.Truncate(minor) ? (long)minor : throw new FormatException($"has more digits as {column} than {currency.Code} has");
        }

        private DateTimeOffset TimeOf(string? text) =>
            DateTime.TryParseExact(text, Times, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time)
                ? time.Kind == DateTimeKind.Utc
                    ? new DateTimeOffset(time)
                    : new DateTimeOffset(time, format.Zone).ToUniversalTime()
                : throw new FormatException("has no time such as 2026-01-31 23:59:00");
    }
}
