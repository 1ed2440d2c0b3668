using Florin.Payments;
using Florin.Platform;
using Florin.Platform.Pages;
using Florin.Vouchers;

namespace Florin.Compat.VoucherApp;

/// <summary>
/// <c>POST /api/vouchers/purchase/</c>: the caller's wallet pays, where the original gave vouchers away. Where it is short the answer is 402 with the
/// address at which the same purchase can be paid by other methods.
/// </summary>
internal static class BuyVouchers
{
    private sealed record Paid(PaymentView Payment);

    private sealed record Response(string Message, IReadOnlyList<OldVoucher> Vouchers, decimal TotalPaid, decimal DiscountApplied, string Currency);

    internal static void Map(RouteGroupBuilder api) =>
        api.MapPost("/vouchers/purchase", HandleAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Money);

    private static async Task<IResult> HandleAsync(HttpContext http, EdgeApi api, CompatIds ids, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var pin = body.TextOrNull("pin", 6);
        var order = await OldOrder.ReadAsync(body, ids, cancel);
        var payment = await VoucherCheckout.CreateAsync(api, order);
        if (payment.State is "pending")
        {
            payment = await PayAsync(api, payment, pin);
        }

        var vouchers = (await api.GetAsync<Page<VoucherView>>($"/v1/vouchers?limit=10&payment={payment.Id}")).Data;
        var off = BoughtVouchers.Of(payment).Discount?.Off;
        return Results.Json(
            new Response(
                $"Successfully purchased {vouchers.Count} voucher(s)",
                await OldVoucher.OfAsync(vouchers, ids, cancel),
                EdgeFormats.Number(payment.Amount),
                off is { } taken ? EdgeFormats.Number(taken) : 0,
                payment.Amount.Currency.Code
            ),
            Wire.Json,
            statusCode: 201
        );
    }

    private static async Task<PaymentView> PayAsync(EdgeApi api, PaymentView payment, string? pin)
    {
        try
        {
            return (await api.SendAsync<Paid>("POST", $"/v1/payments/{payment.Id}/pay", new { method = "wallet", pin }, step: "pay")).Payment;
        }
        catch (PageRefusal refusal) when (refusal.Code is "insufficient_funds" or "wallet_not_found")
        {
            throw CompatRefusals.PayAt(payment.PayUrl);
        }
    }
}
