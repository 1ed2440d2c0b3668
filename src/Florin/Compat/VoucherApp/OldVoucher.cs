using System.Text.Json;
using Florin.Platform;
using Florin.Vouchers;

namespace Florin.Compat.VoucherApp;

/// <summary>A voucher as seed 2 showed it, under the names of its code and of its README (<c>is_active</c>, <c>uses_remaining</c> …).</summary>
internal sealed record OldVoucher(
    Guid Id,
    OldVoucherType VoucherType,
    string Code,
    string Status,
    int UsageCount,
    string? LastUsedAt,
    string IssuedAt,
    string ExpiresAt,
    bool VoucherIsValid,
    int DaysUntilExpiry,
    JsonElement Metadata,
    bool IsActive,
    string PurchaseDate,
    string ExpiryDate,
    int UsesRemaining,
    int TotalUses
)
{
    private static readonly JsonElement Nothing = JsonSerializer.SerializeToElement(new { });

    /// <summary>Vouchers of <c>/v1</c> as old ones, in order.</summary>
    public static async Task<IReadOnlyList<OldVoucher>> OfAsync(IReadOnlyList<VoucherView> vouchers, CompatIds ids, CancellationToken cancel)
    {
        var numbers = await OldVoucherType.NumbersAsync(vouchers.Select(one => one.Type).Distinct(), ids, cancel);
        return [.. vouchers.Select(one => Of(one, numbers[Ids.Read("vty", one.Type)]))];
    }

    private static OldVoucher Of(VoucherView voucher, long type)
    {
        var valid = voucher.State is "active";
        var (issued, expires) = (EdgeFormats.Time(voucher.IssuedAt), EdgeFormats.Time(voucher.ExpiresAt));
        return new OldVoucher(
            Ids.Read("vch", voucher.Id),
            OldVoucherType.Of(voucher, type),
            voucher.Code,
            voucher.State,
            voucher.Uses - voucher.UsesLeft,
            EdgeFormats.Time(voucher.LastUsedAt),
            issued,
            expires,
            valid,
            voucher.DaysLeft,
            Nothing,
            valid,
            issued,
            expires,
            voucher.UsesLeft,
            voucher.Uses
        );
    }
}
