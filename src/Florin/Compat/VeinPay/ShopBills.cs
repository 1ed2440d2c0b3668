using Florin.Identity;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Compat.VeinPay;

/// <summary><c>/api/shop/bills/</c>: the shop's own bills (the original showed and settled everybody's), a new one, and one that was paid in cash.</summary>
internal static class ShopBills
{
    /// <summary>A bill as <c>/v1/bills</c> shows it.</summary>
    internal sealed record Bill(string Id, string Shop, string Customer, Amount Amount, string State, string Payment, string? Method);

    private sealed record Response(long Id, long Customer, string Amount, string Status);

    private sealed record Done(string Success);

    internal static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/shop/bills", ListAsync).RequireAuthorization(Policies.Person);
        api.MapPost("/shop/bills", CreateAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Money);
        api.MapMethods("/shop/bills/{id}/pay-cash", ["PUT", "PATCH"], PayCashAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Money);
    }

    /// <summary>A bill of the caller's shop by its small id.</summary>
    /// <exception cref="Refusal"><c>not_found</c>, another shop's too</exception>
    public static async Task<Bill> FindAsync(long number, EdgeShop shop, EdgeApi api, CompatIds ids, CancellationToken cancel)
    {
        var bill = await SeenAsync(number, api, ids, cancel);
        return string.Equals(bill.Shop, shop.Id, StringComparison.Ordinal) ? bill : throw PlatformRefusals.NotFound.With();
    }

    // To its shop and its customer.
    private static async Task<Bill> SeenAsync(long number, EdgeApi api, CompatIds ids, CancellationToken cancel)
    {
        var id = await ids.FindAsync(VeinPayIds.Bill, number, cancel) ?? throw PlatformRefusals.NotFound.With();
        return await api.GetAsync<Bill>("/v1/bills/" + VeinPayIds.BillOf(id));
    }

    private static async Task<IResult> ListAsync(EdgeApi api, CompatIds ids, FlorinDb db, CancellationToken cancel)
    {
        var shop = await EdgeShops.DemandAsync(api);
        var bills = await api.NewestAsync<Bill>($"/v1/bills?shop={shop.Id}");
        var numbers = await ids.NumbersAsync(VeinPayIds.Bill, [.. bills.Select(one => VeinPayIds.Of(one.Id))], cancel);
        var people = await ShopCustomers.NumbersAsync(db, bills.Select(one => one.Customer), cancel);
        return Results.Json(bills.ConvertAll(one => Show(one, numbers[VeinPayIds.Of(one.Id)], people[one.Customer])), Wire.Json);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, EdgeApi api, CompatIds ids, People people, Settings settings, CancellationToken cancel)
    {
        var shop = await EdgeShops.DemandAsync(api);
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var number = body.Integer("customer", most: long.MaxValue);
        var amount = body.Amount("amount");
        body.Check();
        var customer = await people.FindByNumberAsync(number, cancel) ?? throw Unknown(number);
        var order = new
        {
            shop = shop.Id,
            customer = customer.PublicId,
            amount = EdgeFormats.Money(amount, settings.DefaultCurrency),
        };
        try
        {
            var bill = await api.SendAsync<Bill>("POST", "/v1/bills", order);
            var id = await ids.NumberAsync(VeinPayIds.Bill, VeinPayIds.Of(bill.Id), cancel);
            return Results.Json(Show(bill, id, number), Wire.Json, statusCode: StatusCodes.Status201Created);
        }
        catch (PageRefusal refused) when (refused.Code is "unknown_customer")
        {
            throw Unknown(number); // another shop's customer is nobody here
        }
    }

    private static async Task<IResult> PayCashAsync(string id, EdgeApi api, CompatIds ids, CancellationToken cancel)
    {
        var number = EdgeFormats.Id(id);
        await SeenAsync(number, api, ids, cancel); // whoever is no party to it learns nothing of it, also not that a shop is needed
        var bill = await FindAsync(number, await EdgeShops.DemandAsync(api), api, ids, cancel);
        await api.SendAsync("POST", $"/v1/payments/{bill.Payment}/pay", new { method = "cash" });
        return Results.Json(new Done($"Bill {number} is now PAID_CASH."), Wire.Json);
    }

    private static Refusal Unknown(long number) => PlatformRefusals.InvalidRequest.Field("customer", $"Invalid pk \"{number}\" - object does not exist.");

    private static Response Show(Bill bill, long number, long customer) => new(number, customer, EdgeFormats.Decimal(bill.Amount), StatusOf(bill));

    private static string StatusOf(Bill bill) =>
        bill.State switch
        {
            PaymentStates.Pending or PaymentStates.Processing => "PENDING",
            PaymentStates.Completed or PaymentStates.PartiallyRefunded or PaymentStates.Refunded => bill.Method is "cash" ? "PAID_CASH" : "PAID_WALLET",
            _ => "CANCELLED",
        };
}
