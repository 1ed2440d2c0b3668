using System.Text.Json;
using Florin.Activity;
using Florin.Identity;
using Florin.Ledger;
using Florin.Platform;
using Florin.Wallets;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Shops;

/// <summary>Finds payouts and changes them: row, money, event and activity in one commit, guarded by the state that is left.</summary>
internal sealed class PayoutDesk(
    FlorinDb db,
    People people,
    ShopDesk shops,
    PayoutClearing clearing,
    GeneralLedger ledger,
    ActivityLog activity,
    Settings settings
)
{
    /// <summary>A shop of the person's own, closed ones too. For those who work there it does not exist.</summary>
    /// <exception cref="Refusal"><c>not_found</c></exception>
    public async Task<Shop> OwnShopAsync(Guid person, string id, CancellationToken cancel)
    {
        var key = Ids.Read(Shop.Prefix, id);
        return await db.Shops.AsNoTracking().SingleOrDefaultAsync(shop => shop.Id == key && shop.Owner == person, cancel)
            ?? throw PlatformRefusals.NotFound.With();
    }

    /// <summary>A payout that staff may decide: anybody's but their own.</summary>
    /// <exception cref="Refusal"><c>not_found</c>, <c>own_payout</c></exception>
    public async Task<(Payout Row, Shop Shop)> ForStaffAsync(Caller caller, string id, CancellationToken cancel)
    {
        var (payout, shop) = await FindAsync(id, cancel);
        return caller.Person == payout.RequestedBy || caller.Person == shop.Owner ? throw ShopsRefusals.OwnPayout.With() : (payout, shop);
    }

    /// <summary>Passes where money may leave for the shop's owner.</summary>
    /// <exception cref="Refusal"><c>person_frozen</c></exception>
    public async Task DemandNotFrozenAsync(Shop shop, CancellationToken cancel)
    {
        if (await people.FindAsync(shop.Owner, cancel) is { DeactivatedAt: not null })
        {
            throw CredentialRefusals.PersonFrozen.With();
        }
    }

    /// <summary>A payout of a shop of the person's own.</summary>
    /// <exception cref="Refusal"><c>not_found</c></exception>
    public async Task<(Payout Row, Shop Shop)> OwnAsync(Caller caller, string id, CancellationToken cancel)
    {
        var (payout, shop) = await FindAsync(id, cancel);
        return shop.Owner == caller.Person ? (payout, shop) : throw PlatformRefusals.NotFound.With();
    }

    /// <summary>A payout, its owner's or for staff.</summary>
    /// <exception cref="Refusal"><c>not_found</c></exception>
    public async Task<Payout> SeenAsync(Caller caller, string id, CancellationToken cancel)
    {
        var (payout, shop) = await FindAsync(id, cancel);
        return shop.Owner == caller.Person || caller.IsStaff ? payout : throw PlatformRefusals.NotFound.With();
    }

    /// <summary>Changes a payout from what it was when it was read.</summary>
    /// <param name="before">As it was read.</param>
    /// <param name="after">As it is to be.</param>
    /// <param name="shop">Its shop.</param>
    /// <param name="http">The request that does it.</param>
    /// <param name="key">The caller's key.</param>
    /// <param name="happened">What is told and noted, in order.</param>
    /// <param name="cancel">Stops before the commit.</param>
    /// <exception cref="Refusal"><c>payout_state</c> where it has changed since, and those of the ledger</exception>
    public async Task<Answer> ChangeAsync(
        Payout before,
        Payout after,
        Shop shop,
        HttpContext http,
        IdempotencyKey key,
        IReadOnlyList<string> happened,
        CancellationToken cancel
    )
    {
        var view = PayoutView.Of(after);
        var commit = new LedgerCommit
        {
            Key = key,
            Rows = { Change(before, after) },
            Complete = _ => Answer.Json(200, view),
        };
        switch (after.State)
        {
            case PayoutStates.Paid:
                commit.Postings.Add(await clearing.PaidAsync(view.Id, after.Money, settings.Sandbox, cancel));
                break;
            case PayoutStates.Failed or PayoutStates.Rejected or PayoutStates.Cancelled:
                var accounts = await shops.AccountsAsync(shop.Id, after.Money.Currency, cancel);
                commit.Postings.Add(await clearing.ReturnedAsync(view.Id, accounts.SettlementId, after.Money, cancel));
                break;
            default:
                break;
        }

        foreach (var topic in happened)
        {
            commit.Inserts.Add(Event(topic, shop, after.Id, view));
            commit.Inserts.Add(
                ActivityLog.Row(
                    activity.Entry(
                        http,
                        topic,
                        shop.Owner,
                        new
                        {
                            payout = view.Id,
                            view.Amount,
                            view.State,
                            view.Reference,
                            view.Reason,
                        }
                    )
                )
            );
        }

        try
        {
            return (await ledger.CommitAsync(commit)).Required;
        }
        catch (Refusal refusal) when (refusal.Reason == LedgerRefusals.InsufficientFunds)
        {
            throw ShopsRefusals.PayoutState.With(); // clearing holds all that is on its way: this one has ended
        }
    }

    /// <summary>Something that happened to a shop's money, told to its owner.</summary>
    public static RowInsert Event<TPayload>(string topic, Shop shop, Guid aggregate, TPayload payload) =>
        Outbox.Row(new OutboxEvent(topic, aggregate, JsonSerializer.Serialize(payload, Wire.Json), [shop.Owner]));

    private async Task<(Payout Row, Shop Shop)> FindAsync(string id, CancellationToken cancel)
    {
        var key = Ids.Read(Payout.Prefix, id);
        var payout = await db.Payouts.AsNoTracking().SingleOrDefaultAsync(one => one.Id == key, cancel) ?? throw PlatformRefusals.NotFound.With();
        return (payout, await db.Shops.AsNoTracking().SingleAsync(shop => shop.Id == payout.ShopId, cancel));
    }

    private static RowChange Change(Payout before, Payout after)
    {
        static NpgsqlParameter Maybe(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };
        return new RowChange(
            """
            update shops.payouts set state = $2, first_approver = $3, second_approver = $4, approved_at = $5, ended_by = $6, ended_at = $7, reference = $8,
                reason = $9
            where id = $1 and state = $10 and first_approver is not distinct from $11
            """,
            [
                new NpgsqlParameter<Guid> { TypedValue = after.Id },
                new NpgsqlParameter<string> { TypedValue = after.State },
                Maybe(after.FirstApprover, NpgsqlDbType.Uuid),
                Maybe(after.SecondApprover, NpgsqlDbType.Uuid),
                Maybe(after.ApprovedAt?.UtcDateTime, NpgsqlDbType.TimestampTz),
                Maybe(after.EndedBy, NpgsqlDbType.Uuid),
                Maybe(after.EndedAt?.UtcDateTime, NpgsqlDbType.TimestampTz),
                Maybe(after.Reference, NpgsqlDbType.Text),
                Maybe(after.Reason, NpgsqlDbType.Text),
                new NpgsqlParameter<string> { TypedValue = before.State },
                Maybe(before.FirstApprover, NpgsqlDbType.Uuid),
            ],
            Rows: 1,
            ShopsRefusals.PayoutState,
            "shops.payouts",
            after.Id
        );
    }
}
