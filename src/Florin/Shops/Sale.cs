using System.Text.Json;
using Florin.Ledger;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using NpgsqlTypes;

namespace Florin.Shops;

/// <summary>Purpose <c>sale</c>: the payment credits a shop, less the fee of its plan.</summary>
internal sealed class Sale(ShopDesk shops, Settings settings) : IFulfilment
{
    /// <summary>The purpose's name.</summary>
    public const string Name = "sale";

    // Who closes the shop waits for the sales that are being made, and none is made after. Sales do not wait for one another.
    private static readonly GuardShape<Guid> StillOpen = new(
        "select s.id from unnest($1) v(id) join shops.shops s on s.id = v.id where s.closed_at is null for share of s",
        "shops.shops",
        ShopsRefusals.ShopClosed,
        Column.Of((Guid shop) => shop, NpgsqlDbType.Uuid)
    );

    public string Purpose => Name;

    public string PostingKind => Name;

    public async Task<PaymentTerms> PrepareAsync(PaymentOrder order, CancellationToken cancel)
    {
        var amount = order.Demand();
        if (!settings.Currencies.Contains(amount.Currency))
        {
            throw PlatformRefusals.InvalidRequest.Field("amount", $"must be in one of {string.Join(", ", settings.Currencies)}");
        }

        var shop = await shops.SellingAsync(order.ByPayer ? null : order.Caller, order.Id("shop", Shop.Prefix), cancel);
        var accounts = await shops.AccountsAsync(shop.Id, amount.Currency, cancel);
        return new PaymentTerms(amount, shop.Owner, shop.Id, shop.Name, accounts.SettlementId)
        {
            Fee = shop.FeeOn(amount),
            Subject = JsonSerializer.Serialize(new { shop = shop.PublicId }, Wire.Json),
        };
    }

    public IReadOnlyList<RowChange> GuardsOf(PaymentFact payment) => [StillOpen.Row(payment.Payee, payment.Payee)];

    // The money is all that is delivered here; the goods go over the counter.
    public Task<Action<LedgerOutcome>?> DeliverAsync(PaymentFact payment, Guid? payer, LedgerCommit commit, CancellationToken cancel) =>
        Task.FromResult<Action<LedgerOutcome>?>(null);

    public Task TakeBackAsync(PaymentFact payment, RefundPart part, LedgerCommit commit, CancellationToken cancel) => Task.CompletedTask;

    public bool MadeForPayee => true;

    public async ValueTask<PayeeRole> RoleOfAsync(Guid person, PaymentFact payment, CancellationToken cancel) =>
        person == payment.Owner ? PayeeRole.Owner : await shops.RoleOfAsync(person, payment.Payee, cancel);

    // An owner pays back all of it, a cashier up to what the shop allows.
    public async ValueTask<long> RefundLimitAsync(Guid person, PaymentFact payment, CancellationToken cancel) =>
        await RoleOfAsync(person, payment, cancel) switch
        {
            PayeeRole.Owner => payment.Amount.Minor,
            PayeeRole.Cashier when await shops.FindAsync(payment.Payee, cancel) is { } shop => shop.RefundSums.GetValueOrDefault(payment.Amount.Currency.Code),
            _ => 0,
        };
}
