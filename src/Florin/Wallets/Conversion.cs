using System.Globalization;
using System.Text.Json;
using Florin.Fx;
using Florin.Ledger;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>The conversion of a transfer or payment, and the house accounts that it passes through.</summary>
/// <param name="Terms">Both amounts, and what of the source goes where.</param>
/// <param name="House">The house's accounts.</param>
/// <param name="Quote">The public id of the quote, where one is used.</param>
/// <param name="QuoteUse">The row change that uses it up.</param>
internal sealed record Conversion(FxConversion Terms, Conversion.Accounts House, string? Quote, RowChange? QuoteUse)
{
    /// <param name="SourcePosition">The FX position in the sender's currency.</param>
    /// <param name="TargetPosition">The FX position in the receiver's currency.</param>
    /// <param name="Spread">Spread earned, in the sender's currency.</param>
    /// <param name="Rounding">Remainders, in the sender's currency.</param>
    /// <param name="TargetRounding">Remainders, in the receiver's currency.</param>
    public sealed record Accounts(long SourcePosition, long TargetPosition, long Spread, long Rounding, long TargetRounding);

    /// <summary>What reaches the receiver.</summary>
    public Amount Received => Terms.Credited;

    /// <summary>The sender's rate on the wire.</summary>
    public string Rate => Fx.Rate.Show(Terms.Rate);

    /// <summary>What the house earns.</summary>
    public Amount Spread => new(Terms.Spread, Terms.Source.Currency);

    /// <summary>The sender sees one entry over the whole amount, and so does the receiver; the parts are moved on from the position.</summary>
    public IReadOnlyList<Move> Moves(long from, long to) => Moves(from, to, Terms.Credited);

    /// <summary>The same for a receiver who gets exactly an amount: what the smallest sum that buys it buys beyond it is a remainder.</summary>
    /// <param name="from">The sender's account.</param>
    /// <param name="to">The receiver's account.</param>
    /// <param name="exactly">At most what is credited.</param>
    public IReadOnlyList<Move> Moves(long from, long to, Amount exactly)
    {
        var moves = new List<Move>(5) { new(from, House.SourcePosition, Terms.Source.Minor) };
        if (Terms.Spread > 0)
        {
            moves.Add(new Move(House.SourcePosition, House.Spread, Terms.Spread));
        }

        if (Terms.Remainder > 0)
        {
            moves.Add(new Move(House.SourcePosition, House.Rounding, Terms.Remainder));
        }

        moves.Add(new Move(House.TargetPosition, to, exactly.Minor));
        if (Terms.Credited.Minor > exactly.Minor)
        {
            moves.Add(new Move(House.TargetPosition, House.TargetRounding, Terms.Credited.Minor - exactly.Minor));
        }

        return moves;
    }

    /// <summary>What is kept with the posting.</summary>
    public string Metadata(string? note) =>
        JsonSerializer.Serialize(
            new PostingFacts
            {
                Note = note,
                Sent = Terms.Source,
                Received = Terms.Credited,
                Rate = Rate,
                Spread = Spread,
                Quote = Quote,
            },
            PostingFacts.Json
        );
}

/// <summary>Finds the terms of a conversion.</summary>
internal sealed class ConversionMoves(Quotes quotes, HouseAccounts house)
{
    /// <summary>The conversion of a transfer; null where both wallets have one currency.</summary>
    /// <param name="person">The sender, whose quote it must be.</param>
    /// <param name="posting">The posting that will use the quote.</param>
    /// <param name="target">The receiver's currency.</param>
    /// <param name="request">Amount, quote and lowest rate.</param>
    /// <param name="cancel">Stops looking.</param>
    /// <exception cref="Refusal">Those of <see cref="Quotes"/>, <c>invalid_request</c>, <c>rate_not_accepted</c></exception>
    public async ValueTask<Conversion?> FindAsync(Guid person, Guid posting, Currency target, TransferMoney.Request request, CancellationToken cancel)
    {
        var source = request.Amount.Currency;
        if (source == target)
        {
            return request.QuoteId is null && request.AcceptRate is null
                ? null
                : throw PlatformRefusals.InvalidRequest.Field(
                    request.QuoteId is null ? "accept_rate" : "quote_id",
                    "both wallets have the same currency; nothing is converted"
                );
        }

        var accounts = await AccountsAsync(source, target, cancel);
        return request.QuoteId is null
            ? new Conversion(await AtRateAsync(request, target, cancel), accounts, Quote: null, QuoteUse: null)
            : await ByQuoteAsync(person, posting, target, request, accounts, cancel);
    }

