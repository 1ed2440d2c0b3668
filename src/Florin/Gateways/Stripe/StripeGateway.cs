using System.Globalization;
using System.Text.Json;
using Florin.Money;
using Florin.Payments;

namespace Florin.Gateways.Stripe;

/// <summary>Cards and whatever else the Stripe account offers, by a payment intent that the payer confirms in their browser.</summary>
internal sealed partial class StripeGateway(StripeClient stripe, GatewaySettings settings, TimeProvider clock, ILogger<StripeGateway> log) : IGateway
{
    /// <summary>Its name on the wire.</summary>
    public const string MethodName = "stripe";

    public string Name => MethodName;

    public long? RefundStep(Currency currency) => StripeMoney.StepOf(currency);

    public bool Offers(PaymentFact payment) => settings.Stripe && StripeMoney.Takes(payment.Amount);

    public async Task<GatewayReport> StartAsync(GatewayCharge charge, CancellationToken cancel)
    {
        if (!StripeMoney.TryWrite(charge.Amount, out var units))
        {
            return new GatewayReport(ChargeState.Failed)
            {
                FailureCode = "amount_not_supported",
                FailureText = $"Stripe cannot collect {charge.Amount}: choose another amount or method.",
            };
        }

        if (charge.Reference is not null)
        {
            return await InquireAsync(charge, cancel);
        }

        if (clock.GetUtcNow() - charge.StartedAt > StripeClient.KeyLife)
        {
            // The key is forgotten, and a repeated request would be a second charge. The first one's secret reached nobody, so nobody can pay it.
            return new GatewayReport(ChargeState.Failed) { FailureCode = "never_started", FailureText = "The card gateway could not be reached in time." };
        }

        KeyValuePair<string, string>[] form =
        [
            new("amount", units.ToString(CultureInfo.InvariantCulture)),
            new("currency", charge.Amount.Currency.Code.ToLowerInvariant()),
            new("automatic_payment_methods[enabled]", "true"),
            new("description", Shorten(charge.Payment.Description ?? charge.Payment.PayeeName)),
            new("metadata[payment]", charge.Payment.Id.ToString("N")),
            new("metadata[attempt]", charge.Attempt.ToString("N")),
        ];
        var answer = await stripe.PostAsync("v1/payment_intents", charge.Attempt.ToString("N"), form, cancel);
        return Understood("create", answer, answer.IsSuccess ? Report(answer.Json) : StripeReports.OfRefusedStart(answer));
    }

    public async Task<GatewayReport> InquireAsync(GatewayCharge charge, CancellationToken cancel)
    {
        if (charge.Reference is not { } reference)
        {
            return await StartAsync(charge, cancel); // the same key finds the same intent
        }

        var answer = await stripe.GetAsync(PathOf(reference), cancel);
        return Understood("read", answer, answer.IsSuccess ? Report(answer.Json) : null) with { Reference = reference };
    }

    public async Task<GatewayReport> CancelAsync(GatewayCharge charge, CancellationToken cancel)
    {
        var now = await InquireAsync(charge, cancel);
        if (now.State != ChargeState.Waiting || now.Reference is not { } reference)
        {
            return now;
        }

        var answer = await stripe.PostAsync(PathOf(reference) + "/cancel", $"{charge.Attempt:N}:cancel", [], cancel);
        return answer.IsSuccess && Report(answer.Json) is { } cancelled ? cancelled
            : answer.Status is >= 400 and < 500 ? await InquireAsync(charge with { Reference = reference }, cancel) // it was paid, or is being paid, meanwhile
            : Understood("cancel", answer, null) with { Reference = reference };
    }

