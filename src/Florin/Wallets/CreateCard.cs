using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Identity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Npgsql;

namespace Florin.Wallets;

/// <summary>
/// <c>POST /v1/me/cards</c>: makes a card for one of one's wallets, to be written on a tag or kept in a phone. Its token is in this answer and nowhere
/// else: a replay says that it was not kept.
/// </summary>
internal static class CreateCard
{
    // What a card pays in a day where its owner says nothing else.
    private const int DayLimitInPinLimits = 20;
    private const int UsualDayPayments = 50;

    /// <param name="Wallet">Which wallet pays, <c>wal_…</c>.</param>
    /// <param name="Name">1 to 30 characters.</param>
    /// <param name="Pin">The owner's PIN.</param>
    /// <param name="PinLimit">
    /// In the wallet's currency: a larger payment needs the PIN. By default <c>FLORIN_CARD_LIMIT_…</c>, and no more than the wallet's own PIN limit; zero
    /// for always asking.
    /// </param>
    /// <param name="DayLimit">What it pays in a day (UTC), with the PIN or without: above zero and not below the PIN limit; by default 20 times that.</param>
    /// <param name="DayPayments">How often it pays in a day, 1 to 1,000; by default 50.</param>
    public sealed record Request(
        [property: StringLength(50)] string Wallet,
        string Name,
        [property: Secret] [property: StringLength(6)] string? Pin = null,
        Amount? PinLimit = null,
        Amount? DayLimit = null,
        [property: Range(1, 1_000)] int? DayPayments = null
    );

    /// <param name="Card">As lists show it.</param>
    /// <param name="Token">What the reader reads, this once: <c>flc_</c> and 64 hex digits.</param>
    public sealed record Response(CardView Card, string Token);

    public static void Map(RouteGroupBuilder cards) => cards.MapPost("", HandleAsync).LimitRate(RateLimit.Guessing).Produces<Response>(201);

    private static async Task<IResult> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        WalletFacts facts,
        LedgerReads reads,
        People people,
        Pins pins,
        GeneralLedger ledger,
        ActivityLog activity,
        Settings settings,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        var id = Ids.Read(Wallet.Prefix, request.Wallet);
        (await people.FindAsync(caller.Person, cancel))!.DemandClaimed();
        var wallet = (await facts.OfPersonAsync(caller.Person, cancel)).FirstOrDefault(one => one.Id == id) ?? throw PlatformRefusals.NotFound.With();
        var account = (await reads.AccountsAsync([wallet.Account], cancel))[wallet.Account];
        var token = Card.NewToken(Card.Start);
        var card = Draw(request, wallet, account.ProofLimit, settings, Card.HashOf(token), clock.GetUtcNow());
        await pins.VerifyAsync(caller.Person, request.Pin, cancel);
        var view = CardView.Of(card);
        var commit = new LedgerCommit
        {
            Key = key,
            AnswerHoldsSecret = true,
            Rows = { WalletOpening.Lock(caller.Person), Insert(card) },
            Inserts =
            {
                WalletEvents.Row("wallets.card_created", wallet, view),
                ActivityLog.Row(activity.Entry(http, "wallets.card_created", details: new { card = view.Id, wallet = wallet.PublicId })),
            },
            Complete = _ => Answer.Json(201, new Response(view, token)),
        };
        return (await ledger.CommitAsync(commit)).Required;
    }

    private static Card Draw(Request request, WalletFact wallet, long? walletLimit, Settings settings, byte[] hash, DateTimeOffset now)
    {
        foreach (var limit in new[] { request.PinLimit, request.DayLimit })
        {
            if (limit is { } given)
            {
                wallet.Demand(given);
            }
        }

        var usual = settings.CardLimits.TryGetValue(wallet.Currency, out var set) ? set.Minor : 0;
        var pinLimit = request.PinLimit?.Minor ?? Math.Min(usual, walletLimit ?? usual);
        var dayLimit = request.DayLimit?.Minor ?? (long)Int128.Min((Int128)Math.Max(pinLimit, usual) * DayLimitInPinLimits, Amount.MaxMinor);
        return dayLimit < 1 || dayLimit < pinLimit
            ? throw PlatformRefusals.InvalidRequest.Field("day_limit", "must be above zero and not below pin_limit")
            : new Card
            {
                Id = Ids.New(),
                PersonId = wallet.Person,
                WalletId = wallet.Id,
                Name = Wallet.CleanName(request.Name),
                Hash = hash,
                PinLimit = pinLimit,
                DayLimit = dayLimit,
                DayPayments = request.DayPayments ?? UsualDayPayments,
                CreatedAt = now,
                Currency = wallet.Currency.Code,
            };
    }

    private static RowChange Insert(Card card) =>
        new(
            """
            insert into wallets.cards (id, person_id, wallet_id, name, hash, currency, pin_limit, day_limit, day_payments, created_at)
            select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
            where (select count(*) from wallets.cards where person_id = $2 and revoked_at is null) < $11
            """,
            [
                new NpgsqlParameter<Guid> { TypedValue = card.Id },
                new NpgsqlParameter<Guid> { TypedValue = card.PersonId },
                new NpgsqlParameter<Guid> { TypedValue = card.WalletId },
                new NpgsqlParameter<string> { TypedValue = card.Name },
                new NpgsqlParameter<byte[]> { TypedValue = card.Hash },
                new NpgsqlParameter<string> { TypedValue = card.Currency },
                new NpgsqlParameter<long> { TypedValue = card.PinLimit },
                new NpgsqlParameter<long> { TypedValue = card.DayLimit },
                new NpgsqlParameter<int> { TypedValue = card.DayPayments },
                new NpgsqlParameter<DateTime> { TypedValue = card.CreatedAt.UtcDateTime },
                new NpgsqlParameter<int> { TypedValue = Card.LiveAtMost },
            ],
            Rows: 1,
            WalletsRefusals.CardLimitReached,
            WalletOpening.OwnersTable,
            card.PersonId
        );
}
