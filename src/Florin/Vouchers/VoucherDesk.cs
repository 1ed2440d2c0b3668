using Florin.Ledger;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Vouchers;

/// <summary>Finds vouchers for those who may see them. Other modules draw a voucher's QR code by it.</summary>
public sealed class VoucherDesk
{
    private readonly FlorinDb db;
    private readonly Settings settings;

    internal VoucherDesk(FlorinDb db, Settings settings)
    {
        this.db = db;
        this.settings = settings;
    }

    /// <summary>
    /// Whether a commit was declined because something came between: a guarded row was another by then, or the liability had left already what the
    /// commit meant to move. Whoever looks again is told what it was.
    /// </summary>
    internal static bool IsChange(Refusal refusal) => refusal.Reason == VouchersRefusals.Changed || refusal.Reason == LedgerRefusals.InsufficientFunds;

    /// <summary>What stands in the QR code of a person's own voucher: the address of the page that redeems it, for whoever may.</summary>
    /// <param name="person">Who asks.</param>
    /// <param name="idOrCode">The voucher.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <exception cref="Refusal"><c>not_found</c>, somebody else's too</exception>
    public async Task<string> PayloadAsync(Guid person, string idOrCode, CancellationToken cancel) =>
        $"{settings.PublicUrl}/vouchers/redeem?code={(await OwnAsync(person, idOrCode, cancel)).Code}";

    /// <summary>A person's own voucher, by id or by code.</summary>
    /// <exception cref="Refusal"><c>not_found</c>, somebody else's too</exception>
    internal async Task<Voucher> OwnAsync(Guid person, string idOrCode, CancellationToken cancel)
    {
        var found = Ids.TryRead(Voucher.Prefix, idOrCode, out var id)
            ? await db.Vouchers.AsNoTracking().SingleOrDefaultAsync(one => one.Id == id && one.Owner == person, cancel)
            : await ByCodeAsync(idOrCode, cancel);
        return found is { Owner: { } owner } && owner == person ? found : throw PlatformRefusals.NotFound.With();
    }

    /// <summary>A voucher by its code as somebody typed it; null where there is none.</summary>
    internal async Task<Voucher?> ByCodeAsync(string? typed, CancellationToken cancel)
    {
        var code = VoucherCode.Read(typed);
        return code is null ? null : await db.Vouchers.AsNoTracking().SingleOrDefaultAsync(one => one.Code == code, cancel);
    }

    /// <summary>A voucher that a person may redeem: their own, or of a service that they verify.</summary>
    /// <exception cref="Refusal"><c>voucher_not_valid</c>, the same for a wrong code and for somebody else's</exception>
    internal async Task<Voucher> RedeemableAsync(Guid person, string code, CancellationToken cancel)
    {
        var voucher = await ByCodeAsync(code, cancel);
        var may =
            voucher is not null
            && (voucher.Owner == person || await db.VoucherVerifiers.AnyAsync(one => one.PersonId == person && one.ServiceType == voucher.ServiceType, cancel));
        return may ? voucher! : throw VouchersRefusals.NotValid.With();
    }
}
