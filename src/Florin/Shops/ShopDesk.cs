using System.Collections.Concurrent;
using Florin.Ledger;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Shops;

/// <summary>Finds shops, who works in them, and their accounts, which are opened when first needed.</summary>
internal sealed class ShopDesk(IServiceScopeFactory scopes, GeneralLedger ledger)
{
    // Never change once they are there.
    private readonly ConcurrentDictionary<(Guid Shop, string Currency), ShopAccounts> known = new();

    /// <summary>A shop that is open; null where there is none.</summary>
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

    /// <summary>A shop in which the person takes money.</summary>
    /// <exception cref="Refusal"><c>not_found</c> (another's too), <c>shop_closed</c></exception>
    public async Task<Shop> TillAsync(Guid person, Guid id, CancellationToken cancel)
    {
        var shop = await FindAsync(id, cancel);
        if (shop is null || await RoleOfAsync(person, id, cancel) < PayeeRole.Cashier)
        {
            throw PlatformRefusals.NotFound.With();
        }

        return shop.ClosedAt is null ? shop : throw ShopsRefusals.ShopClosed.With();
    }

    /// <summary>The plan of a shop.</summary>
    public async Task<ShopPlan> PlanOfAsync(Shop shop, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<FlorinDb>().ShopPlans.AsNoTracking().SingleAsync(plan => plan.Name == shop.Plan, cancel);
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
