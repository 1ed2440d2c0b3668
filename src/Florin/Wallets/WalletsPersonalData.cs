using Florin.Ledger;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Wallets;

/// <summary>Wallets, withdrawals and cards of a person. Entries stay in the book for ever; their list and statements are the export of them.</summary>
internal sealed class WalletsPersonalData(IServiceScopeFactory scopes, LedgerReads reads, TimeProvider clock) : IPersonalData
{
    public string Section => "wallets";

    public async Task<object> ExportAsync(Guid person, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        var wallets = await db.Wallets.AsNoTracking().Where(wallet => wallet.PersonId == person).OrderBy(wallet => wallet.Id).ToListAsync(cancel);
        var accounts = await reads.AccountsAsync([.. wallets.Select(wallet => wallet.AccountId)], cancel);
        var ids = wallets.ConvertAll(wallet => wallet.Id);
        var withdrawals = await db.Withdrawals.AsNoTracking().Where(row => ids.Contains(row.WalletId)).OrderBy(row => row.Id).ToListAsync(cancel);
        var cards = await db.Cards.AsNoTracking().Where(card => card.PersonId == person).OrderBy(card => card.Id).ToListAsync(cancel);
        return new
        {
            Wallets = wallets.ConvertAll(wallet => WalletView.Of(wallet, accounts[wallet.AccountId])),
            Withdrawals = withdrawals.ConvertAll(WithdrawalView.Of),
            Cards = cards.ConvertAll(CardView.Of),
        };
    }

    public async Task EraseAsync(Guid person, NpgsqlConnection connection, CancellationToken cancel)
    {
        // The lock of this row also keeps a wallet from being opened meanwhile.
        await using var count = new NpgsqlCommand("select open_wallets from wallets.owners where person_id = $1 for update", connection);
        count.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        if (await count.ExecuteScalarAsync(cancel) is int and > 0)
        {
            throw WalletsRefusals.WalletsOpen.With();
        }

        var revoke = Command("update wallets.cards set name = $2, revoked_at = coalesce(revoked_at, $3) where person_id = $1", person, Card.DefaultName);
        revoke.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                Command("update wallets.wallets set name = $2 where person_id = $1", person, Wallet.DefaultName),
                Command(
                    "update wallets.withdrawals set note = nullif($2, '') where note is not null "
                        + "and wallet_id in (select id from wallets.wallets where person_id = $1)",
                    person,
                    ""
                ),
                revoke,
            },
        };
        await batch.ExecuteNonQueryAsync(cancel);
    }

    private static NpgsqlBatchCommand Command(string sql, Guid person, string text) =>
        new(sql)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = person },
                new NpgsqlParameter<string> { TypedValue = text },
            },
        };
}
