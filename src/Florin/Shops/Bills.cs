using System.Text.Json;
using Florin.Activity;
using Florin.Identity;
using Florin.Ledger;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Shops;

/// <summary>A wish for a bill.</summary>
/// <param name="Shop">Whose.</param>
/// <param name="Customer">One of the shop's.</param>
/// <param name="Amount">What is to be paid.</param>
/// <param name="Note">For the customer.</param>
/// <param name="Reference">The shop's own number.</param>
/// <param name="Life">How long it can be paid.</param>
internal sealed record BillOrder(Guid Shop, Guid Customer, Amount Amount, string? Note, string? Reference, TimeSpan Life);

/// <summary>Which bills.</summary>
/// <param name="State">Only this state of the payment; null for all.</param>
/// <param name="From">Made at or after this time.</param>
/// <param name="To">Made before this time.</param>
/// <param name="Text">The number, the beginning of the reference, or part of the note.</param>
internal sealed record BillSearch(string? State = null, DateTimeOffset? From = null, DateTimeOffset? To = null, string? Text = null);

/// <summary>A page of bills, newest first.</summary>
/// <param name="Data">Its bills.</param>
/// <param name="NextCursor">Give it as <c>?cursor=</c> for the next page; null on the last.</param>
/// <param name="Totals">On the first page: of all bills that were asked for, per state and currency.</param>
internal sealed record BillPage(IReadOnlyList<BillView> Data, string? NextCursor, IReadOnlyList<PaymentTotal>? Totals);

/// <summary>Makes bills and finds them. What a bill says besides shop, number and customer is its payment's.</summary>
internal sealed class Bills(FlorinDb db, People people, PaymentLists payments, Checkout checkout, GeneralLedger ledger, Database database, ActivityLog activity)
{
    /// <summary>Makes a bill with its payment, together or not at all.</summary>
    /// <exception cref="Refusal"><c>not_found</c> for the shop, <c>shop_closed</c>, <c>unknown_customer</c>, <c>invalid_request</c></exception>
    public async Task<Answer> MakeAsync(BillOrder order, Caller caller, HttpContext http, IdempotencyKey key, CancellationToken cancel)
    {
        var subject = JsonSerializer.SerializeToElement(new { shop = Ids.Show(Shop.Prefix, order.Shop) });
        var wish = new PaymentWish(Sale.Name, new PaymentOrder(caller.Person, order.Amount, subject))
        {
            Payer = order.Customer,
            Description = PaymentWish.Clean("note", order.Note),
            Reference = PaymentWish.Clean("reference", order.Reference),
            Life = order.Life,
        };
        var payment = await checkout.DrawAsync(wish, cancel); // which also finds out whether the caller sells there
        if (!await db.ShopCustomers.AnyAsync(one => one.ShopId == order.Shop && one.PersonId == order.Customer, cancel))
        {
            throw ShopsRefusals.UnknownCustomer.With();
        }

        var bill = new ShopBill
        {
            Id = payment.Id,
            ShopId = order.Shop,
            Number = await NumberAsync(order.Shop, cancel),
            CustomerId = order.Customer,
        };
        var name = await NameAsync(order.Customer, cancel);
        var commit = checkout.Create(payment, key, view => Answer.Json(201, BillView.Of(bill, view, name)));
        var details = new
        {
            shop = Ids.Show(Shop.Prefix, order.Shop),
            bill = Ids.Show(ShopBill.Prefix, bill.Id),
            bill.Number,
            payment.Amount,
        };
        commit.Inserts.Add(ShopBill.Shape.Row(bill));
        commit.Inserts.Add(ActivityLog.Row(activity.Entry(http, "shops.billed", order.Customer, details)));
        var answer = (await ledger.CommitAsync(commit)).Required;
        if (!answer.Replayed)
        {
            checkout.Made(payment);
        }

        return answer;
    }

    /// <summary>A bill with its payment, for those who are party to it.</summary>
    /// <exception cref="Refusal"><c>not_found</c>, another's too</exception>
    public async Task<BillView> ShowAsync(string id, Caller caller, CancellationToken cancel)
    {
        var bill = await FindAsync(id, cancel);
        return BillView.Of(bill, await payments.ShowAsync(bill.Id, caller, cancel), await NameAsync(bill.CustomerId, cancel));
    }

    /// <summary>A bill whoever asks.</summary>
    /// <exception cref="Refusal"><c>not_found</c></exception>
    public async Task<ShopBill> FindAsync(string id, CancellationToken cancel)
    {
        var key = Ids.Read(ShopBill.Prefix, id);
        return await db.ShopBills.AsNoTracking().SingleOrDefaultAsync(bill => bill.Id == key, cancel) ?? throw PlatformRefusals.NotFound.With();
    }

    /// <summary>A page of bills. The caller checked who asks.</summary>
    public async Task<BillPage> FindAsync(IQueryable<ShopBill> among, BillSearch search, PageRequest page, CancellationToken cancel)
    {
        var filter = new PaymentFilter(among.Select(bill => bill.Id))
        {
            State = search.State,
            From = search.From,
            To = search.To,
            Text = search.Text,
            Also = long.TryParse(search.Text, System.Globalization.CultureInfo.InvariantCulture, out var number)
                ? among.Where(bill => bill.Number == number).Select(bill => bill.Id)
                : null,
        };
        var found = await payments.FindAsync(filter, page, cancel);
        var ids = found.Data.Select(payment => Ids.Read(PaymentFact.Prefix, payment.Id)).ToList();
        var rows = await db.ShopBills.AsNoTracking().Where(bill => ids.Contains(bill.Id)).ToDictionaryAsync(bill => bill.Id, cancel);
        var names = await people.DisplayNamesAsync(rows.Values.Select(bill => bill.CustomerId).Distinct().ToList(), cancel);
        var views = found.Data.Zip(ids, (payment, id) => BillView.Of(rows[id], payment, names.GetValueOrDefault(rows[id].CustomerId, "")));
        return new BillPage([.. views], found.NextCursor, page.Before is null ? await payments.TotalsAsync(filter, cancel) : null);
    }

    /// <summary>What others see of a customer.</summary>
    public async Task<string> NameAsync(Guid customer, CancellationToken cancel) => (await people.FindAsync(customer, cancel))?.DisplayName ?? "";

    // Drawn before the commit, so that the answer can say it: where the commit is refused the number is never used.
    private async Task<long> NumberAsync(Guid shop, CancellationToken cancel)
    {
        await using var draw = database.Source.CreateCommand(
            "update shops.shops set bills_numbered = bills_numbered + 1 where id = $1 returning bills_numbered"
        );
        draw.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = shop });
        return (long)(await draw.ExecuteScalarAsync(cancel))!;
    }
}
