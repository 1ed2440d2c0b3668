using System.Text.Json;
using Florin.Platform;
using NpgsqlTypes;

namespace Florin.Vouchers;

/// <summary>One use of a voucher.</summary>
internal sealed class VoucherRedemption
{
    /// <summary>The prefix of public ids.</summary>
    public const string Prefix = "vrd";

    public required Guid Id { get; init; }

    public required Guid VoucherId { get; init; }

    public Guid? Owner { get; init; }

    public Guid? RedeemedBy { get; init; }

    public required string ServiceType { get; init; }

    public required string ServiceData { get; init; }

    public required long Amount { get; init; }

    public required DateTimeOffset RedeemedAt { get; init; }

    public DateTimeOffset? UndoneAt { get; init; }

    public Guid? UndoneBy { get; init; }

    public string? UndoneWhy { get; init; }

    /// <summary>The insert of redemptions.</summary>
    public static readonly InsertShape<VoucherRedemption> Shape = new(
        "insert into vouchers.redemptions (id, voucher_id, owner, redeemed_by, service_type, service_data, amount, redeemed_at) "
            + "select * from unnest($1, $2, $3, $4, $5, $6, $7, $8)",
        Column.Of((VoucherRedemption r) => r.Id, NpgsqlDbType.Uuid),
        Column.Of((VoucherRedemption r) => r.VoucherId, NpgsqlDbType.Uuid),
        Column.Of((VoucherRedemption r) => r.Owner, NpgsqlDbType.Uuid),
        Column.Of((VoucherRedemption r) => r.RedeemedBy, NpgsqlDbType.Uuid),
        Column.Of((VoucherRedemption r) => r.ServiceType, NpgsqlDbType.Text),
        Column.Of((VoucherRedemption r) => r.ServiceData, NpgsqlDbType.Jsonb),
        Column.Of((VoucherRedemption r) => r.Amount, NpgsqlDbType.Bigint),
        Column.Of((VoucherRedemption r) => r.RedeemedAt.UtcDateTime, NpgsqlDbType.TimestampTz)
    );
}

/// <summary>A redemption as it is answered.</summary>
/// <param name="Id"><c>vrd_…</c></param>
/// <param name="Voucher"><c>vch_…</c></param>
/// <param name="Name">The voucher's.</param>
/// <param name="ServiceType">What it paid for.</param>
/// <param name="ServiceData">What whoever redeemed it noted.</param>
/// <param name="State">The voucher's state.</param>
/// <param name="UsesLeft">How often the voucher can still be redeemed.</param>
/// <param name="RedeemedBy">Who redeemed it, <c>usr_…</c>; null where their account ended.</param>
/// <param name="RedeemedAt">When.</param>
/// <param name="UndoneAt">When staff undid it.</param>
public sealed record VoucherRedemptionView(
    string Id,
    string Voucher,
    string Name,
    string ServiceType,
    JsonElement ServiceData,
    string State,
    int UsesLeft,
    string? RedeemedBy,
    DateTimeOffset RedeemedAt,
    DateTimeOffset? UndoneAt
)
{
    internal static VoucherRedemptionView Of(VoucherRedemption row, Voucher voucher, string state, int usesLeft)
    {
        using var data = JsonDocument.Parse(row.ServiceData);
        return new VoucherRedemptionView(
            Ids.Show(VoucherRedemption.Prefix, row.Id),
            voucher.PublicId,
            voucher.Name,
            row.ServiceType,
            data.RootElement.Clone(),
            state,
            usesLeft,
            row.RedeemedBy is { } by ? Ids.Show("usr", by) : null,
            row.RedeemedAt,
            row.UndoneAt
        );
    }
}
