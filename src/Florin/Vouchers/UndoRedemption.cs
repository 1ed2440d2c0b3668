using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Identity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Vouchers;

/// <summary>
/// <c>POST /v1/vouchers/redemptions/{id}/undo</c>: staff give a use back that was used by mistake, within the window that is set; what it had earned goes
/// back into the liability. Ten minutes after the sign-in it asks for the password.
/// </summary>
internal static class UndoRedemption
{
    private const int MostTurns = 100; // uses of one voucher at one moment

    private const string Undo = "update vouchers.redemptions set undone_at = $2, undone_by = $3, undone_why = $4 where id = $1 and undone_at is null";

    private const string GiveBack = """
        update vouchers.vouchers set uses_left = uses_left + 1, state = 'active', ended_at = null
        where id = $1 and state in ('active', 'used') and uses_left = $2
        """;

    /// <param name="Why">1 to 200 characters.</param>
    /// <param name="Password">Where the sign-in is older than ten minutes.</param>
    public sealed record Request([property: StringLength(200, MinimumLength = 1)] string Why, [property: Secret] string? Password = null);

    public static void Map(RouteGroupBuilder vouchers) =>
        vouchers
            .MapPost("/redemptions/{id}/undo", HandleAsync)
            .RequireAuthorization(Policies.Support)
            .LimitRate(RateLimit.Money)
            .Produces<VoucherRedemptionView>();

    private static async Task<IResult> HandleAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        Proofs proofs,
        FlorinDb db,
        HouseAccounts house,
        GeneralLedger ledger,
        ActivityLog activity,
        VoucherSettings settings,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        await proofs.RequireFreshOrPasswordAsync(http, caller, request.Password, cancel);
        var why = VoucherType.CleanText("why", request.Why, 1, 200);
        var redemptionId = Ids.Read(VoucherRedemption.Prefix, id);
        for (var turn = 1; ; turn++)
        {
            if (await idempotency.FindAsync(key, cancel) is { } kept)
            {
                return kept;
            }

            var now = clock.GetUtcNow();
            var redemption =
                await db.VoucherRedemptions.AsNoTracking().SingleOrDefaultAsync(one => one.Id == redemptionId, cancel)
                ?? throw PlatformRefusals.NotFound.With();
            var voucher = await db.Vouchers.AsNoTracking().SingleAsync(one => one.Id == redemption.VoucherId, cancel);
            Demand(redemption, voucher, caller.Person, settings, now);
            var entry = activity.Entry(
                http,
                "vouchers.redemption_undone",
                voucher.Owner,
                new
                {
                    redemption = id,
                    voucher = voucher.PublicId,
                    why,
                }
            );
            var commit = Draw(redemption, voucher, caller.Person, why, now, key, entry);
            await AddMoneyAsync(commit, voucher, house, cancel);
            try
            {
                return (await ledger.CommitAsync(commit)).Required;
            }
            catch (Refusal refusal) when (VoucherDesk.IsChange(refusal))
            {
                if (turn == MostTurns)
                {
                    throw VouchersRefusals.Changed.With();
                }

                // Another use came between.
            }
        }
    }

    private static void Demand(VoucherRedemption redemption, Voucher voucher, Guid by, VoucherSettings settings, DateTimeOffset now)
    {
        if (redemption.Owner == by || voucher.Owner == by)
        {
            throw PlatformRefusals.Forbidden.With("Nobody gives their own voucher a use back; ask somebody else of support.");
        }

        if (redemption.RedeemedBy == by)
        {
            throw PlatformRefusals.Forbidden.With("Nobody undoes what they redeemed themselves; ask somebody else of support.");
        }

        if (redemption.UndoneAt is not null)
        {
            throw VouchersRefusals.RedemptionUndone.With();
        }

        if (now - redemption.RedeemedAt > settings.UndoWindow || voucher.State is not (VoucherStates.Active or VoucherStates.Used))
        {
            throw VouchersRefusals.RedemptionFinal.With();
        }
    }

    private static LedgerCommit Draw(
        VoucherRedemption redemption,
        Voucher voucher,
        Guid by,
        string why,
        DateTimeOffset now,
        IdempotencyKey key,
        ActivityEntry entry
    )
    {
        var left = voucher.UsesLeft + 1;
        NpgsqlParameter[] undo =
        [
            new NpgsqlParameter<Guid> { TypedValue = redemption.Id },
            new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime },
            new NpgsqlParameter<Guid> { TypedValue = by },
            new NpgsqlParameter<string> { TypedValue = why },
        ];
        NpgsqlParameter[] giveBack = [new NpgsqlParameter<Guid> { TypedValue = voucher.Id }, new NpgsqlParameter<int> { TypedValue = voucher.UsesLeft }];
        return new LedgerCommit
        {
            Key = key,
            Rows =
            {
                new RowChange(Undo, undo, 1, VouchersRefusals.RedemptionUndone, "vouchers.redemptions", redemption.Id),
                new RowChange(GiveBack, giveBack, 1, VouchersRefusals.Changed, "vouchers.vouchers", voucher.Id),
            },
            Inserts =
            {
                VoucherHistory.Row(voucher.Id, VoucherHistory.Undone, now, left),
                VoucherEvents.Row(VoucherEvents.Undone, voucher, VoucherStates.Active, left),
                ActivityLog.Row(entry),
            },
            Complete = _ => Answer.Json(200, VoucherRedemptionView.Of(redemption, voucher, VoucherStates.Active, left) with { UndoneAt = now }),
        };
    }

    // The reverse of what the use in this place had earned.
    private static async Task AddMoneyAsync(LedgerCommit commit, Voucher voucher, HouseAccounts house, CancellationToken cancel)
    {
        var earned = voucher.Held(voucher.UsesLeft + 1) - voucher.Held(voucher.UsesLeft);
        if (earned == 0)
        {
            return;
        }

        var currency = Currency.Of(voucher.Currency);
        var liability = await house.IdAsync(HouseAccount.VoucherLiability, currency, cancel);
        var revenue = await house.IdAsync(HouseAccount.VoucherRevenue, currency, cancel);
        commit.Postings.Add(new PostingDraft("voucher_redemption_undone", new Move(revenue, liability, earned)) { Reference = voucher.PublicId });
    }
}
