using Florin.Payments;
using Florin.Platform;

namespace Florin.Gateways.AamarPay;

/// <summary>
/// <c>POST /v1/gateways/aamarpay/{attempt}/success</c>, <c>…/fail</c> and <c>GET …/cancel</c>: aamarPay sends the payer's browser back. Nothing is
/// signed, so whatever it says the gateway is asked, and the payer is led to the page of their payment.
/// </summary>
internal static class TakeAamarPayReturn
{
    private const int MaxBody = 64 * 1024;
    private const string Cancel = "cancel";

    internal static void Map(RouteGroupBuilder gateways)
    {
        var returns = gateways.MapGroup("/aamarpay/{attempt}").AllowAnonymous().LimitBody(MaxBody);
        returns.MapPost("/success", HandleAsync);
        returns.MapPost("/fail", HandleAsync);
        returns.MapGet("/cancel", HandleAsync);
    }

    private static async Task<IResult> HandleAsync(
        string attempt,
        HttpContext http,
        Asking asking,
        CallbackInbox inbox,
        CallbackHandling handling,
        CancellationToken cancel
    )
    {
        // Unsigned words about nothing of ours are not kept: a stranger could fill the table with them.
        if (!Guid.TryParseExact(attempt, "N", out var id) || await asking.PaymentAsync(id, cancel) is not { } payment)
        {
            throw PlatformRefusals.NotFound.With();
        }

        var kind = http.Request.Path.Value!.TrimEnd('/').Split('/')[^1].ToLowerInvariant();
        var arrival = new Arrival(AamarPayGateway.MethodName, null, kind, await RawBody.ReadAsync(http.Request, cancel))
        {
            Attempt = id,
            Headers = RawBody.Headers(http.Request, "Content-Type", "User-Agent"),
        };
        var (callback, open) = await inbox.KeepAsync(arrival, CancellationToken.None);
        if (open)
        {
            await handling.HandleSoonAsync(callback);
            if (kind is Cancel)
            {
                await asking.CallOffAsync(id, cancel);
            }
        }

        return new SeeOther("/pay/" + Uri.EscapeDataString(payment.Code));
    }
}
