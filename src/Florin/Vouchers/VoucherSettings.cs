using Florin.Platform;

namespace Florin.Vouchers;

/// <summary>What the person who runs Florin sets for vouchers.</summary>
internal sealed record VoucherSettings
{
    /// <summary>Reads them.</summary>
    /// <exception cref="FormatException">A value is malformed.</exception>
    public VoucherSettings(Settings settings)
    {
        UndoWindow = TimeSpan.FromHours(settings.Number("FLORIN_VOUCHER_UNDO_HOURS", 24, 0, 8_760));
        RemindBefore = TimeSpan.FromDays(settings.Number("FLORIN_VOUCHER_REMIND_DAYS", 7, 0, 365));
    }

    /// <summary><c>FLORIN_VOUCHER_UNDO_HOURS</c>: how long staff may undo a redemption; 0 for never.</summary>
    public TimeSpan UndoWindow { get; }

    /// <summary><c>FLORIN_VOUCHER_REMIND_DAYS</c>: how long before its end an owner is reminded of a voucher; 0 for never.</summary>
    public TimeSpan RemindBefore { get; }
}
