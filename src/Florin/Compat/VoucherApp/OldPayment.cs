using Florin.Payments;
using Florin.Platform;

namespace Florin.Compat.VoucherApp;

/// <summary>A payment for vouchers as seed 2 showed it. Its amount is that of one, and the total what is paid.</summary>
internal sealed record OldPayment(
    Guid Id,
    string Amount,
    string Currency,
    string Status,
    string PaymentMethod,
    OldPayment.TypeOf VoucherType,
    int Quantity,
    string DiscountAmount,
    string DiscountCode,
    string TotalAmount,
    string CreatedAt,
    string UpdatedAt,
    string? CompletedAt
)
{
    /// <summary>What was bought.</summary>
    public sealed record TypeOf(long Id, string Name, string TypeCode, string ServiceType, string Price);

    /// <summary>Payments of <c>/v1</c> as old ones, in order.</summary>
    public static async Task<IReadOnlyList<OldPayment>> OfAsync(IReadOnlyList<PaymentView> payments, CompatIds ids, CancellationToken cancel)
    {
        var bought = payments.Select(BoughtVouchers.Of).ToList();
        var numbers = await OldVoucherType.NumbersAsync(bought.Select(one => one.Type).Distinct(), ids, cancel);
        return [.. payments.Zip(bought, (payment, order) => Of(payment, order, numbers[Ids.Read("vty", order.Type)]))];
    }

    private static OldPayment Of(PaymentView payment, BoughtVouchers order, long type)
    {
        var off = order.Discount?.Off ?? order.Price with { Minor = 0 };
        return new OldPayment(
            Ids.Read(PaymentFact.Prefix, payment.Id),
            EdgeFormats.Decimal(order.Price),
            payment.Amount.Currency.Code,
            // What seed 2 had no word for.
            payment.State switch
            {
                "expired" => "cancelled",
                "partially_refunded" => "completed",
                var state => state,
            },
            payment.Method ?? "stripe",
            new TypeOf(type, order.Name, order.Code, order.ServiceType, EdgeFormats.Decimal(order.Price)),
            order.Quantity,
            EdgeFormats.Decimal(off),
            order.Discount?.Code ?? "",
            EdgeFormats.Decimal(payment.Amount),
            EdgeFormats.Time(payment.CreatedAt),
            EdgeFormats.Time(payment.CompletedAt ?? payment.EndedAt ?? payment.CreatedAt),
            EdgeFormats.Time(payment.CompletedAt)
        );
    }
}
