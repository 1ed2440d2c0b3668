using Florin.Platform;

namespace Florin.Payments;

/// <summary>
/// <c>GET /v1/payments/{id or code}</c>: by id for payer, payee, whoever made it and staff; by code for whoever has the code, also without sign-in, as the
/// payer sees it.
/// </summary>
internal static class ShowPayment
{
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
        if (caller is null && string.Equals(id, fact.PublicId, StringComparison.Ordinal))
        {
            throw PlatformRefusals.NotSignedIn.With();
        }

        var payment = await facts.NowAsync(fact.Id, cancel);
        var payee = false;
        if (string.Equals(id, fact.PublicId, StringComparison.Ordinal))
        {
            payee = await access.DemandPartyAsync(payment, caller!, cancel) != PayeeRole.None || caller!.IsStaff;
        }

        return Results.Json(views.Of(fact, payment.Status, payee), Wire.Json);
    }
}
