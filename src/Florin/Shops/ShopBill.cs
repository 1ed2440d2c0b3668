using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using NpgsqlTypes;

namespace Florin.Shops;

/// <summary>A shop's request that a customer pay: a payment of purpose <c>sale</c> that nobody else may pay, under a number of the shop's.</summary>
internal sealed class ShopBill
{
    /// <summary>The prefix of its public id.</summary>
    public const string Prefix = "bil";

    /// <summary>How long it can be paid where the shop says nothing else.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(30);

    /// <summary>The payment's id too.</summary>
    public required Guid Id { get; init; }

    /// <summary>The small integer id of the old clients.</summary>
    public long LegacyNumber { get; init; }

    /// <summary>Whose.</summary>
    public required Guid ShopId { get; init; }

    /// <summary>Counts up within the shop; some are never used.</summary>
    public required long Number { get; init; }

    /// <summary>Who is to pay.</summary>
    public required Guid CustomerId { get; init; }

    /// <summary>The insert.</summary>
    public static readonly InsertShape<ShopBill> Shape = new(
        "insert into shops.bills (id, shop_id, number, customer_id) select * from unnest($1, $2, $3, $4)",
        Column.Of((ShopBill b) => b.Id, NpgsqlDbType.Uuid),
        Column.Of((ShopBill b) => b.ShopId, NpgsqlDbType.Uuid),
        Column.Of((ShopBill b) => b.Number, NpgsqlDbType.Bigint),
        Column.Of((ShopBill b) => b.CustomerId, NpgsqlDbType.Uuid)
    );
}

/// <summary>A bill as it is answered.</summary>
/// <param name="Id"><c>bil_…</c></param>
/// <param name="Number">Within the shop.</param>
/// <param name="Shop"><c>shp_…</c></param>
/// <param name="ShopName">As it was when the bill was made.</param>
/// <param name="Customer"><c>usr_…</c></param>
/// <param name="CustomerName">What others see.</param>
/// <param name="Amount">What is to be paid.</param>
/// <param name="Note">What the shop wrote for the customer.</param>
/// <param name="Reference">The shop's own number for it.</param>
/// <param name="State">The payment's, one of <see cref="PaymentStates"/>.</param>
/// <param name="Payment"><c>pay_…</c>, to be paid by <c>POST /v1/payments/{id}/pay</c>.</param>
/// <param name="Method">Which method collected it.</param>
/// <param name="Methods">Which methods it can be paid by now.</param>
/// <param name="Refunded">What went back.</param>
/// <param name="PayUrl">The payer's page.</param>
/// <param name="ReceiptUrl">The receipt, once it is paid.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it can no longer be begun to be paid.</param>
/// <param name="CompletedAt">When it was paid.</param>
/// <param name="EndedAt">When it was cancelled, expired or failed.</param>
internal sealed record BillView(
    string Id,
    long Number,
    string Shop,
    string ShopName,
    string Customer,
    string CustomerName,
    Amount Amount,
    string? Note,
    string? Reference,
    string State,
    string Payment,
    string? Method,
    IReadOnlyList<string> Methods,
    Amount Refunded,
    string PayUrl,
    string? ReceiptUrl,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? CompletedAt,
    DateTimeOffset? EndedAt
)
{
    public static BillView Of(ShopBill bill, PaymentView payment, string customer) =>
        new(
            Ids.Show(ShopBill.Prefix, bill.Id),
            bill.Number,
            Ids.Show(Florin.Shops.Shop.Prefix, bill.ShopId),
            payment.PayeeName,
            Ids.Show("usr", bill.CustomerId),
            customer,
            payment.Amount,
            payment.Description,
            payment.Reference,
            payment.State,
            payment.Id,
            payment.Method,
            payment.Methods,
            payment.Refunded,
            payment.PayUrl,
            payment.ReceiptUrl,
            payment.CreatedAt,
            payment.ExpiresAt,
            payment.CompletedAt,
            payment.EndedAt
        );
}
