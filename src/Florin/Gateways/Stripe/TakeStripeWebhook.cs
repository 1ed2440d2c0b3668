using System.Text;
using Florin.Platform;

namespace Florin.Gateways.Stripe;

/// <summary><c>POST /v1/gateways/stripe/webhook</c>: Stripe says that something happened. Its signature is checked over the raw bytes before anything is read.</summary>
internal static class TakeStripeWebhook
{
    private const string Header = "Stripe-Signature";
    private const int MaxBody = 256 * 1024;

    internal static void Map(RouteGroupBuilder gateways) =>
        gateways.MapPost("/stripe/webhook", HandleAsync).AllowAnonymous().LimitBody(MaxBody).LimitRate(GatewaysModule.CallbackRate);

    private static async Task<IResult> HandleAsync(
        HttpContext http,
        GatewaySettings settings,
        CallbackInbox inbox,
        CallbackHandling handling,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var body = await RawBody.ReadAsync(http.Request, cancel);
        var secrets = settings.StripeWebhookSecrets.Select(Encoding.UTF8.GetBytes);
        if (!CallbackSignature.IsAuthentic(http.Request.Headers[Header], body, secrets, clock.GetUtcNow()))
        {
            throw inbox.Refuse(StripeGateway.MethodName);
        }

        var arrival = StripeEvents.Read(body) with { Headers = RawBody.Headers(http.Request, Header, "Content-Type", "User-Agent") };
        var (id, open) = await inbox.KeepAsync(arrival, CancellationToken.None);
        if (open)
        {
            await handling.HandleSoonAsync(id);
        }

        return Results.Ok();
    }
}
