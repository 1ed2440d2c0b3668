using System.Text.Json;
using Florin.Identity;
using Florin.Ledger;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Florin.Wallets;
using Microsoft.EntityFrameworkCore;
using NpgsqlTypes;

namespace Florin.Vouchers;

/// <summary>
/// Purpose <c>voucher</c>: the payment credits the house's voucher liability, and its vouchers come into being in the same commit. What a voucher earns
/// leaves the liability when it is redeemed, and not before.
/// </summary>
internal sealed class VoucherSale(
    IServiceScopeFactory scopes,
    WalletFacts wallets,
    HouseAccounts house,
    VoucherRefunds refunds,
    Settings settings,
    TimeProvider clock
) : IFulfilment
{
    /// <summary>The purpose's name.</summary>
    public const string Name = "voucher";

    // A price is promised for a day, not for as long as a payment may wait.
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(1);

    // Whoever switches a type off waits for the payments that are being made, and none is made after.
    private static readonly GuardShape<Guid> StillSold = new(
        "select t.id from unnest($1) v(id) join vouchers.types t on t.id = v.id where t.active for share of t",
        "vouchers.types",
        VouchersRefusals.TypeNotSold,
        Column.Of((Guid type) => type, NpgsqlDbType.Uuid)
    );

    public string Purpose => Name;

    public string PostingKind => "voucher_sale";

    public async Task<PaymentTerms> PrepareAsync(PaymentOrder order, CancellationToken cancel)
    {
        var wish = VoucherWish.Of(order);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        var type =
            await db.VoucherTypes.AsNoTracking().SingleOrDefaultAsync(one => one.Id == wish.Type && one.RetiredAt == null, cancel)
            ?? throw PlatformRefusals.NotFound.With("There is no such voucher type.");
        if (!type.Active)
        {
            throw VouchersRefusals.TypeNotSold.With();
        }

        DemandStock(type, wish.Quantity);
        var price = PriceOf(type, wish.Currency);
        if ((Int128)price.Minor * wish.Quantity > Amount.MaxMinor)
        {
            throw LedgerRefusals.AmountOutOfRange.With();
        }

        var gift = wish.GiftTo is null ? null : await RecipientAsync(wish.GiftTo, order.Caller, cancel);
        var total = price with { Minor = price.Minor * wish.Quantity };
        var now = clock.GetUtcNow();
        var discount = wish.Discount is null ? null : await DiscountAsync(db, wish.Discount, order.Caller, cancel);
        var taken = discount is null
            ? null
            : new DiscountTaken(Ids.Show(VoucherDiscount.Prefix, discount.Id), discount.Code, total with { Minor = discount.Off(total, type.Id, now) });
        var bought = new VoucherOrder(type.PublicId, type.Code, type.Name, type.ServiceType, wish.Quantity, type.Uses, type.ValidityDays, price, taken, gift);
        return new PaymentTerms(
            total with
            {
                Minor = total.Minor - (taken?.Off.Minor ?? 0),
            },
            PaymentFact.House,
            type.Id,
            wish.Quantity == 1 ? type.Name : $"{type.Name} × {wish.Quantity}",
            await house.IdAsync(HouseAccount.VoucherLiability, price.Currency, cancel)
        )
        {
            Subject = JsonSerializer.Serialize(bought, Wire.Json),
            LongestLife = discount is not null && discount.ValidUntil - now < LongestLife ? discount.ValidUntil - now : LongestLife,
        };
    }

    public IReadOnlyList<RowChange> GuardsOf(PaymentFact payment) => [StillSold.Row(payment.Payee, payment.Payee)];

    public async Task DemandDeliverableAsync(PaymentFact payment, CancellationToken cancel)
    {
        var order = VoucherOrder.Of(payment);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        DemandStock(await db.VoucherTypes.AsNoTracking().SingleAsync(one => one.Id == payment.Payee, cancel), order.Quantity);
        if (order.Discount is { } taken)
        {
            await DiscountAsync(db, taken.Code, payment.CreatedBy, cancel);
        }
    }

    public async Task<Action<LedgerOutcome>?> DeliverAsync(PaymentFact payment, Guid? payer, LedgerCommit commit, CancellationToken cancel)
    {
        var order = VoucherOrder.Of(payment);
        // Whoever it was meant for may have gone since; what was paid for is never nobody's.
        var recipient = order.GiftTo is { } number ? await ReceiverAsync(number, cancel) : null;
        VoucherIssue.AddTo(commit, payment, order, recipient ?? payment.CreatedBy, VoucherCode.Draw(order.Quantity), clock.GetUtcNow());
        return null;
    }

    public Task<long?> RefundableAsync(PaymentFact payment, CancellationToken cancel) => refunds.RefundableAsync(payment, cancel);

    public Task TakeBackAsync(PaymentFact payment, RefundPart part, LedgerCommit commit, CancellationToken cancel) =>
        refunds.TakeBackAsync(payment, part, commit, cancel);

    public Task GiveAgainAsync(PaymentFact payment, RefundPart part, LedgerCommit commit, CancellationToken cancel) =>
        refunds.GiveAgainAsync(payment, part, commit, cancel);

    // Who bought them sees the payment as its maker. Paying back is the house's decision.
    public ValueTask<PayeeRole> RoleOfAsync(Guid person, PaymentFact payment, CancellationToken cancel) => ValueTask.FromResult(PayeeRole.None);

    private static void DemandStock(VoucherType type, int quantity)
    {
        if (type.Stock < quantity)
        {
            throw VouchersRefusals.SoldOut.With($"{type.Stock} are left.");
        }
    }

    private Amount PriceOf(VoucherType type, Currency? wanted)
    {
        var prices = type.PriceSums;
        var currency = wanted ?? (prices.ContainsKey(settings.DefaultCurrency.Code) ? settings.DefaultCurrency : Currency.Of(prices.Keys.First()));
        return type.PriceIn(currency) ?? throw VouchersRefusals.NotPriced.With($"It has one in {string.Join(", ", prices.Keys)}.");
    }

    private async Task<string?> RecipientAsync(string number, Guid buyer, CancellationToken cancel)
    {
        var receiver =
            (number.Length == 10 && number.All(char.IsAsciiDigit) ? await ReceiverAsync(number, cancel) : null) ?? throw VouchersRefusals.NobodyToGive.With();
        return receiver == buyer ? null : number;
    }

    // The person of a wallet; null where there is none, or their account has ended: numbers are remembered longer than that.
    private async Task<Guid?> ReceiverAsync(string number, CancellationToken cancel)
    {
        if (await wallets.ByNumberAsync(number, cancel) is not { } wallet)
        {
            return null;
        }

        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<People>().FindAsync(wallet.Person, cancel) is { Active: true } ? wallet.Person : null;
    }

    private static async Task<VoucherDiscount> DiscountAsync(FlorinDb db, string typed, Guid buyer, CancellationToken cancel)
    {
        var code = VoucherDiscount.Clean(typed);
        var discount =
            await db.VoucherDiscounts.AsNoTracking().SingleOrDefaultAsync(one => one.Code == code, cancel) ?? throw VouchersRefusals.DiscountNotValid.With();
        var own = await db
            .Database.SqlQuery<int>($"select uses as \"Value\" from vouchers.discount_people where discount_id = {discount.Id} and person_id = {buyer}")
            .SingleOrDefaultAsync(cancel);
        return !discount.Active ? throw VouchersRefusals.DiscountNotValid.With()
            : discount.Uses >= discount.MaxUses || own >= discount.MaxPerPerson ? throw VouchersRefusals.DiscountUsedUp.With()
            : discount;
    }
}