    public async Task<RefundReport> RefundAsync(GatewayRefund refund, CancellationToken cancel)
    {
        if (refund.ChargeReference is not { } intent || !StripeMoney.TryWrite(refund.Amount, out var units))
        {
            return new RefundReport(RefundState.Failed, FailureText: "amount_not_supported");
        }

        // Keys are forgotten after a day, and part of a charge can be paid back again and again: look before anything is sent.
        var (looked, known) = await FindRefundAsync(refund, intent, cancel);
        if (!looked || known is not null)
        {
            return known ?? new RefundReport(RefundState.Unknown);
        }

        KeyValuePair<string, string>[] form =
        [
            new("payment_intent", intent),
            new("amount", units.ToString(CultureInfo.InvariantCulture)),
            new("reason", ReasonOf(refund.Reason)),
            new("metadata[refund]", refund.Refund.ToString("N")),
            new("metadata[attempt]", refund.Attempt.ToString("N")),
        ];
        var answer = await stripe.PostAsync("v1/refunds", refund.Refund.ToString("N"), form, cancel);
        var report = answer.IsSuccess ? StripeReports.OfRefund(answer.Json) : StripeReports.OfRefusedRefund(answer);
        if (report.State == RefundState.Unknown)
        {
            LogUnknown("refund", answer.Status);
        }

        return report;
    }

    public async Task<RefundReport> InquireRefundAsync(GatewayRefund refund, CancellationToken cancel)
    {
        if (refund.Reference is { } reference)
        {
            var one = await stripe.GetAsync("v1/refunds/" + Uri.EscapeDataString(reference), cancel);
            return one.IsSuccess ? StripeReports.OfRefund(one.Json) : new RefundReport(RefundState.Unknown, reference);
        }

        // Not there is not failed: what was sent may still be on its way.
        return refund.ChargeReference is { } intent && (await FindRefundAsync(refund, intent, cancel)).Report is { } found
            ? found
            : new RefundReport(RefundState.Unknown);
    }

    /// <summary>The attempt that an intent was made for: what a dispute names is the intent alone.</summary>
    /// <exception cref="HttpRequestException">Stripe cannot be asked now.</exception>
    public async Task<Guid?> FindAttemptAsync(string intent, CancellationToken cancel)
    {
        var answer = await stripe.GetAsync(PathOf(intent), cancel);
        return answer.IsSuccess && Guid.TryParseExact(StripeReports.Text(StripeReports.Property(answer.Json, "metadata"), "attempt"), "N", out var attempt)
                ? attempt
            : answer.IsSuccess || answer.Status == 404 ? null
            : throw new HttpRequestException("the intent cannot be read now");
    }

    private async Task<(bool Looked, RefundReport? Report)> FindRefundAsync(GatewayRefund refund, string intent, CancellationToken cancel)
    {
        var all = await stripe.GetAsync($"v1/refunds?payment_intent={Uri.EscapeDataString(intent)}&limit=100", cancel);
        if (!all.IsSuccess || StripeReports.Property(all.Json, "data") is not { ValueKind: JsonValueKind.Array } list)
        {
            return (false, null);
        }

        var id = refund.Refund.ToString("N");
        var found = list.EnumerateArray()
            .FirstOrDefault(one => string.Equals(StripeReports.Text(StripeReports.Property(one, "metadata"), "refund"), id, StringComparison.Ordinal));
        return (true, found.ValueKind == JsonValueKind.Object ? StripeReports.OfRefund(found) : null);
    }

    private GatewayReport? Report(JsonElement intent) => StripeReports.OfIntent(intent, settings.StripePublishableKey);

    private GatewayReport Understood(string call, GatewayAnswer answer, GatewayReport? report)
    {
        if (report is null || answer.Status is 401 or 403)
        {
            LogUnknown(call, answer.Status);
        }

        return report ?? new GatewayReport(ChargeState.Unknown);
    }

    private static string PathOf(string intent) => "v1/payment_intents/" + Uri.EscapeDataString(intent);

    private static string Shorten(string text) => text.Length <= 500 ? text : text[..500];

    private static string ReasonOf(string reason) =>
        reason switch
        {
            RefundReasons.Duplicate => "duplicate",
            RefundReasons.Fraudulent => "fraudulent",
            _ => "requested_by_customer",
        };

    [LoggerMessage(LogLevel.Warning, "stripe: {Call} was answered with status {Status}, from which nothing can be concluded or done")]
    private partial void LogUnknown(string call, int status);
}
