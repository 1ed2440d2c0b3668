using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Florin.Activity;
using Florin.Ledger;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Shops;

/// <summary>
/// <c>POST /v1/shops/{id or code}/sales</c>: the signed-in payer makes the sale themself, from the code that stands at the till: they say the amount, and they
/// alone can pay it, within five minutes.
/// </summary>
internal static class CreateSale
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    // Each fills the shop's list.
    private static readonly RateLimit Limit = new("shop_sales", 30, TimeSpan.FromMinutes(1));

    /// <param name="Amount">What the payer wants to pay.</param>
    /// <param name="Note">Up to 200 characters, for both.</param>
    public sealed record Request(Amount Amount, [property: StringLength(200)] string? Note = null);

    public static void Map(RouteGroupBuilder routes) =>
        routes.MapPost("/{id}/sales", HandleAsync).RequireAuthorization(Policies.Scope("payments:write")).LimitRate(Limit).Produces<PaymentView>(201);

    private static async Task<IResult> HandleAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        Checkout checkout,
        GeneralLedger ledger,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        var subject = JsonSerializer.SerializeToElement(new { shop = Ids.Show(Shop.Prefix, Shop.ReadIdOrCode(id)) });
        var wish = new PaymentWish(Sale.Name, new PaymentOrder(caller.Person, request.Amount, subject) { ByPayer = true })
        {
            Payer = caller.Person,
            Description = PaymentWish.Clean("note", request.Note),
            Life = Life,
        };
        var payment = await checkout.DrawAsync(wish, cancel);
        if (payment.Owner == caller.Person)
        {
            throw PaymentsRefusals.OwnPayment.With();
        }

        var commit = checkout.Create(payment, key, view => Answer.Json(201, view with { Fee = null, WatchCode = null }));
        var details = new { payment = payment.PublicId, payment.Amount };
        commit.Inserts.Add(ActivityLog.Row(activity.Entry(http, "shops.sale_by_payer", payment.Owner, details)));
        var receipt = await ledger.CommitAsync(commit);
        if (!receipt.Required.Replayed)
        {
            checkout.Made(payment);
        }

        return receipt.Required;
    }
}
