using System.Text.Json;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Files;

/// <summary>The credits that one payment bought. Each is available, held by a file under way, spent, or was refunded.</summary>
internal sealed class CreditLot
{
    /// <summary>Credits in one payment.</summary>
    public const int Most = 100;

    private const string Table = "files.credit_lots";

    /// <summary>The payment.</summary>
    public required Guid PaymentId { get; init; }

    /// <summary>Whose credits.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>For which work.</summary>
    public required string Service { get; init; }

    /// <summary>Of one credit, minor units.</summary>
    public required long Price { get; init; }

    /// <summary>Of the price.</summary>
    public required string Currency { get; init; }

    /// <summary>1 to 100.</summary>
    public required int Bought { get; init; }

    /// <summary>Free to be used.</summary>
    public int Available { get; init; }

    /// <summary>Used by files under way.</summary>
    public int Held { get; init; }

    /// <summary>Used up.</summary>
    public int Spent { get; init; }

    /// <summary>Paid back.</summary>
    public int Refunded { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset BoughtAt { get; init; }

    /// <summary>The price of one.</summary>
    public Amount PriceOfOne => new(Price, Money.Currency.Of(Currency));

    /// <summary>The insert of new lots.</summary>
    public static readonly InsertShape<CreditLot> Shape = new(
        "insert into files.credit_lots (payment_id, person_id, service, price, currency, bought, available, bought_at) "
            + "select * from unnest($1, $2, $3, $4, $5, $6, $7, $8)",
        Column.Of((CreditLot l) => l.PaymentId, NpgsqlDbType.Uuid),
        Column.Of((CreditLot l) => l.PersonId, NpgsqlDbType.Uuid),
        Column.Of((CreditLot l) => l.Service, NpgsqlDbType.Text),
        Column.Of((CreditLot l) => l.Price, NpgsqlDbType.Bigint),
        Column.Of((CreditLot l) => l.Currency, NpgsqlDbType.Text),
        Column.Of((CreditLot l) => l.Bought, NpgsqlDbType.Integer),
        Column.Of((CreditLot l) => l.Available, NpgsqlDbType.Integer),
        Column.Of((CreditLot l) => l.BoughtAt.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    /// <summary>A file takes one credit.</summary>
    public static RowChange Hold(Guid lot) => Change(lot, "available = available - $2, held = held + $2", "available >= $2", 1, FilesRefusals.NoFileCredit);

    /// <summary>The file is done.</summary>
    public static RowChange Spend(Guid lot) => Change(lot, "held = held - $2, spent = spent + $2", "held >= $2", 1, LedgerRefusals.AlreadyDone);

    /// <summary>The file failed.</summary>
    public static RowChange GiveBack(Guid lot) => Change(lot, "held = held - $2, available = available + $2", "held >= $2", 1, LedgerRefusals.AlreadyDone);

    /// <summary>So many are paid back.</summary>
    public static RowChange Refund(Guid lot, int count) =>
        Change(lot, "available = available - $2, refunded = refunded + $2", "available >= $2", count, FilesRefusals.FileCreditsUsed);

    /// <summary>So many were not paid back after all.</summary>
    public static RowChange GiveAgain(Guid lot, int count) =>
        Change(lot, "available = available + $2, refunded = refunded - $2", "refunded >= $2", count, LedgerRefusals.AlreadyDone);

    private static RowChange Change(Guid lot, string set, string when, int count, RefusalCode otherwise) =>
        new(
            $"update files.credit_lots set {set} where payment_id = $1 and {when}",
            [new NpgsqlParameter<Guid> { TypedValue = lot }, new NpgsqlParameter<int> { TypedValue = count }],
            1,
            otherwise,
            Table,
            lot
        );
}

/// <summary>What a payment of purpose <c>file_credit</c> keeps of what was bought.</summary>
/// <param name="Service">Which work.</param>
/// <param name="Quantity">1 to 100.</param>
/// <param name="UnitPrice">Of one credit.</param>
internal sealed record CreditSubject(string Service, int Quantity, Amount UnitPrice)
{
    public static CreditSubject Of(string json) => JsonSerializer.Deserialize<CreditSubject>(json, Wire.Json)!;

    public string Write() => JsonSerializer.Serialize(this, Wire.Json);
}
