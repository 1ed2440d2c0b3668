using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Shops;

/// <summary>The shops that a person owns or works in. An owner closes them first; work in others' shops ends.</summary>
internal sealed class ShopsPersonalData(IServiceScopeFactory scopes, TimeProvider clock) : IPersonalData
{
    public string Section => "shops";

    public async Task<object> ExportAsync(Guid person, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        var owned = await db.Shops.AsNoTracking().Where(shop => shop.Owner == person).OrderBy(shop => shop.Id).ToListAsync(cancel);
        var worked = await db.ShopMembers.AsNoTracking().Where(member => member.PersonId == person).ToListAsync(cancel);
        var ids = owned.ConvertAll(shop => shop.Id);
        var banks = await db.BankAccounts.AsNoTracking().Where(account => ids.Contains(account.ShopId)).OrderBy(account => account.Id).ToListAsync(cancel);
        var payouts = await db.Payouts.AsNoTracking().Where(payout => ids.Contains(payout.ShopId)).OrderBy(payout => payout.Id).ToListAsync(cancel);
        return new
        {
            Owned = owned.ConvertAll(shop => ShopView.Of(shop, [])),
            WorkedIn = worked.ConvertAll(member => new { Shop = Ids.Show(Shop.Prefix, member.ShopId), member.Since }),
            BankAccounts = banks.ConvertAll(BankAccountView.Of),
            Payouts = payouts.ConvertAll(PayoutView.Of),
        };
    }

    public async Task EraseAsync(Guid person, NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var leave = new NpgsqlCommand("delete from shops.members where person_id = $1", connection);
        leave.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        await leave.ExecuteNonQueryAsync(cancel);
        // Where a payout is on its way, the bank still needs them.
        await using var erase = new NpgsqlCommand(
            """
            update shops.bank_accounts b set closed_at = $2, sealed = null
            where closed_at is null and exists (select from shops.shops s where s.id = b.shop_id and s.owner = $1)
                and not exists (select from shops.payouts p where p.bank_account_id = b.id and p.state in ('awaiting_approval', 'approved'))
            """,
            connection
        );
        erase.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        erase.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        await erase.ExecuteNonQueryAsync(cancel);
    }
}
