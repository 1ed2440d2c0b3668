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
        returns.MapPost("/success", Handler("success"));
        returns.MapPost("/fail", Handler("fail"));
        returns.MapGet("/cancel", Handler(Cancel));
    }

    private static Func<string, HttpContext, Asking, CallbackInbox, CallbackHandling, CancellationToken, Task<IResult>> Handler(string kind) =>
        (attempt, http, asking, inbox, handling, cancel) => HandleAsync(kind, attempt, http, asking, inbox, handling, cancel);

    private static async Task<IResult> HandleAsync(
        string kind,
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
