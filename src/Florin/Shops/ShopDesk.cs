using System.Collections.Concurrent;
using Florin.Ledger;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Shops;

/// <summary>What a sale needs to know of its shop.</summary>
internal sealed record SellingShop(Guid Id, Guid Owner, string Name, int PercentBps, string Fixed)
{
    /// <summary>Its public id.</summary>
    public string PublicId => Ids.Show(Shop.Prefix, Id);

    /// <summary>The fee of its plan on a sale.</summary>
    public long FeeOn(Amount sale) => ShopPlan.FeeOn(sale, PercentBps, Fixed);
}

/// <summary>Finds shops, who works in them, and their accounts, which are opened when first needed.</summary>
internal sealed class ShopDesk(IServiceScopeFactory scopes, Database database, GeneralLedger ledger)
{
    // Never change once they are there.
    private readonly ConcurrentDictionary<(Guid Shop, string Currency), ShopAccounts> known = new();

    /// <summary>A shop, closed ones too; null where there is none.</summary>
    public async Task<Shop?> FindAsync(Guid id, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<FlorinDb>().Shops.AsNoTracking().SingleOrDefaultAsync(shop => shop.Id == id, cancel);
    }

    /// <summary>What a person does in a shop.</summary>
    public async Task<PayeeRole> RoleOfAsync(Guid person, Guid shop, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        return await db.Shops.AnyAsync(one => one.Id == shop && one.Owner == person, cancel) ? PayeeRole.Owner
            : await db.ShopMembers.AnyAsync(one => one.ShopId == shop && one.PersonId == person, cancel) ? PayeeRole.Cashier
            : PayeeRole.None;
    }

    /// <summary>A shop, closed ones too, for somebody who works in it.</summary>
    /// <param name="person">Who asks.</param>
    /// <param name="id">As the route has it.</param>
    /// <param name="least">What they must be there.</param>
    /// <param name="cancel">Stops asking.</param>
    /// <exception cref="Refusal"><c>not_found</c> for strangers, <c>forbidden</c> for those who work there and are not enough</exception>
    public async Task<Shop> DemandAsync(Guid person, string? id, PayeeRole least, CancellationToken cancel)
    {
        var shop = await FindAsync(Ids.Read(Shop.Prefix, id), cancel) ?? throw PlatformRefusals.NotFound.With();
        return await RoleOfAsync(person, shop.Id, cancel) switch
        {
            PayeeRole.None => throw PlatformRefusals.NotFound.With(),
            var role when role < least => throw PlatformRefusals.Forbidden.With("Only the owner of the shop may do this."),
            _ => shop,
        };
    }

    /// <summary>The same, of a shop that is open.</summary>
    /// <exception cref="Refusal"><c>not_found</c>, <c>forbidden</c>, <c>shop_closed</c></exception>
    public async Task<Shop> DemandOpenAsync(Guid person, string? id, PayeeRole least, CancellationToken cancel)
    {
        var shop = await DemandAsync(person, id, least, cancel);
        return shop.ClosedAt is null ? shop : throw ShopsRefusals.ShopClosed.With();
    }

    /// <summary>What a sale in a shop needs to know of it, if the person takes money there: one question, since every sale asks it.</summary>
    /// <param name="person">Who asks; null where it is the payer, of whom that is not demanded.</param>
    /// <param name="id">The shop.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <exception cref="Refusal"><c>not_found</c> (another's too), <c>shop_closed</c></exception>
    public async Task<SellingShop> SellingAsync(Guid? person, Guid id, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            select s.owner, s.name, s.closed_at is not null, p.percent_bps, p.fixed::text
            from shops.shops s join shops.plans p on p.name = s.plan
            where s.id = $1 and ($2 is null or s.owner = $2 or exists (select from shops.members m where m.shop_id = s.id and m.person_id = $2))
            """
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)person ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return !await reader.ReadAsync(cancel) ? throw PlatformRefusals.NotFound.With()
            : reader.GetBoolean(2) ? throw ShopsRefusals.ShopClosed.With()
            : new SellingShop(id, reader.GetGuid(0), reader.GetString(1), reader.GetInt32(3), reader.GetString(4));
    }

    /// <summary>The accounts of a shop in one currency.</summary>
    public async Task<ShopAccounts> AccountsAsync(Guid shop, Currency currency, CancellationToken cancel)
    {
        if (known.TryGetValue((shop, currency.Code), out var accounts))
        {
            return accounts;
        }

        accounts = await ReadAsync(shop, currency, cancel);
        if (accounts is null)
        {
            await OpenAsync(shop, currency, cancel);
            accounts = (await ReadAsync(shop, currency, cancel))!;
        }

        return known[(shop, currency.Code)] = accounts;
    }

    private async Task OpenAsync(Guid shop, Currency currency, CancellationToken cancel)
    {
        var fresh = new ShopAccounts
        {
            ShopId = shop,
            Currency = currency.Code,
            SettlementId = await ledger.NewAccountIdAsync(cancel),
            DrawerId = await ledger.NewAccountIdAsync(cancel),
        };
        var commit = new LedgerCommit
        {
            Opens =
            {
                new AccountDraft(fresh.SettlementId, currency, "shop"),
                // What was in the drawer before its first sale is not ours to know, and may be given back from it.
                new AccountDraft(fresh.DrawerId, currency, "drawer") { Floor = -Amount.MaxMinor },
            },
            Inserts = { ShopAccounts.Shape.Row(fresh) },
            Constraints = { ["shops_accounts_pkey"] = LedgerRefusals.AlreadyDone },
        };
        try
        {
            await ledger.CommitAsync(commit);
        }
        catch (Refusal refusal) when (refusal.Reason == LedgerRefusals.AlreadyDone)
        {
            // Another till opened them.
        }
    }

    private async Task<ShopAccounts?> ReadAsync(Guid shop, Currency currency, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope
            .ServiceProvider.GetRequiredService<FlorinDb>()
            .ShopAccounts.AsNoTracking()
            .SingleOrDefaultAsync(one => one.ShopId == shop && one.Currency == currency.Code, cancel);
    }
}
