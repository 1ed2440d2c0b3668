using Florin.Identity;
using Florin.Platform;

namespace Florin.Payments;

/// <summary><c>POST /v1/payments/{id or code}/passkey-options</c>: asks the payer's device to confirm this payment; <c>pay</c> takes the answer.</summary>
public static class AskPasskey
{
    internal static void Map(RouteGroupBuilder routes) =>
        routes.MapPost("/{id}/passkey-options", HandleAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Guessing).Produces<PasskeyQuestion>();

    /// <summary>What an answer is good for: this payment, and nothing else.</summary>
    public static string Purpose(PaymentFact payment) => "pay/" + payment.PublicId;

    private static async Task<PasskeyQuestion> HandleAsync(
        string id,
        Caller caller,
        HttpContext http,
        PaymentFacts facts,
        PaymentAccess access,
        People people,
        Passkeys passkeys,
        CancellationToken cancel
    )
    {
        var payment = await facts.NamedAsync(id, cancel);
        await access.DemandPayerAsync(payment, caller, PaymentFacts.IsCode(id), cancel);
        var payer = await people.FindAsync(caller.Person, cancel) ?? throw PlatformRefusals.NotFound.With();
        return await passkeys.AskAsync(http, payer, Purpose(payment));
    }
}
