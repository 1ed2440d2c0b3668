using Florin.Payments;
using Florin.Platform;

namespace Florin.Compat.VoucherApp;

/// <summary><c>GET /api/payments/history/</c> and <c>transaction/&lt;id&gt;/</c>, which the README promises and the original had not.</summary>
internal static class ListVoucherPayments
{
    internal static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/payments/history", ListAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Costly);
        api.MapGet("/payments/transaction/{id}", ShowAsync).RequireAuthorization(Policies.Person);
    }

    /// <summary>The caller's payments for vouchers, newest first.</summary>
    internal static Task<List<PaymentView>> OwnAsync(EdgeApi api) => api.NewestAsync<PaymentView>("/v1/payments?purpose=voucher");

    private static async Task<IResult> ListAsync(HttpRequest request, EdgeApi api, CompatIds ids, CancellationToken cancel) =>
        EdgePage.Of(request, await OldPayment.OfAsync(await OwnAsync(api), ids, cancel));

    private static async Task<IResult> ShowAsync(string id, EdgeApi api, CompatIds ids, CancellationToken cancel)
    {
        if (!Guid.TryParse(id, out var known))
        {
            throw PlatformRefusals.NotFound.With();
        }

        var payment = await api.GetAsync<PaymentView>("/v1/payments/" + Ids.Show(PaymentFact.Prefix, known));
        return payment.Purpose is "voucher"
            ? Results.Json((await OldPayment.OfAsync([payment], ids, cancel))[0], Wire.Json)
            : throw PlatformRefusals.NotFound.With();
    }
}
