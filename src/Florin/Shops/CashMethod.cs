using System.Text.Json;
using Florin.Activity;
using Florin.Ledger;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Shops;

/// <summary>What figures of sales need to know of cash.</summary>
public static class CashSales
{
    /// <summary>Methods that bear no fee, whatever the shop's plan says.</summary>
    public static readonly IReadOnlyList<string> MethodsWithoutFee = [CashMethod.MethodName];
}

/// <summary>
/// Method <c>cash</c>: a merchant or cashier says that they took notes. A sale of their own is recorded in the shop's drawer and credits nothing; for
/// anything else the shop keeps the notes and its settlement account pays, or refuses where that is short: nobody makes money by claiming cash. That is
/// the owner's to say, or a cashier's up to the shop's limit and never for themself; the owner is told.
/// </summary>
internal sealed class CashMethod(ShopDesk shops, HouseAccounts house, ActivityLog activity) : IInstantMethod
{
    /// <summary>The method's name.</summary>
    public const string MethodName = "cash";

    public string Name => MethodName;

    public bool Offers(PaymentFact payment) => true;

    public async Task<Collection> CollectAsync(PaymentFact payment, PayOrder order, CancellationToken cancel)
    {
        if (order.Caller is not { } caller)
        {
            throw PlatformRefusals.NotSignedIn.With();
        }

        var isSale = string.Equals(payment.Purpose, Sale.Name, StringComparison.Ordinal);
        var id =
            isSale ? payment.Payee
            : Ids.TryRead(Shop.Prefix, order.Shop, out var named) ? named
            : throw PlatformRefusals.InvalidRequest.Field("shop", "say which shop's till took the cash");
        // A payer who claims to have paid in cash is no cashier here: only the till says so.
        var role = await shops.RoleOfAsync(caller.Person, id, cancel);
        if (role < PayeeRole.Cashier)
        {
            throw PlatformRefusals.Forbidden.With("Only the shop can say that it took cash.");
        }

        var shop = await shops.SellingAsync(caller.Person, id, cancel);
        if (!isSale && role < PayeeRole.Owner)
        {
            await DemandCashierMayAsync(payment, caller.Person, id, cancel);
        }

        var taken = isSale ? null : Taken(payment, order, shop);
        var accounts = await shops.AccountsAsync(shop.Id, payment.Amount.Currency, cancel);
        var cash = await house.IdAsync(HouseAccount.Cash, payment.Amount.Currency, cancel);
        var notes = new Move(cash, accounts.DrawerId, payment.Amount.Minor);
        return new Collection(account => isSale ? [notes] : [new Move(accounts.SettlementId, account, payment.Amount.Minor)])
        {
            Taken = payment.Amount,
            FeeApplies = false,
            Source = JsonSerializer.Serialize(new Source(shop.PublicId), Wire.Json),
            Postings = isSale ? [] : [new PostingDraft("cash_taken", notes) { Reference = payment.PublicId }],
            Told = outcome => outcome.Inserts.AddRange(taken ?? []),
        };
    }

    public async Task<GiveBack> GiveBackAsync(RefundOrder refund, CancellationToken cancel)
    {
        var amount = refund.Amount;
        var source = JsonSerializer.Deserialize<Source>(refund.Source!, Wire.Json)!;
        var accounts = await shops.AccountsAsync(Ids.Read(Shop.Prefix, source.Shop), amount.Currency, cancel);
        var cash = await house.IdAsync(HouseAccount.Cash, amount.Currency, cancel);
        var notes = new Move(accounts.DrawerId, cash, amount.Minor);
        var isSale = string.Equals(refund.Payment.Purpose, Sale.Name, StringComparison.Ordinal);
        return new GiveBack(account => isSale ? [notes] : [new Move(account, accounts.SettlementId, amount.Minor)], amount)
        {
            Postings = isSale ? [] : [new PostingDraft("cash_given", notes) { Reference = refund.Payment.PublicId }],
        };
    }

    // The settlement account pays, for notes that only the cashier saw.
    private async Task DemandCashierMayAsync(PaymentFact payment, Guid cashier, Guid shop, CancellationToken cancel)
    {
        if (cashier == payment.Owner || cashier == payment.Payer || cashier == payment.CreatedBy)
        {
            throw PlatformRefusals.Forbidden.With("Nobody says that they took cash for their own payment; ask the owner of the shop.");
        }

        var limits = (await shops.FindAsync(shop, cancel))?.RefundSums;
        if (limits is null || payment.Amount.Minor > limits.GetValueOrDefault(payment.Amount.Currency.Code))
        {
            throw ShopsRefusals.CashAboveLimit.With();
        }
    }

    private RowInsert[] Taken(PaymentFact payment, PayOrder order, SellingShop shop)
    {
        var what = new
        {
            shop = shop.PublicId,
            payment = payment.PublicId,
            payment.Purpose,
            payment.Amount,
            taken_by = Ids.Show("usr", order.Caller!.Person),
        };
        return
        [
            Outbox.Row(new OutboxEvent("shops.cash_taken", payment.Id, JsonSerializer.Serialize(what, Wire.Json), [shop.Owner])),
            ActivityLog.Row(activity.Entry(order.Http, "shops.cash_taken", shop.Owner, what)),
        ];
    }

    private sealed record Source(string Shop);
}
