using System.ComponentModel.DataAnnotations;
using Florin.Identity;
using Florin.Money;
using Florin.Platform;

namespace Florin.Shops;

/// <summary><c>POST /v1/bills</c>: a shop asks one of its customers to pay.</summary>
internal static class CreateBill
{
    /// <param name="Shop"><c>shp_…</c>, where the caller works.</param>
    /// <param name="Customer"><c>usr_…</c>, one of the shop's customers; nobody else may pay it.</param>
    /// <param name="Amount">What is to be paid.</param>
    /// <param name="Note">Up to 200 characters for the customer.</param>
    /// <param name="Reference">The shop's own number, up to 100 characters.</param>
    /// <param name="ExpiresIn">Seconds that it can be paid, from 30 to 7,776,000 (90 days); 30 days where not given.</param>
    public sealed record Request(
        [property: StringLength(50)] string Shop,
        [property: StringLength(50)] string Customer,
        Amount Amount,
        [property: StringLength(200)] string? Note = null,
        [property: StringLength(100)] string? Reference = null,
        [property: Range(30, 7_776_000)] int? ExpiresIn = null
    );

    public static void Map(RouteGroupBuilder routes) =>
        routes.MapPost("", HandleAsync).RequireAuthorization(Policies.Scope("payments:write")).LimitRate(RateLimit.Money).Produces<BillView>(201);

    private static async Task<IResult> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        Bills bills,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        var order = new BillOrder(
            Ids.TryRead(Shop.Prefix, request.Shop, out var shop) ? shop : throw Malformed("shop", Shop.Prefix),
            Ids.TryRead(Person.Prefix, request.Customer, out var customer) ? customer : throw Malformed("customer", Person.Prefix),
            request.Amount,
            request.Note,
            request.Reference,
            request.ExpiresIn is { } seconds ? TimeSpan.FromSeconds(seconds) : ShopBill.Life
        );
        return await bills.MakeAsync(order, caller, http, key, cancel);
    }

    private static Refusal Malformed(string field, string prefix) => PlatformRefusals.InvalidRequest.Field(field, $"must be an id such as {prefix}_…");
}
