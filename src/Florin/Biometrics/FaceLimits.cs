using Florin.Ledger;
using Florin.Money;
using Florin.Wallets;

namespace Florin.Biometrics;

/// <summary>What a face pays without the PIN: what the person set, else the usual, and then never more than their wallet pays without it.</summary>
internal sealed class FaceLimits(WalletFacts wallets, LedgerReads ledger, BiometricsSettings settings)
{
    /// <summary>Of one payment, in minor units.</summary>
    /// <param name="face">The template.</param>
    /// <param name="currency">Of the wallet.</param>
    /// <param name="pinLimit">The wallet's own; null where it never asks for the PIN.</param>
    public long Of(EnrolledFace face, Currency currency, long? pinLimit) =>
        face.OwnLimits.TryGetValue(currency.Code, out var own) ? own
        : settings.Limits.TryGetValue(currency, out var usual) ? Math.Min(usual.Minor, pinLimit ?? usual.Minor)
        : 0;

    /// <summary>Of one payment by a single picture without a challenge.</summary>
    /// <param name="currency">Of the wallet.</param>
    /// <param name="limit">What the face pays with a challenge.</param>
    public long OfSingle(Currency currency, long limit) => settings.SingleLimits.TryGetValue(currency, out var least) ? Math.Min(limit, least.Minor) : 0;

    /// <summary>Of a day, in minor units.</summary>
    /// <param name="limit">Of one payment.</param>
    public long OfDay(long limit) => Times(limit, settings.DayLimits);

    /// <summary>What a payment takes of the day.</summary>
    /// <param name="person">Who pays.</param>
    /// <param name="taken">What leaves their wallet.</param>
    /// <param name="limit">What their face pays at once with a challenge.</param>
    /// <param name="single">Whether there is a single picture and no challenge.</param>
    public FaceSpending SpendingOf(Guid person, Amount taken, long limit, bool single) =>
        new(person, taken, OfDay(limit), single ? Times(OfSingle(taken.Currency, limit), settings.SingleDayLimits) : null);

    /// <summary>Of one payment, in each currency that the installation has limits for.</summary>
    public async Task<IReadOnlyList<Amount>> OfPersonAsync(EnrolledFace face, CancellationToken cancel)
    {
        var open = (await wallets.OfPersonAsync(face.PersonId, cancel)).ToDictionary(wallet => wallet.Currency, wallet => wallet.Account);
        var accounts = await ledger.AccountsAsync([.. open.Values], cancel);
        return
        [
            .. settings.Limits.Keys.Select(currency => new Amount(
                Of(face, currency, open.TryGetValue(currency, out var account) ? accounts[account].ProofLimit : null),
                currency
            )),
        ];
    }

    private static long Times(long limit, int times) => (long)Int128.Min((Int128)limit * times, Amount.MaxMinor);
}
