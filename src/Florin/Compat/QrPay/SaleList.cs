using Florin.Payments;
using Florin.Platform;

namespace Florin.Compat.QrPay;

/// <summary>Seed 4's <c>GET /api/transactions</c>: the sales of a merchant, oldest first as the original had them.</summary>
internal static class SaleList
{
    /// <summary>The kind of its ids.</summary>
    public const string Ids = "qr_pay.payment";

    /// <summary>The sales.</summary>
    public sealed record Response(IReadOnlyList<Row> Transactions);

    /// <summary>One of them.</summary>
    public sealed record Row(long Id, decimal Amount, string Date, string State);

    /// <summary>Of somebody who has no shop.</summary>
    public static readonly Response Empty = new([]);

    /// <summary>The newest 1,000 of a shop.</summary>
    public static async Task<Response> ReadAsync(EdgeShop shop, EdgeApi api, CompatIds ids, CancellationToken cancel)
    {
        var sales = await api.NewestAsync<PaymentView>($"/v1/shops/{shop.Id}/payments");
        var numbers = await ids.NumbersAsync(Ids, [.. sales.Select(IdOf)], cancel);
        return new Response([
            .. sales
                .AsEnumerable()
                .Reverse()
                .Select(sale => new Row(
                    numbers[IdOf(sale)],
                    EdgeFormats.Number(sale.Amount),
                    EdgeFormats.PlainTime(sale.CreatedAt),
                    QrPayStates.Of(sale.State)
                )),
        ]);
    }

    /// <summary>The UUID of a payment.</summary>
    public static Guid IdOf(PaymentView payment) => Platform.Ids.Read(PaymentFact.Prefix, payment.Id);
}
