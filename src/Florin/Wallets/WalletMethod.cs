using System.Text.Json;
using Florin.Activity;
using Florin.Fx;
using Florin.Identity;
using Florin.Ledger;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>
/// Method <c>wallet</c>: the signed-in payer pays from their wallet, with their PIN above its limit; or a payer at a till, who always gives the PIN, or
/// shows their face, or holds a card to its reader, and gives the PIN above the face's or card's limit. A wallet of another currency pays by quote, or
/// at the rate of this moment.
/// </summary>
internal sealed class WalletMethod(
    WalletFacts facts,
    Pins pins,
    ConversionMoves conversions,
    CardTaps cards,
    NamedPayers payers,
    IEnumerable<PayerProof> proofs,
    HouseAccounts house,
    LedgerReads reads,
    ActivityLog activity,
    IServiceScopeFactory scopes
) : IInstantMethod
{
    /// <summary>The method's name.</summary>
    public const string MethodName = "wallet";

    public string Name => MethodName;

    public bool Offers(PaymentFact payment) => true;

    public async Task<Collection> CollectAsync(PaymentFact payment, PayOrder order, CancellationToken cancel)
    {
        DemandOneProof(order);
        var tap = order.Card is null && order.Ticket is null ? null : await cards.FindAsync(payment, order, cancel);
        var (wallet, atTill) = tap is null ? await PayerOfAsync(payment, order, cancel) : (tap.Wallet, false);
        if (wallet.Person == payment.Owner && payment.Purpose is not TopUp.Name)
        {
            throw PaymentsRefusals.OwnPayment.With();
        }

        var proven = atTill || order.Pin is not null || order.Ticket is not null || order.Passkey is not null;
        if (order.Passkey is { } passkey && !atTill && tap is null)
        {
            await ProveAsync(payment, wallet, order, passkey, cancel);
        }
        else if (proven && (order.Face is null || order.Pin is not null))
        {
            await VerifyPinAsync(wallet.Person, order, atTill || tap is not null, cancel);
        }

        var conversion = await ConversionOfAsync(wallet, payment, order, cancel);
        var taken = conversion?.Terms.Source ?? payment.Amount;
        RowChange[] quoteUse = conversion?.QuoteUse is { } use ? [use] : [];
        IReadOnlyList<RowChange> rows =
            tap is not null ? [.. quoteUse, .. await cards.UseAsync(tap, payment, order, taken, proven, cancel)]
            : order.Face is not null ? [.. quoteUse, .. await ProveFaceAsync(wallet, payment, order, taken, cancel)]
            : quoteUse;
        return new Collection(account =>
            conversion is null ? [new Move(wallet.Account, account, payment.Amount.Minor)] : conversion.Moves(wallet.Account, account, payment.Amount)
        )
        {
            Payer = wallet.Person,
            Taken = taken,
            Wallet = wallet.PublicId,
            Rate = conversion?.Rate,
            // Its owner proved that a card's or face's limit is theirs when they set it: it stands for the wallet's own.
            PayerProven = proven || tap is not null,
            Source = SourceOf(wallet, tap),
            Metadata = conversion is null ? Notes.Metadata(payment.Description) : conversion.Metadata(payment.Description),
            Rows = rows,
        };
    }

    public async Task<GiveBack> GiveBackAsync(RefundOrder refund, CancellationToken cancel)
    {
        var wallet = await WalletOfAsync(refund, cancel);
        var given = wallet.Currency == refund.Taken.Currency ? refund.PartOfTaken() : refund.Amount;
        if (given.Currency == refund.Amount.Currency)
        {
            return new GiveBack(account => [new Move(account, wallet.Account, refund.Amount.Minor)], refund.Amount)
            {
                Told = outcome => WalletEvents.TellCollectedFees(outcome, wallet, activity),
            };
        }

        // What was converted goes back at the rate at which it came: the part of what the payer gave, not what it is worth today.
        var from = await house.IdAsync(HouseAccount.FxPosition, given.Currency, cancel);
        var to = await house.IdAsync(HouseAccount.FxPosition, refund.Amount.Currency, cancel);
        return new GiveBack(
            account =>
                given.Minor == 0
                    ? [new Move(account, to, refund.Amount.Minor)]
                    : [new Move(account, to, refund.Amount.Minor), new Move(from, wallet.Account, given.Minor)],
            given
        )
        {
            Told = outcome => WalletEvents.TellCollectedFees(outcome, wallet, activity),
        };
    }

    // Whoever stands at a till tries the PINs of others: a till has few wrong ones, whosever they are.
    private async Task VerifyPinAsync(Guid payer, PayOrder order, bool atTill, CancellationToken cancel)
    {
        if (!atTill || order.Pin is null)
        {
            await pins.VerifyAsync(payer, order.Pin, cancel);
            return;
        }

        var till = order.Caller!.Person;
        await cards.DemandOpenAsync(till, cancel);
        try
        {
            await pins.VerifyAsync(payer, order.Pin, cancel);
            await cards.DemandOpenAsync(till, cancel); // many at once, each of another payer: the till may have had its wrong ones meanwhile
        }
        catch (Refusal refusal) when (refusal.Reason == CredentialRefusals.WrongPin || refusal.Reason == CredentialRefusals.PinLocked)
        {
            await cards.CountMissAsync(till, null, CancellationToken.None);
            throw;
        }
    }

    // A face is shown at a till, by a payer whom the cashier named: it is compared with that person's and nobody else's.
    private static void DemandOneProof(PayOrder order)
    {
        if (order.Face is not null && (order.Payer is null || order.Card is not null || order.Ticket is not null || order.Passkey is not null))
        {
            throw PlatformRefusals.InvalidRequest.Field(
                order.Payer is null ? "payer" : "face",
                order.Payer is null ? "is needed: a face is compared with one person's only" : "goes with payer and pin only"
            );
        }
    }

    private async Task<IReadOnlyList<RowChange>> ProveFaceAsync(WalletFact wallet, PaymentFact payment, PayOrder order, Amount taken, CancellationToken cancel)
    {
        var proof = proofs.FirstOrDefault(one => one.Name is PayerProof.Face) ?? throw PaymentsRefusals.MethodNotOffered.With();
        var pinLimit = (await reads.AccountsAsync([wallet.Account], cancel))[wallet.Account].ProofLimit;
        return await proof.ProveAsync(new(payment, wallet.Person, taken, pinLimit, order.Pin is not null, order), cancel);
    }

    // The payer's own device confirmed this payment. At a till it is the cashier's that asks, and so the PIN.
    private async Task ProveAsync(PaymentFact payment, WalletFact wallet, PayOrder order, PasskeyAnswer answer, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var passkeys = scope.ServiceProvider.GetRequiredService<Passkeys>();
        var person = await passkeys.CheckAsync(order.Http, answer, AskPasskey.Purpose(payment), cancel);
        if (person.Id != wallet.Person)
        {
            throw CredentialRefusals.PasskeyNotValid.With();
        }
    }

    // Null where the wallet has the payment's currency.
    private async Task<Conversion?> ConversionOfAsync(WalletFact wallet, PaymentFact payment, PayOrder order, CancellationToken cancel) =>
        wallet.Currency != payment.Amount.Currency ? await conversions.ForPaymentAsync(wallet, payment, order, cancel)
        : order.QuoteId is null && order.AcceptRate is null ? null
        : throw PlatformRefusals.InvalidRequest.Field(order.QuoteId is null ? "accept_rate" : "quote_id", "nothing is converted");

    // The wallet that paid; where another method collected, or it is closed, the payer's wallet of that currency.
    private async Task<WalletFact> WalletOfAsync(RefundOrder refund, CancellationToken cancel)
    {
        if (refund.PaidBy is not { } person)
        {
            throw PaymentsRefusals.PayerUnknown.With();
        }

        var open = await facts.OfPersonAsync(person, cancel);
        var paid = refund.Source is null ? null : JsonSerializer.Deserialize<Source>(refund.Source, Wire.Json);
        return open.FirstOrDefault(wallet => string.Equals(wallet.PublicId, paid?.Wallet, StringComparison.Ordinal))
            ?? open.FirstOrDefault(wallet => wallet.Currency == refund.Taken.Currency)
            ?? open.FirstOrDefault(wallet => wallet.Currency == refund.Amount.Currency)
            ?? throw WalletsRefusals.WalletNotFound.With("The payer has no open wallet that could take it.");
    }

    private async Task<(WalletFact Wallet, bool AtTill)> PayerOfAsync(PaymentFact payment, PayOrder order, CancellationToken cancel)
    {
        if (order.Caller is not { } caller)
        {
            throw PlatformRefusals.NotSignedIn.With();
        }

        var person = order.Payer is null ? caller.Person : (await payers.FindAsync(order.Payer, cancel)).Id;
        var atTill = person != caller.Person || order.Payer is not null;
        if (order.Wallet is not null)
        {
            return (await facts.OwnAsync(person, order.Wallet, cancel), atTill);
        }

        var wallets = await facts.OfPersonAsync(person, cancel);
        return (
            wallets.FirstOrDefault(wallet => wallet.Currency == payment.Amount.Currency)
                ?? throw WalletsRefusals.WalletNotFound.With($"The payer has no wallet in {payment.Amount.Currency.Code}; say which wallet pays."),
            atTill
        );
    }

    private static string SourceOf(WalletFact wallet, CardTap? tap) =>
        tap is null ? $$"""{"wallet":"{{wallet.PublicId}}"}""" : $$"""{"wallet":"{{wallet.PublicId}}","card":"{{tap.PublicId}}"}""";

    private sealed record Source(string Wallet, string? Card = null);
}
