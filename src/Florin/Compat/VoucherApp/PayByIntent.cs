using Florin.Payments;
using Florin.Platform;
using Florin.Platform.Pages;
using Florin.Vouchers;

namespace Florin.Compat.VoucherApp;

/// <summary>
/// <c>POST /api/payments/create-payment-intent/</c> and <c>confirm-payment/</c> (in the original's code <c>create-intent/</c> and <c>confirm/</c>). The
/// gateway tells us itself when it is paid: confirming says how the payment stands, and never makes it paid.
/// </summary>
internal static class PayByIntent
{
    private static readonly string[] Known = ["stripe", "sandbox", "wallet"];

    private sealed record Started(PaymentView Payment, AttemptView Attempt);

    private sealed record Created(
        Guid PaymentId,
        string? PaymentIntentId,
        string? ClientSecret,
        string? PublishableKey,
        string PaymentUrl,
        decimal Amount,
        string Currency,
        OldPayment Payment
    );

    private sealed record Confirmed(string Message, OldPayment Payment, IReadOnlyList<string> VoucherCodes);

    internal static void Map(RouteGroupBuilder api)
    {
        foreach (var path in (string[])["/payments/create-payment-intent", "/payments/create-intent"])
        {
            api.MapPost(path, CreateAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Money);
        }

        foreach (var path in (string[])["/payments/confirm-payment", "/payments/confirm"])
        {
            api.MapPost(path, ConfirmAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Money);
        }
    }

    private static async Task<IResult> CreateAsync(HttpContext http, EdgeApi api, CompatIds ids, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var asked = body.TextOrNull("payment_method", 20) is { Length: > 0 } given ? given : "stripe";
        if (!Known.Contains(asked, StringComparer.Ordinal))
        {
            throw VoucherAppRefusals.MethodNotSupported.With(); // before anything is made, so that nothing is left behind
        }

        var payment = await VoucherCheckout.CreateAsync(api, await OldOrder.ReadAsync(body, ids, cancel));
        var started = await StartAsync(api, payment, asked);
        var secret = started.Attempt.NextAction?.ClientSecret;
        var shown = (await OldPayment.OfAsync([started.Payment], ids, cancel))[0];
        return Results.Json(
            new Created(
                shown.Id,
                secret?.Split("_secret_")[0] ?? shown.Id.ToString(),
                secret,
                started.Attempt.NextAction?.PublishableKey,
                started.Attempt.NextAction?.Url ?? payment.PayUrl,
                EdgeFormats.Number(payment.Amount),
                payment.Amount.Currency.Code,
                shown
            ),
            Wire.Json,
            statusCode: 201
        );
    }

    // Where no Stripe is set up the sandbox's own gateway stands for it. What cannot be begun is called off, and nothing is left pending.
    private static async Task<Started> StartAsync(EdgeApi api, PaymentView payment, string asked)
    {
        var method = payment.Methods.Contains(asked, StringComparer.Ordinal) ? asked : "sandbox";
        try
        {
            return await api.SendAsync<Started>("POST", $"/v1/payments/{payment.Id}/pay", new { method }, step: "pay");
        }
        catch (PageRefusal refusal)
        {
            await api.SendAsync("POST", $"/v1/payments/{payment.Id}/cancel", step: "cancel");
            throw refusal.Code is "method_not_offered" ? VoucherAppRefusals.MethodNotSupported.With() : refusal;
        }
    }

    private static async Task<IResult> ConfirmAsync(HttpContext http, EdgeApi api, PaymentFacts facts, CompatIds ids, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var intent = body.Text("payment_intent_id", 100);
        body.Check();
        var id = Guid.TryParse(intent, out var named) ? named : await OfIntentAsync(intent, api, facts, cancel);
        var payment = await FindAsync(api, id);
        if (payment is not { Purpose: "voucher", CompletedAt: not null })
        {
            throw VoucherAppRefusals.PaymentNotCompleted.With();
        }

        var vouchers = (await api.GetAsync<Page<VoucherView>>($"/v1/vouchers?limit=10&payment={payment.Id}")).Data;
        var shown = (await OldPayment.OfAsync([payment], ids, cancel))[0];
        return Results.Json(new Confirmed("Payment confirmed and vouchers created", shown, [.. vouchers.Select(one => one.Code)]), Wire.Json);
    }

    // Among the caller's own: an intent's name is no secret.
    private static async Task<Guid?> OfIntentAsync(string intent, EdgeApi api, PaymentFacts facts, CancellationToken cancel)
    {
        var own = (await ListVoucherPayments.OwnAsync(api)).ConvertAll(one => Ids.Read(PaymentFact.Prefix, one.Id));
        return await facts.OfGatewayAsync(own, "stripe", intent, cancel);
    }

    private static async Task<PaymentView?> FindAsync(EdgeApi api, Guid? id)
    {
        try
        {
            return id is { } payment ? await api.GetAsync<PaymentView>("/v1/payments/" + Ids.Show(PaymentFact.Prefix, payment)) : null;
        }
        catch (PageRefusal refusal) when (refusal.Status == 404)
        {
            return null; // somebody else's is told as one that is not paid
        }
    }
}
