using Florin.Compat.PaymentFiles;
using Florin.Compat.QrPay;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Compat;

/// <summary>
/// <c>GET /api/transactions</c>, which two systems had: whoever comes with seed 4's cookie gets the sales of their shop, staff the payments at gateways
/// (seed 3), a merchant with a token their sales; for everybody else it is forbidden, as seed 3 has it.
/// </summary>
internal static class ListSalesOrPayments
{
    internal static void Map(RouteGroupBuilder api) =>
        api.MapGet("/transactions", HandleAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Costly);

    private static async Task<IResult> HandleAsync(
        Caller caller,
        HttpContext http,
        EdgeApi api,
        CompatIds ids,
        PaymentReferences references,
        FlorinDb db,
        CancellationToken cancel
    )
    {
        var byCookie = http.Request.Headers.Authorization.Count == 0;
        var shop = await EdgeShops.FindAsync(api);
        if (shop is not null && (byCookie || !caller.IsStaff))
        {
            return Results.Json(await SaleList.ReadAsync(shop, api, ids, cancel), Wire.Json);
        }

        return caller.IsStaff ? Results.Json(await ListGatewayPayments.ReadAsync(api, references, db, cancel), Wire.Json)
            : byCookie ? Results.Json(SaleList.Empty, Wire.Json)
            : throw CompatRefusals.NoShop.With();
    }
}
