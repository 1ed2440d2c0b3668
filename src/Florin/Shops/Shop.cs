using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Florin.Money;
using Florin.Platform;
using NpgsqlTypes;

namespace Florin.Shops;

/// <summary>Where a merchant sells.</summary>
internal sealed class Shop
{
    /// <summary>The prefix of its public id.</summary>
    public const string Prefix = "shp";

    /// <summary>The longest name.</summary>
    public const int NameLength = 60;

    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The small integer id of the old clients.</summary>
    public long LegacyNumber { get; init; }

    /// <summary>The merchant.</summary>
    public required Guid Owner { get; init; }

    /// <summary>As payers read it.</summary>
    public required string Name { get; set; }

    /// <summary>What the house takes of its sales.</summary>
    public required string Plan { get; set; }

    /// <summary>What it uses where a customer or client names no currency.</summary>
    public required string DefaultCurrency { get; set; }

    /// <summary>What cashiers may pay back of one payment in all, by currency code, in minor units, as JSON; nothing in other currencies.</summary>
    public string RefundLimits { get; set; } = "{}";

    /// <summary>The picture's file name, one of ours.</summary>
    public string? Picture { get; set; }

    /// <summary>The picture's content type.</summary>
    public string? PictureType { get; set; }

    /// <summary>When it was opened.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was closed.</summary>
    public DateTimeOffset? ClosedAt { get; set; }

    /// <summary>What cashiers may pay back of one payment in all, by currency code, in minor units.</summary>
    public IReadOnlyDictionary<string, long> RefundSums => JsonSerializer.Deserialize<Dictionary<string, long>>(RefundLimits)!;

    /// <summary>Its public id.</summary>
    public string PublicId => Ids.Show(Prefix, Id);

    /// <summary>The insert of new shops.</summary>
    public static readonly InsertShape<Shop> Shape = new(
        "insert into shops.shops (id, owner, name, plan, default_currency, created_at) select * from unnest($1, $2, $3, $4, $5, $6)",
        Column.Of((Shop s) => s.Id, NpgsqlDbType.Uuid),
        Column.Of((Shop s) => s.Owner, NpgsqlDbType.Uuid),
        Column.Of((Shop s) => s.Name, NpgsqlDbType.Text),
        Column.Of((Shop s) => s.Plan, NpgsqlDbType.Text),
        Column.Of((Shop s) => s.DefaultCurrency, NpgsqlDbType.Text),
        Column.Of((Shop s) => s.CreatedAt.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    /// <summary>The id in 22 characters of base64url, as it stands in QR codes.</summary>
    public static string CodeOf(Guid id) => Base64Url.EncodeToString(id.ToByteArray(bigEndian: true));

    /// <summary>Reads an id or a code from a route.</summary>
    /// <exception cref="Refusal"><c>not_found</c></exception>
    public static Guid ReadIdOrCode(string text)
    {
        Span<byte> bytes = stackalloc byte[16];
        return text.Length == 22 && Base64Url.DecodeFromChars(text, bytes, out _, out var length) is OperationStatus.Done && length == bytes.Length
            ? new Guid(bytes, bigEndian: true)
            : Ids.Read(Prefix, text);
    }

    /// <summary>A new shop, not stored yet.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c> for the name</exception>
    public static Shop Draw(Guid owner, string name, Currency currency, DateTimeOffset now) =>
        new()
        {
            Id = Ids.New(),
            Owner = owner,
            Name = CleanName(name),
            Plan = ShopPlan.Standard,
            DefaultCurrency = currency.Code,
            CreatedAt = now,
        };

    /// <summary>A name as payers read it: trimmed, 1 to 60 characters.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public static string CleanName(string? name) =>
        name?.Trim() is { Length: > 0 and <= NameLength } clean && !clean.Any(char.IsControl)
            ? clean
            : throw PlatformRefusals.InvalidRequest.Field("name", $"must have 1 to {NameLength} characters, none of them a control character");
}

/// <summary>What the house takes of a sale.</summary>
internal sealed class ShopPlan
{
    /// <summary>The plan of every new shop: nothing, unless an admin says otherwise.</summary>
    public const string Standard = "standard";

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The share, in hundredths of a per cent.</summary>
    public required int PercentBps { get; set; }

    /// <summary>The fixed sum by currency code, in minor units, as JSON.</summary>
    public required string Fixed { get; set; }

    /// <summary>When it was changed.</summary>
    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>The fixed sums by currency code.</summary>
    public IReadOnlyDictionary<string, long> FixedSums => Sums(Fixed);

    /// <summary>
    /// The fee on a sale in minor units: the share, rounded down in the shop's favour, and the fixed sum of its currency; never more than the sale.
    /// </summary>
    public static long FeeOn(Amount sale, int percentBps, string fixedSums)
    {
        var share = (long)Rounding.Down((System.Numerics.BigInteger)sale.Minor * percentBps, 10_000);
        var sum = fixedSums is "{}" ? 0 : Sums(fixedSums).GetValueOrDefault(sale.Currency.Code);
        return Math.Min(sale.Minor, share + sum);
    }

    private static Dictionary<string, long> Sums(string json) => JsonSerializer.Deserialize<Dictionary<string, long>>(json)!;
}

/// <summary>Somebody who works in a shop.</summary>
internal sealed class ShopMember
{
    public required Guid ShopId { get; init; }

    public required Guid PersonId { get; init; }

    public required DateTimeOffset Since { get; init; }
}

/// <summary>A shop's accounts in one currency.</summary>
internal sealed class ShopAccounts
{
    public required Guid ShopId { get; init; }

    public required string Currency { get; init; }

    /// <summary>Sales credit it, payouts and refunds debit it.</summary>
    public required long SettlementId { get; init; }

    /// <summary>Notes that are in the till.</summary>
    public required long DrawerId { get; init; }

    /// <summary>The insert.</summary>
    public static readonly InsertShape<ShopAccounts> Shape = new(
        "insert into shops.accounts (shop_id, currency, settlement_id, drawer_id) select * from unnest($1, $2, $3, $4)",
        Column.Of((ShopAccounts a) => a.ShopId, NpgsqlDbType.Uuid),
        Column.Of((ShopAccounts a) => a.Currency, NpgsqlDbType.Text),
        Column.Of((ShopAccounts a) => a.SettlementId, NpgsqlDbType.Bigint),
        Column.Of((ShopAccounts a) => a.DrawerId, NpgsqlDbType.Bigint)
    );
}
