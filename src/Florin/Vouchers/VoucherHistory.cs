using Florin.Platform;
using NpgsqlTypes;

namespace Florin.Vouchers;

/// <summary>Something that became of a voucher; kept for ever.</summary>
internal sealed class VoucherHistory
{
    /// <summary>It was sold.</summary>
    public const string Issued = "issued";

    /// <summary>One use was used.</summary>
    public const string Redeemed = "redeemed";

    /// <summary>Staff undid a redemption.</summary>
    public const string Undone = "undone";

    /// <summary>It was given to somebody else, with a new code.</summary>
    public const string Given = "given";

    /// <summary>A refund took it back.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The refund failed, and it is good again.</summary>
    public const string Restored = "restored";

    /// <summary>Its time was over.</summary>
    public const string Expired = "expired";

    public required Guid Id { get; init; }

    public required Guid VoucherId { get; init; }

    public required string Kind { get; init; }

    public required DateTimeOffset At { get; init; }

    public required int UsesLeft { get; init; }

    /// <summary>A line as a row of a commit.</summary>
    public static RowInsert Row(Guid voucher, string kind, DateTimeOffset at, int usesLeft) =>
        Shape.Row(
            new VoucherHistory
            {
                Id = Ids.New(),
                VoucherId = voucher,
                Kind = kind,
                At = at,
                UsesLeft = usesLeft,
            }
        );

    private static readonly InsertShape<VoucherHistory> Shape = new(
        "insert into vouchers.history (id, voucher_id, kind, at, uses_left) select * from unnest($1, $2, $3, $4, $5)",
        Column.Of((VoucherHistory h) => h.Id, NpgsqlDbType.Uuid),
        Column.Of((VoucherHistory h) => h.VoucherId, NpgsqlDbType.Uuid),
        Column.Of((VoucherHistory h) => h.Kind, NpgsqlDbType.Text),
        Column.Of((VoucherHistory h) => h.At.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((VoucherHistory h) => h.UsesLeft, NpgsqlDbType.Integer)
    );
}

/// <summary>Who may redeem other people's vouchers of a service.</summary>
internal sealed class VoucherVerifier
{
    public required string ServiceType { get; init; }

    public required Guid PersonId { get; init; }

    public required Guid GrantedBy { get; init; }

    public required DateTimeOffset GrantedAt { get; init; }
}
