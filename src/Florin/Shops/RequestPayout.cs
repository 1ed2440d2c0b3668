using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Florin.Wallets;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Shops;

/// <summary><c>POST /v1/payouts</c>: a shop's owner asks for its money. It leaves the settlement account at once and waits for approval.</summary>
internal static class RequestPayout
{
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

        var accounts =
            await db.ShopAccounts.AsNoTracking().SingleOrDefaultAsync(one => one.ShopId == shop.Id && one.Currency == amount.Currency.Code, cancel)
            ?? throw LedgerRefusals.InsufficientFunds.With();
        var payout = new Payout
        {
            Id = Ids.New(),
            ShopId = shop.Id,
            BankAccountId = bank,
            Amount = amount.Minor,
            Currency = amount.Currency.Code,
            Approvals = settings.PayoutLimits.TryGetValue(amount.Currency, out var limit) && amount.Minor <= limit.Minor ? 1 : 2,
            RequestedBy = caller.Person,
            RequestedAt = clock.GetUtcNow(),
            State = PayoutStates.AwaitingApproval,
        };
        var view = PayoutView.Of(payout);
        var commit = new LedgerCommit
        {
            Key = key,
            PayerProven = true, // the limit of a PIN guards wallets; here the approval stands
            Postings = { await clearing.AskedAsync("payout_request", payout.Id, view.Id, accounts.SettlementId, amount, metadata: null, cancel) },
            Rows = { StillOpen(bank, shop) },
            Inserts =
            {
                Payout.Shape.Row(payout),
                PayoutDesk.Event("shops.payout_requested", shop, payout.Id, view),
                ActivityLog.Row(activity.Entry(http, "shops.payout_requested", details: new { payout = view.Id, view.Amount })),
            },
            Complete = _ => Answer.Json(201, view),
        };
        return (await ledger.CommitAsync(commit)).Required;
    }

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