    /// <summary>The conversion by which a wallet of another currency pays a payment: the smallest sum that buys its amount.</summary>
    /// <exception cref="Refusal">Those of <see cref="Quotes"/>, <c>invalid_request</c>, <c>rate_not_accepted</c>, <c>quote_differs</c></exception>
    public async Task<Conversion> ForPaymentAsync(WalletFact wallet, PaymentFact payment, PayOrder order, CancellationToken cancel)
    {
        var accounts = await AccountsAsync(wallet.Currency, payment.Amount.Currency, cancel);
        if (order.QuoteId is null)
        {
            var terms = await quotes.BuyAtCurrentRateAsync(payment.Amount, wallet.Currency, cancel);
            CheckRate(terms, ReadRate(order.AcceptRate));
            return new Conversion(terms, accounts, Quote: null, QuoteUse: null);
        }

        var quote = await FindQuoteAsync(wallet.Person, order.QuoteId, order.AcceptRate, cancel);
        var promised = quote.Conversion;
        // A quote that was made for this amount, and no larger one.
        return
            promised.Source.Currency == wallet.Currency
            && promised.Credited.Currency == payment.Amount.Currency
            && FxConversion.ForTarget(payment.Amount, wallet.Currency, promised.Mid, promised.SpreadBps) == promised
            ? new Conversion(promised, accounts, order.QuoteId, quotes.Use(quote, payment.Id))
            : throw WalletsRefusals.QuoteDiffers.With();
    }

    private async ValueTask<Conversion.Accounts> AccountsAsync(Currency source, Currency target, CancellationToken cancel) =>
        new(
            await house.IdAsync(HouseAccount.FxPosition, source, cancel),
            await house.IdAsync(HouseAccount.FxPosition, target, cancel),
            await house.IdAsync(HouseAccount.FxSpread, source, cancel),
            await house.IdAsync(HouseAccount.Rounding, source, cancel),
            await house.IdAsync(HouseAccount.Rounding, target, cancel)
        );

    private async ValueTask<FxConversion> AtRateAsync(TransferMoney.Request request, Currency target, CancellationToken cancel)
    {
        var least = ReadRate(request.AcceptRate);
        var terms = await quotes.AtCurrentRateAsync(request.Amount, target, cancel);
        CheckRate(terms, least);
        return terms;
    }

    private static void CheckRate(FxConversion terms, decimal? least)
    {
        if (terms.Rate < least)
        {
            throw WalletsRefusals.RateNotAccepted.With($"It is {Rate.Show(terms.Rate)} now.");
        }
    }

    private async Task<Quote> FindQuoteAsync(Guid person, string? quoteId, string? acceptRate, CancellationToken cancel)
    {
        if (acceptRate is not null)
        {
            throw PlatformRefusals.InvalidRequest.Field("accept_rate", "a quote has its rate; give one or the other");
        }

        return Ids.TryRead(Quote.Prefix, quoteId, out var id)
            ? await quotes.FindAsync(person, id, cancel)
            : throw PlatformRefusals.InvalidRequest.Field("quote_id", "is not the id of a quote");
    }

    private async Task<Conversion> ByQuoteAsync(
        Guid person,
        Guid posting,
        Currency target,
        TransferMoney.Request request,
        Conversion.Accounts accounts,
        CancellationToken cancel
    )
    {
        var quote = await FindQuoteAsync(person, request.QuoteId, request.AcceptRate, cancel);
        return quote.Conversion.Source == request.Amount && quote.Conversion.Credited.Currency == target
            ? new Conversion(quote.Conversion, accounts, request.QuoteId, quotes.Use(quote, posting))
            : throw WalletsRefusals.QuoteDiffers.With();
    }

    private static decimal? ReadRate(string? text) =>
        text is null ? null
        : decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate) && rate > 0 ? rate
        : throw PlatformRefusals.InvalidRequest.Field("accept_rate", "must be a plain decimal above zero such as 0.0018");
}
