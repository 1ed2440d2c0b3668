using System.Text.Json;
using Florin.Ledger;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Npgsql;

namespace Florin.Shops;

/// <summary>A bill of another system that is still to be paid.</summary>
/// <param name="Customer">Who is to pay.</param>
/// <param name="Amount">What.</param>
/// <param name="Reference">Its number there.</param>
public sealed record OpenBill(Guid Customer, Amount Amount, string Reference);

/// <summary>Shops that come from another system with their customers and open bills, within an import's commit.</summary>
public sealed class ShopImport
{
    private static readonly InsertShape<(Shop Shop, long Numbered)> Shape = new(
        "insert into shops.shops (id, owner, name, plan, default_currency, created_at, bills_numbered) select * from unnest($1, $2, $3, $4, $5, $6, $7)",
        Column.Of(((Shop Shop, long Numbered) s) => s.Shop.Id, NpgsqlTypes.NpgsqlDbType.Uuid),
        Column.Of(((Shop Shop, long Numbered) s) => s.Shop.Owner, NpgsqlTypes.NpgsqlDbType.Uuid),
        Column.Of(((Shop Shop, long Numbered) s) => s.Shop.Name, NpgsqlTypes.NpgsqlDbType.Text),
        Column.Of(((Shop Shop, long Numbered) s) => s.Shop.Plan, NpgsqlTypes.NpgsqlDbType.Text),
        Column.Of(((Shop Shop, long Numbered) s) => s.Shop.DefaultCurrency, NpgsqlTypes.NpgsqlDbType.Text),
        Column.Of(((Shop Shop, long Numbered) s) => s.Shop.CreatedAt.UtcDateTime, NpgsqlTypes.NpgsqlDbType.TimestampTz),
        Column.Of(((Shop Shop, long Numbered) s) => s.Numbered, NpgsqlTypes.NpgsqlDbType.Bigint)
    );

    private readonly ShopDesk desk;
    private readonly Checkout checkout;
    private readonly GeneralLedger ledger;
    private readonly Database database;
    private readonly TimeProvider clock;

    internal ShopImport(ShopDesk desk, Checkout checkout, GeneralLedger ledger, Database database, TimeProvider clock)
    {
        this.desk = desk;
        this.checkout = checkout;
        this.ledger = ledger;
        this.database = database;
        this.clock = clock;
    }

    /// <summary>Makes a commit open a shop with its accounts, customers and bills.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="owner">The merchant, whom the same commit may make.</param>
    /// <param name="name">As payers read it; cut at 60 characters.</param>
    /// <param name="currency">Of its accounts and bills.</param>
    /// <param name="bills">Still to be paid; they can be for 90 days.</param>
    /// <param name="cancel">Stops looking; not the commit.</param>
    /// <returns>The shop, and the bills in order.</returns>
    public async Task<(Guid Shop, IReadOnlyList<Guid> Bills)> AddShopAsync(
        LedgerCommit commit,
        Guid owner,
        string name,
        Currency currency,
        IReadOnlyList<OpenBill> bills,
        CancellationToken cancel
    )
    {
        var shop = Shop.Draw(owner, name.Length > Shop.NameLength ? name[..Shop.NameLength] : name, currency, clock.GetUtcNow());
        var accounts = new ShopAccounts
        {
            ShopId = shop.Id,
            Currency = currency.Code,
            SettlementId = await ledger.NewAccountIdAsync(cancel),
            DrawerId = await ledger.NewAccountIdAsync(cancel),
        };
        commit.Inserts.Add(Shape.Row((shop, bills.Count)));
        commit.Opens.Add(new AccountDraft(accounts.SettlementId, currency, "shop"));
        commit.Opens.Add(new AccountDraft(accounts.DrawerId, currency, "drawer") { Floor = -Amount.MaxMinor }); // as ShopDesk opens them
        commit.Inserts.Add(ShopAccounts.Shape.Row(accounts));
        AddCustomers(commit, shop.Id, bills, []);

        var selling = await SellingAsync(shop, cancel);
        return (shop.Id, [.. bills.Select((bill, i) => Add(commit, selling, accounts, bill, i + 1))]);
    }

