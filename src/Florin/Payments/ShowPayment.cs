using System.Text.Json;
using Florin.Platform;

namespace Florin.Payments;

/// <summary>
/// <c>GET /v1/payments/{id or code}</c>: by id for payer, payee, whoever made it and staff; by code for whoever has the code, also without sign-in, as the
/// payer sees it.
/// </summary>
internal static class ShowPayment
{
    private static readonly JsonElement Nothing = JsonSerializer.SerializeToElement(new { });

    public static void Map(RouteGroupBuilder routes) => routes.MapGet("/{id}", HandleAsync).AllowAnonymous().Produces<PaymentView>();

    private static async Task<IResult> HandleAsync(
        string id,
        HttpContext http,
        PaymentFacts facts,
        PaymentAccess access,
        PaymentViews views,
        CancellationToken cancel
    )
    {
        var caller = Caller.TryGet(http.User);
        var fact = await facts.NamedAsync(id, cancel);
        if (caller is null && !PaymentFacts.IsCode(id))
        {
            throw PlatformRefusals.NotSignedIn.With();
        }

        var payment = await facts.NowAsync(fact.Id, cancel);
        if (!PaymentFacts.IsCode(id))
        {
            var payee = await access.DemandPartyAsync(payment, caller!, cancel) != PayeeRole.None || caller!.IsStaff;
            return Results.Json(views.Of(fact, payment.Status, payee), Wire.Json);
        }

        // A code is shared: who paid, and what the payee notes for themselves, is nothing to whoever has it.
        var mine = caller is not null && (caller.Person == payment.PaidBy || caller.Person == payment.Payer);
        var view = views.Of(fact, payment.Status);
        return Results.Json(mine ? view : view with { Payer = null, Metadata = Nothing }, Wire.Json);
    }
}
