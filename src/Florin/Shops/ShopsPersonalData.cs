using Florin.Ledger;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Shops;

/// <summary>
/// The shops that a person owns, works in, or is a customer of, and what they were asked. An owner closes their shops first; the rest ends. Bills stay
/// with the shops, without the name.
/// </summary>
internal sealed class ShopsPersonalData(IServiceScopeFactory scopes, LedgerReads reads, TimeProvider clock) : IPersonalData
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
        var customer = await db.ShopCustomers.AsNoTracking().Where(one => one.PersonId == person).OrderBy(one => one.Id).ToListAsync(cancel);
        var applied = await db.ShopApplications.AsNoTracking().Where(one => one.PersonId == person).OrderBy(one => one.Id).ToListAsync(cancel);
        var bills = await db.ShopBills.AsNoTracking().Where(bill => bill.CustomerId == person).OrderBy(bill => bill.Id).ToListAsync(cancel);
        return new
        {
            Owned = owned.ConvertAll(shop => ShopView.Of(shop, [])),
            WorkedIn = worked.ConvertAll(member => new { Shop = Ids.Show(Shop.Prefix, member.ShopId), member.Since }),
            BankAccounts = banks.ConvertAll(BankAccountView.Of),
            Payouts = payouts.ConvertAll(PayoutView.Of),
            CustomerOf = customer.ConvertAll(one => new { Shop = Ids.Show(Shop.Prefix, one.ShopId), one.Since }),
            Applications = applied.ConvertAll(ShopApplicationView.Of),
            Bills = bills.ConvertAll(bill => new
            {
                Id = Ids.Show(ShopBill.Prefix, bill.Id),
                Shop = Ids.Show(Shop.Prefix, bill.ShopId),
                bill.Number,
            }),
        };
    }

    public async Task EraseAsync(Guid person, NpgsqlConnection connection, CancellationToken cancel)
    {
        await DemandNothingHeldAsync(person, connection, cancel);
        await using var batch = new NpgsqlBatch(connection);
        foreach (
            var sql in new[]
            {
                "delete from shops.members where person_id = $1",
                "delete from shops.customers where person_id = $1",
                "update shops.invitations set invited = null where invited is not null and (person_id = $1 or accepted_by = $1)",
                "update shops.applications set state = 'refused', decided_at = now() where person_id = $1 and state = 'pending'",
            }
        )
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(sql) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = person } } });
        }

        await batch.ExecuteNonQueryAsync(cancel);
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

    // The money of a shop is its owner's.
    private async Task DemandNothingHeldAsync(Guid person, NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var owned = new NpgsqlCommand(
            "select s.closed_at is not null, a.settlement_id from shops.shops s left join shops.accounts a on a.shop_id = s.id where s.owner = $1",
            connection
        );
        owned.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        var accounts = new List<long>();
        await using (var reader = await owned.ExecuteReaderAsync(cancel))
        {
            while (await reader.ReadAsync(cancel))
            {
                if (!reader.GetBoolean(0))
                {
                    throw ShopsRefusals.ShopsOpen.With();
                }

                if (!await reader.IsDBNullAsync(1, cancel))
                {
                    accounts.Add(reader.GetInt64(1));
                }
            }
        }

        if (accounts.Count > 0 && (await reads.AccountsAsync([.. accounts], cancel)).Values.Any(account => account.Balance != 0))
        {
            throw ShopsRefusals.ShopsHoldMoney.With();
        }

        // After the balances: a payout that was asked for meanwhile took its money from one of them.
        await using var open = new NpgsqlCommand(
            """
            select exists (
                select from shops.payouts p join shops.shops s on s.id = p.shop_id where s.owner = $1 and p.state in ('awaiting_approval', 'approved')
            )
            """,
            connection
        );
        open.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        if (await open.ExecuteScalarAsync(cancel) is true)
        {
            throw ShopsRefusals.ShopsHoldMoney.With("A payout is on its way; wait until it has ended.");
        }
    }
}
