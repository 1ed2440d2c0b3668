using System.Globalization;
using System.Text.Json;
using Florin.Fx;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>A transfer's conversion and the house accounts that it passes through.</summary>
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
    public sealed record Accounts(long SourcePosition, long TargetPosition, long Spread, long Rounding);

    /// <summary>What reaches the receiver.</summary>
    public Amount Received => Terms.Credited;

    /// <summary>The sender's rate on the wire.</summary>
    public string Rate => Fx.Rate.Show(Terms.Rate);

    /// <summary>What the house earns.</summary>
    public Amount Spread => new(Terms.Spread, Terms.Source.Currency);

    /// <summary>The sender sees one entry over the whole amount, and so does the receiver; the parts are moved on from the position.</summary>
    public IReadOnlyList<Move> Moves(WalletFact from, WalletFact to)
    {
        var moves = new List<Move>(4) { new(from.Account, House.SourcePosition, Terms.Source.Minor) };
        if (Terms.Spread > 0)
        {
            moves.Add(new Move(House.SourcePosition, House.Spread, Terms.Spread));
        }

        if (Terms.Remainder > 0)
        {
            moves.Add(new Move(House.SourcePosition, House.Rounding, Terms.Remainder));
        }

        moves.Add(new Move(House.TargetPosition, to.Account, Terms.Credited.Minor));
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

/// <summary>Finds the terms of a transfer's conversion.</summary>
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

        var accounts = new Conversion.Accounts(
            await house.IdAsync(HouseAccount.FxPosition, source, cancel),
            await house.IdAsync(HouseAccount.FxPosition, target, cancel),
            await house.IdAsync(HouseAccount.FxSpread, source, cancel),
            await house.IdAsync(HouseAccount.Rounding, source, cancel)
        );
        return request.QuoteId is null
            ? new Conversion(await AtRateAsync(request, target, cancel), accounts, Quote: null, QuoteUse: null)
            : await ByQuoteAsync(person, posting, target, request, accounts, cancel);
    }

    private async ValueTask<FxConversion> AtRateAsync(TransferMoney.Request request, Currency target, CancellationToken cancel)
    {
        var least = ReadRate(request.AcceptRate);
        var terms = await quotes.AtCurrentRateAsync(request.Amount, target, cancel);
        return least is null || terms.Rate >= least ? terms : throw WalletsRefusals.RateNotAccepted.With($"It is {Rate.Show(terms.Rate)} now.");
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
        if (request.AcceptRate is not null)
        {
            throw PlatformRefusals.InvalidRequest.Field("accept_rate", "a quote has its rate; give one or the other");
        }

        if (!Ids.TryRead(Quote.Prefix, request.QuoteId, out var id))
        {
            throw PlatformRefusals.InvalidRequest.Field("quote_id", "is not the id of a quote");
        }

        var quote = await quotes.FindAsync(person, id, cancel);
        return quote.Conversion.Source == request.Amount && quote.Conversion.Credited.Currency == target
            ? new Conversion(quote.Conversion, accounts, request.QuoteId, quotes.Use(quote, posting))
            : throw WalletsRefusals.QuoteDiffers.With();
    }

    private static decimal? ReadRate(string? text) =>
        text is null ? null
        : decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate) && rate > 0 ? rate
        : throw PlatformRefusals.InvalidRequest.Field("accept_rate", "must be a plain decimal above zero such as 0.0018");
}
