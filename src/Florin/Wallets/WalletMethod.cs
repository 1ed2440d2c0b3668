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
/// Method <c>wallet</c>: the signed-in payer pays from their wallet, with their PIN above its limit; or a payer at a till, who always gives the PIN.
/// A wallet of another currency pays by quote, or at the rate of this moment.
/// </summary>
internal sealed class WalletMethod(
    WalletFacts facts,
    Pins pins,
    ConversionMoves conversions,
    HouseAccounts house,
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
        var (wallet, atTill) = await PayerOfAsync(payment, order, cancel);
        if (wallet.Person == payment.Owner && !string.Equals(payment.Purpose, TopUp.Name, StringComparison.Ordinal))
        {
            throw PaymentsRefusals.OwnPayment.With();
        }

        var proven = atTill || order.Pin is not null;
        if (proven)
        {
            await pins.VerifyAsync(wallet.Person, order.Pin, cancel);
        }

        if (wallet.Currency == payment.Amount.Currency)
        {
            if (order.QuoteId is not null || order.AcceptRate is not null)
            {
                throw PlatformRefusals.InvalidRequest.Field(order.QuoteId is null ? "accept_rate" : "quote_id", "nothing is converted");
            }

            return new Collection(account => [new Move(wallet.Account, account, payment.Amount.Minor)])
            {
                Payer = wallet.Person,
                Taken = payment.Amount,
                Wallet = wallet.PublicId,
                PayerProven = proven,
                Source = SourceOf(wallet),
                Metadata = Notes.Metadata(payment.Description),
            };
        }

        var conversion = await conversions.ForPaymentAsync(wallet, payment, order, cancel);
        return new Collection(account => conversion.Moves(wallet.Account, account, payment.Amount))
        {
            Payer = wallet.Person,
            Taken = conversion.Terms.Source,
            Wallet = wallet.PublicId,
            Rate = conversion.Rate,
            PayerProven = proven,
            Source = SourceOf(wallet),
            Metadata = conversion.Metadata(payment.Description),
            Rows = conversion.QuoteUse is { } use ? [use] : [],
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

        var person = order.Payer is null ? caller.Person : await PersonOfAsync(order.Payer, cancel);
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

    private async Task<Guid> PersonOfAsync(string payer, CancellationToken cancel)
    {
        if (payer.Length == 10 && payer.All(char.IsAsciiDigit) && await facts.ByNumberAsync(payer, cancel) is { } wallet)
        {
            return wallet.Person;
        }

        await using var scope = scopes.CreateAsyncScope();
        var found = await scope.ServiceProvider.GetRequiredService<People>().FindByLoginAsync(payer, LoginKinds.Any, cancel);
        return found is { Active: true } ? found.Id : throw PaymentsRefusals.PayerUnknown.With();
    }

    private static string SourceOf(WalletFact wallet) => $$"""{"wallet":"{{wallet.PublicId}}"}""";

    private sealed record Source(string Wallet);
}
