using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Florin.Wallets;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Shops;

/// <summary>
/// <c>POST /v1/payouts</c>: a shop's owner asks for its money. It leaves the settlement account at once and waits for approval: by two people where it is
/// above the limit of its currency together with what the shop asked for within a day.
/// </summary>
internal static class RequestPayout
{
    private static readonly TimeSpan Together = TimeSpan.FromDays(1);

    /// <param name="Shop">Whose money, <c>shp_…</c>.</param>
    /// <param name="BankAccount">Where it goes, <c>bnk_…</c>.</param>
    /// <param name="Amount">Above zero, and no more than the settlement account has available.</param>
    public sealed record Request([property: StringLength(50)] string Shop, [property: StringLength(50)] string BankAccount, Amount Amount);

    public static void Map(RouteGroupBuilder payouts) =>
        payouts.MapPost("", HandleAsync).RequireAuthorization(Policies.Merchant).LimitRate(RateLimit.Money).Produces<PayoutView>(201);

    private static async Task<IResult> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        PayoutDesk desk,
        FlorinDb db,
        PayoutClearing clearing,
        GeneralLedger ledger,
        ActivityLog activity,
        Settings settings,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        var shop = await desk.OwnShopAsync(caller.Person, request.Shop, cancel);
        var bank = Ids.Read(BankAccount.Prefix, request.BankAccount);
        var amount = request.Amount;
        if (amount.Minor < 1)
        {
            throw LedgerRefusals.AmountOutOfRange.With();
        }

        var settlement = await SettlementAsync(db, shop.Id, bank, amount, cancel);
        var payout = new Payout
        {
            Id = Ids.New(),
            ShopId = shop.Id,
            BankAccountId = bank,
            Amount = amount.Minor,
            Currency = amount.Currency.Code,
            Approvals = 1,
            RequestedBy = caller.Person,
            RequestedAt = clock.GetUtcNow(),
            State = PayoutStates.AwaitingApproval,
        };
        var limit = settings.PayoutLimits.TryGetValue(amount.Currency, out var set) ? set.Minor : 0;
        if (amount.Minor <= limit)
        {
            try
            {
                return (await ledger.CommitAsync(await DrawAsync(payout))).Required;
            }
            catch (Refusal refusal) when (refusal.Reason == LedgerRefusals.AlreadyDone)
            {
                // Together with what was asked for within a day it is above the limit.
            }
        }

        return (await ledger.CommitAsync(await DrawAsync(payout with { Approvals = 2 }))).Required;

        async Task<LedgerCommit> DrawAsync(Payout drawn)
        {
            var view = PayoutView.Of(drawn);
            return new LedgerCommit
            {
                Key = key,
                PayerProven = true, // the limit of a PIN guards wallets; here the approval stands
                Postings = { await clearing.AskedAsync("payout_request", drawn.Id, view.Id, settlement, amount, metadata: null, cancel) },
                Rows = { StillOpen(bank, shop), Lock(shop), Insert(drawn, limit) },
                Inserts =
                {
                    PayoutDesk.Event("shops.payout_requested", shop, drawn.Id, view),
                    ActivityLog.Row(activity.Entry(http, "shops.payout_requested", details: new { payout = view.Id, view.Amount })),
                },
                Complete = _ => Answer.Json(201, view),
            };
        }
    }

    private static async Task<long> SettlementAsync(FlorinDb db, Guid shop, Guid bank, Amount amount, CancellationToken cancel)
    {
        if (!await db.BankAccounts.AnyAsync(one => one.Id == bank && one.ShopId == shop, cancel))
        {
            throw PlatformRefusals.NotFound.With();
        }

        var accounts = await db.ShopAccounts.AsNoTracking().SingleOrDefaultAsync(one => one.ShopId == shop && one.Currency == amount.Currency.Code, cancel);
        return accounts?.SettlementId ?? throw LedgerRefusals.InsufficientFunds.With();
    }

    // By a statement of its own, so that the next one sees every payout that was asked for before, also in the same batch.
    private static RowChange Lock(Shop shop) =>
        new(
            "update shops.shops set name = name where id = $1",
            [new NpgsqlParameter<Guid> { TypedValue = shop.Id }],
            Rows: 1,
            PlatformRefusals.NotFound,
            "shops.shops",
            shop.Id
        );

    // One approval is enough only while all that was asked for within a day, and did not come back, stays within the limit: else who wants a large
    // payout asks for many small ones.
    private static RowChange Insert(Payout payout, long limit) =>
        new(
            """
            insert into shops.payouts (id, shop_id, bank_account_id, amount, currency, approvals, requested_by, requested_at, state)
            select $1, $2, $3, $4, $5, $6, $7, $8, $9
            where $6 > 1 or $4 + (
                select coalesce(sum(amount), 0) from shops.payouts
                where shop_id = $2 and currency = $5 and requested_at > $10 and state not in ('rejected', 'failed', 'cancelled')
            ) <= $11
            """,
            [
                new NpgsqlParameter<Guid> { TypedValue = payout.Id },
                new NpgsqlParameter<Guid> { TypedValue = payout.ShopId },
                new NpgsqlParameter<Guid> { TypedValue = payout.BankAccountId },
                new NpgsqlParameter<long> { TypedValue = payout.Amount },
                new NpgsqlParameter<string> { TypedValue = payout.Currency },
                new NpgsqlParameter<int> { TypedValue = payout.Approvals },
                new NpgsqlParameter<Guid> { TypedValue = payout.RequestedBy },
                new NpgsqlParameter<DateTime> { TypedValue = payout.RequestedAt.UtcDateTime },
                new NpgsqlParameter<string> { TypedValue = payout.State },
                new NpgsqlParameter<DateTime> { TypedValue = payout.RequestedAt.UtcDateTime - Together },
                new NpgsqlParameter<long> { TypedValue = limit },
            ],
            Rows: 1,
            LedgerRefusals.AlreadyDone,
            "shops.shops",
            payout.ShopId
        );

    // The lock also keeps it from being closed meanwhile.
    private static RowChange StillOpen(Guid bank, Shop shop) =>
        new(
            "update shops.bank_accounts set closed_at = closed_at where id = $1 and shop_id = $2 and closed_at is null",
            [new NpgsqlParameter<Guid> { TypedValue = bank }, new NpgsqlParameter<Guid> { TypedValue = shop.Id }],
            Rows: 1,
            PlatformRefusals.NotFound,
            "shops.bank_accounts",
            bank
        );
}