    /// <summary>Makes a commit add bills to a shop that is there. Numbers are drawn at once: where the commit is refused they are never used.</summary>
    /// <exception cref="Refusal"><c>not_found</c>, <c>shop_closed</c></exception>
    public async Task<IReadOnlyList<Guid>> AddBillsAsync(LedgerCommit commit, Guid shop, IReadOnlyList<OpenBill> bills, CancellationToken cancel)
    {
        var selling = await desk.SellingAsync(null, shop, cancel);
        await using var draw = database.Source.CreateCommand(
            "update shops.shops set bills_numbered = bills_numbered + $2 where id = $1 returning bills_numbered"
        );
        draw.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = shop });
        draw.Parameters.Add(new NpgsqlParameter<long> { TypedValue = bills.Count });
        var last = (long)(await draw.ExecuteScalarAsync(cancel))!;
        AddCustomers(commit, shop, bills, await KnownAsync(shop, bills.Select(bill => bill.Customer), cancel));
        var made = new List<Guid>();
        foreach (var bill in bills)
        {
            var accounts = await desk.AccountsAsync(shop, bill.Amount.Currency, cancel);
            made.Add(Add(commit, selling, accounts, bill, last - bills.Count + made.Count + 1));
        }

        return made;
    }

    private void AddCustomers(LedgerCommit commit, Guid shop, IReadOnlyList<OpenBill> bills, HashSet<Guid> known)
    {
        foreach (var customer in bills.Select(bill => bill.Customer).Distinct().Where(customer => !known.Contains(customer)))
        {
            var row = new ShopCustomer
            {
                Id = Ids.New(),
                ShopId = shop,
                PersonId = customer,
                Since = clock.GetUtcNow(),
            };
            commit.Inserts.Add(ShopCustomer.Shape.Row(row));
        }
    }

    private Guid Add(LedgerCommit commit, SellingShop shop, ShopAccounts accounts, OpenBill bill, long number)
    {
        var subject = new { shop = shop.PublicId };
        var wish = new PaymentWish(Sale.Name, new PaymentOrder(shop.Owner, bill.Amount, JsonSerializer.SerializeToElement(subject, Wire.Json)))
        {
            Payer = bill.Customer,
            Reference = bill.Reference,
            Life = Checkout.LongestLife,
        };
        var terms = new PaymentTerms(bill.Amount, shop.Owner, shop.Id, shop.Name, accounts.SettlementId)
        {
            Fee = shop.FeeOn(bill.Amount),
            Subject = JsonSerializer.Serialize(subject, Wire.Json),
        };
        var payment = checkout.Draw(wish, terms);
        var row = new ShopBill
        {
            Id = payment.Id,
            ShopId = shop.Id,
            Number = number,
            CustomerId = bill.Customer,
        };
        commit.Inserts.AddRange(checkout.Create(payment, key: null).Inserts);
        commit.Inserts.Add(ShopBill.Shape.Row(row));
        return row.Id;
    }

    private async Task<SellingShop> SellingAsync(Shop shop, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select percent_bps, fixed::text from shops.plans where name = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = shop.Plan });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return new SellingShop(shop.Id, shop.Owner, shop.Name, reader.GetInt32(0), reader.GetString(1));
    }

    private async Task<HashSet<Guid>> KnownAsync(Guid shop, IEnumerable<Guid> customers, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select person_id from shops.customers where shop_id = $1 and person_id = any($2)");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = shop });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. customers] });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var known = new HashSet<Guid>();
        while (await reader.ReadAsync(cancel))
        {
            known.Add(reader.GetGuid(0));
        }

        return known;
    }
}
