using System.Text.Json;
using Florin.Ledger;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Shops;

/// <summary>
/// Method <c>cash</c>: a merchant or cashier says that they took notes. A sale of their own is recorded in the shop's drawer and credits nothing; for
/// anything else the shop keeps the notes and its settlement account pays, or refuses where that is short: nobody makes money by claiming cash.
/// </summary>
internal sealed class CashMethod(ShopDesk shops, HouseAccounts house) : IInstantMethod
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
        if (await shops.RoleOfAsync(caller.Person, id, cancel) < PayeeRole.Cashier)
        {
            throw PlatformRefusals.Forbidden.With("Only the shop can say that it took cash.");
        }

        var shop = await shops.SellingAsync(caller.Person, id, cancel);
        var accounts = await shops.AccountsAsync(shop.Id, payment.Amount.Currency, cancel);
        var cash = await house.IdAsync(HouseAccount.Cash, payment.Amount.Currency, cancel);
        var notes = new Move(cash, accounts.DrawerId, payment.Amount.Minor);
        return new Collection(account => isSale ? [notes] : [new Move(accounts.SettlementId, account, payment.Amount.Minor)])
        {
            Taken = payment.Amount,
            FeeApplies = false,
            Source = JsonSerializer.Serialize(new Source(shop.PublicId), Wire.Json),
            Postings = isSale ? [] : [new PostingDraft("cash_taken", notes) { Reference = payment.PublicId }],
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

    private sealed record Source(string Shop);
}
