using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Identity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>
/// Sends money to a wallet number. Within one currency it is one move, and nothing is read from the database before the commit; into another
/// currency it is converted by a locked quote or at the rate of this moment.
/// </summary>
internal static class TransferMoney
{
    private const string Kind = "transfer";

    /// <param name="To">The receiver's wallet number, ten digits.</param>
    /// <param name="Amount">What leaves the sender's wallet, in its currency.</param>
    /// <param name="QuoteId">A locked quote for exactly this amount; at the rate of this moment where not given.</param>
    /// <param name="Note">Up to 140 characters, shown to both.</param>
    /// <param name="Pin">The sender's PIN; needed above the wallet's PIN limit.</param>
    /// <param name="AcceptRate">Without a quote: the lowest rate that the sender accepts, as a decimal.</param>
    public sealed record Request(
        [property: RegularExpression("[0-9]{10}", ErrorMessage = "must be the ten digits of a wallet number")] string To,
        Amount Amount,
        string? QuoteId = null,
        [property: StringLength(Notes.Length)] string? Note = null,
        [property: Secret] [property: StringLength(6)] string? Pin = null,
        [property: StringLength(40)] string? AcceptRate = null
    );

    /// <param name="Id"><c>trf_…</c>, the same on both sides.</param>
    /// <param name="From">The sender's wallet number.</param>
    /// <param name="To">The receiver's wallet number.</param>
    /// <param name="Amount">What left the sender's wallet.</param>
    /// <param name="Received">What reached the receiver's wallet.</param>
    /// <param name="Rate">Of a conversion: units of the receiver's currency for one of the sender's.</param>
    /// <param name="Spread">Of a conversion: what of the amount the house earned.</param>
    /// <param name="QuoteId">The quote that was used.</param>
    /// <param name="Note">The sender's note.</param>
    /// <param name="Balance">What the sender's wallet holds now.</param>
    /// <param name="PostedAt">When it was booked.</param>
    public sealed record Response(
        string Id,
        string From,
        string To,
        Amount Amount,
        Amount Received,
        string? Rate,
        Amount? Spread,
        string? QuoteId,
        string? Note,
        Amount Balance,
        DateTimeOffset PostedAt
    );

    /// <summary>What both people are told live.</summary>
    private sealed record Happened(
        string Id,
        string FromWallet,
        string From,
        string ToWallet,
        string To,
        Amount Amount,
        Amount Received,
        string? Rate,
        string? Note,
        DateTimeOffset PostedAt
    );

    public static void Map(RouteGroupBuilder routes) =>
        routes.MapPost("/{id}/transfers", HandleAsync).RequireAuthorization(WalletsModule.Write).LimitRate(RateLimit.Money).Produces<Response>(201);

    private static async Task<IResult> HandleAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        WalletFacts facts,
        Pins pins,
        ConversionMoves conversions,
        GeneralLedger ledger,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        var from = await facts.OwnAsync(caller.Person, id, cancel);
        from.Demand(request.Amount);
        var note = Notes.Clean(request.Note);
        var to = await facts.ByNumberAsync(request.To, cancel) ?? throw WalletsRefusals.WalletNotFound.With();
        if (to.Id == from.Id)
        {
            throw LedgerRefusals.SameAccount.With();
        }

        if (request.Pin is not null)
        {
            await pins.VerifyAsync(caller.Person, request.Pin, cancel);
        }

        var posting = Ids.New();
        var conversion = await conversions.FindAsync(caller.Person, posting, to.Currency, request, cancel);
        var commit = CommitOf(from, to, request, posting, note, conversion, key, activity);
        commit.Inserts.Add(
            ActivityLog.Row(
                activity.Entry(
                    http,
                    "wallets.transferred",
                    details: new
                    {
                        transfer = Ids.Show("trf", posting),
                        from = from.PublicId,
                        request.To,
                        request.Amount,
                    }
                )
            )
        );
        return (await ledger.CommitAsync(commit)).Required;
    }

    private static LedgerCommit CommitOf(
        WalletFact from,
        WalletFact to,
        Request request,
        Guid posting,
        string? note,
        Conversion? conversion,
        IdempotencyKey key,
        ActivityLog activity
    )
    {
        var transfer = Ids.Show("trf", posting);
        var received = conversion?.Received ?? request.Amount;
        var commit = new LedgerCommit
        {
            Key = key,
            PayerProven = request.Pin is not null,
            Postings =
            {
                new PostingDraft(Kind, conversion?.Moves(from.Account, to.Account) ?? [new Move(from.Account, to.Account, request.Amount.Minor)])
                {
                    Id = posting,
                    Metadata = conversion?.Metadata(note) ?? Notes.Metadata(note),
                },
            },
            Complete = outcome =>
            {
                var at = outcome.PostedAt;
                var happened = new Happened(transfer, from.PublicId, from.Number, to.PublicId, to.Number, request.Amount, received, conversion?.Rate, note, at);
                Guid[] audience = from.Person == to.Person ? [from.Person] : [from.Person, to.Person];
                outcome.Inserts.Add(WalletEvents.Row("wallets.transferred", from, happened, audience));
                if (outcome.Collected.Count > 0)
                {
                    WalletEvents.TellCollectedFees(outcome, to, activity);
                }

                var balance = new Amount(outcome[from.Account].Balance, from.Currency);
                return Answer.Json(
                    201,
                    new Response(
                        transfer,
                        from.Number,
                        to.Number,
                        request.Amount,
                        received,
                        conversion?.Rate,
                        conversion?.Spread,
                        request.QuoteId,
                        note,
                        balance,
                        at
                    )
                );
            },
        };
        if (conversion?.QuoteUse is { } use)
        {
            commit.Rows.Add(use);
        }

        return commit;
    }
}
