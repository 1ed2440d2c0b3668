using Florin.Payments;
using Florin.Platform;

namespace Florin.Shops;

/// <summary>
/// <c>GET /v1/bills/{id}</c>: for the shop's people, its customer and staff; <c>POST …/cancel</c> by the shop's people calls it off.
/// </summary>
internal static class ShowBill
{
    public static void Map(RouteGroupBuilder routes)
    {
        routes.MapGet("/{id}", ShowAsync).RequireAuthorization(Policies.Scope("payments:read")).Produces<BillView>();
        routes.MapPost("/{id}/cancel", CancelAsync).RequireAuthorization(Policies.Scope("payments:write")).LimitRate(RateLimit.Money).Produces<BillView>();
    }

    private static async Task<IResult> ShowAsync(string id, Caller caller, Bills bills, CancellationToken cancel) =>
        Results.Json(await bills.ShowAsync(id, caller, cancel), Wire.Json);

    private static async Task<IResult> CancelAsync(string id, Caller caller, HttpContext http, Bills bills, Cancellation cancellation, CancellationToken cancel)
    {
        var bill = await bills.FindAsync(id, cancel);
        var payment = await cancellation.CancelAsync(bill.Id, caller, http, cancel);
        return Results.Json(BillView.Of(bill, payment, await bills.NameAsync(bill.CustomerId, cancel)), Wire.Json);
    }
}
