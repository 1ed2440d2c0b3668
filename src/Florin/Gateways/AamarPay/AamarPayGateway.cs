using Florin.Money;
using Florin.Payments;

namespace Florin.Gateways.AamarPay;

/// <summary>aamarPay of Bangladesh: the payer is sent to its page and comes back with unsigned words, so that only its check is believed.</summary>
internal sealed partial class AamarPayGateway(AamarPayClient aamarPay, GatewaySettings settings, TimeProvider clock, ILogger<AamarPayGateway> log) : IGateway
{
    /// <summary>Its name on the wire.</summary>
    public const string MethodName = "aamarpay";

    public string Name => MethodName;

    public long? RefundStep(Currency currency) => null;

    public bool Offers(PaymentFact payment) => settings.AamarPay && settings.AamarPayCurrencies.Contains(payment.Amount.Currency);

    public async Task<GatewayReport> StartAsync(GatewayCharge charge, CancellationToken cancel)
    {
        if (charge.Contact is not { Name.Length: > 0, Email.Length: > 0, Phone.Length: > 0 } payer)
        {
            return new GatewayReport(ChargeState.Failed)
            {
                FailureCode = "payer_details_missing",
                FailureText = "aamarPay needs the payer's name, e-mail address and phone number.",
            };
        }

        var answer = await aamarPay.InitiateAsync(Fields(charge, payer), cancel);
        if (AamarPayReports.PageOf(answer) is { } page)
        {
            return new GatewayReport(ChargeState.Waiting) { Next = new NextAction("redirect", Url: page.AbsoluteUri) };
        }

        if (!answer.IsSuccess)
        {
            LogUnknown("initiate", answer.Status);
            return new GatewayReport(ChargeState.Unknown);
        }

        // It refuses. That may be because an earlier call with this number got through, so ask before the attempt is given up.
        var now = await InquireAsync(charge, cancel);
        return now is { State: ChargeState.Waiting, Reference: null }
            ? new GatewayReport(ChargeState.Failed) { FailureCode = "gateway_declined", FailureText = AamarPayReports.ErrorOf(answer) }
            : now;
    }

    public async Task<GatewayReport> InquireAsync(GatewayCharge charge, CancellationToken cancel)
    {
        var number = NumberOf(charge.Attempt);
        var answer = await aamarPay.CheckAsync(number, cancel);
        var report = AamarPayReports.OfCheck(answer, number, settings.AamarPayStoreId, clock.GetUtcNow() - charge.StartedAt);
        if (report.State == ChargeState.Unknown)
        {
            LogUnknown("check", answer.Status);
        }

        return report.Reference is null ? report with { Reference = charge.Reference } : report;
    }

    /// <summary>aamarPay has no call to cancel: says what holds.</summary>
    public Task<GatewayReport> CancelAsync(GatewayCharge charge, CancellationToken cancel) => InquireAsync(charge, cancel);

    /// <summary>aamarPay has no call to pay back.</summary>
    public Task<RefundReport> RefundAsync(GatewayRefund refund, CancellationToken cancel) => NoRefund();

    public Task<RefundReport> InquireRefundAsync(GatewayRefund refund, CancellationToken cancel) => NoRefund();

    /// <summary>Our number of an attempt at aamarPay, which takes 32 characters.</summary>
    public static string NumberOf(Guid attempt) => attempt.ToString("N");

    private static Task<RefundReport> NoRefund() => Task.FromResult(new RefundReport(RefundState.Failed, FailureText: "not_supported"));

    private Dictionary<string, string> Fields(GatewayCharge charge, PayerContact payer)
    {
        var number = NumberOf(charge.Attempt);
        var back = $"{settings.PublicUrl}/v1/gateways/aamarpay/{number}";
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["tran_id"] = number,
            ["amount"] = charge.Amount.ToDecimalString(),
            ["currency"] = charge.Amount.Currency.Code,
            ["success_url"] = back + "/success",
            ["fail_url"] = back + "/fail",
            ["cancel_url"] = back + "/cancel",
            ["desc"] = Shorten(charge.Payment.Description ?? charge.Payment.PayeeName, 250),
            ["cus_name"] = Shorten(payer.Name!, 100),
            ["cus_email"] = payer.Email!,
            ["cus_phone"] = payer.Phone!,
            ["opt_a"] = charge.Payment.Id.ToString("N"),
        };
    }

    private static string Shorten(string text, int most) => text.Length <= most ? text : text[..most];

    [LoggerMessage(LogLevel.Warning, "aamarpay: {Call} was answered with status {Status}, from which nothing can be concluded")]
    private partial void LogUnknown(string call, int status);
}
