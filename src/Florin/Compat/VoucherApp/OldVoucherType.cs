using Florin.Platform;
using Florin.Vouchers;

namespace Florin.Compat.VoucherApp;

/// <summary>A voucher type as seed 2 showed it, under the names of its code and of its README (<c>service_type</c>, <c>max_uses</c>).</summary>
internal sealed record OldVoucherType(
    long Id,
    string Name,
    string TypeCode,
    string ServiceType,
    string Description,
    string Price,
    string Currency,
    bool IsActive,
    int ValidityDays,
    int UsageLimit,
    int MaxUses,
    string? CreatedAt,
    string? UpdatedAt
)
{
    private const string Kind = "voucher_app.type";
    private const string UsualCurrency = "USD";

    /// <summary>All that are sold, newest first.</summary>
    public static async Task<IReadOnlyList<OldVoucherType>> SoldAsync(EdgeApi api, CompatIds ids, CancellationToken cancel)
    {
        var types = await api.NewestAsync<VoucherTypeView>("/v1/voucher-types");
        var numbers = await ids.NumbersAsync(Kind, [.. types.Select(type => Ids.Read("vty", type.Id))], cancel);
        return [.. types.Select(type => Of(type, numbers[Ids.Read("vty", type.Id)]))];
    }

    /// <summary>Our id of the one that a client means; null where none was ever shown under that number.</summary>
    public static async Task<string?> FindAsync(long number, CompatIds ids, CancellationToken cancel) =>
        await ids.FindAsync(Kind, number, cancel) is { } id ? Ids.Show("vty", id) : null;

    /// <summary>The small ids of types.</summary>
    public static Task<IReadOnlyDictionary<Guid, long>> NumbersAsync(IEnumerable<string> types, CompatIds ids, CancellationToken cancel) =>
        ids.NumbersAsync(Kind, [.. types.Select(type => Ids.Read("vty", type))], cancel);

    /// <summary>The type of a voucher: as it was when the voucher was sold.</summary>
    public static OldVoucherType Of(VoucherView voucher, long number) =>
        new(
            number,
            voucher.Name,
            voucher.ServiceType,
            voucher.ServiceType,
            "",
            EdgeFormats.Decimal(voucher.Price),
            voucher.Price.Currency.Code,
            IsActive: true,
            (int)Math.Round((voucher.ExpiresAt - voucher.IssuedAt).TotalDays, MidpointRounding.AwayFromZero),
            voucher.Uses,
            voucher.Uses,
            CreatedAt: null,
            UpdatedAt: null
        );

    private static OldVoucherType Of(VoucherTypeView type, long number)
    {
        var price = type.Prices.FirstOrDefault(one => one.Currency.Code is UsualCurrency, type.Prices[0]);
        return new OldVoucherType(
            number,
            type.Name,
            type.Code,
            type.ServiceType,
            type.Description,
            EdgeFormats.Decimal(price),
            price.Currency.Code,
            type.Active,
            type.ValidityDays,
            type.Uses,
            type.Uses,
            EdgeFormats.Time(type.CreatedAt),
            EdgeFormats.Time(type.UpdatedAt)
        );
    }
}
