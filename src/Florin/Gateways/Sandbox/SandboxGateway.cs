using Florin.Money;
using Florin.Payments;

namespace Florin.Gateways.Sandbox;

/// <summary>A little gateway of our own, where no money is real: a page to pay, decline, cancel or let expire, and scripts for bad days.</summary>
internal sealed class SandboxGateway(SandboxCharges charges, GatewaySettings settings, IHttpContextAccessor http, TimeProvider clock) : IGateway
{
    /// <summary>Its name on the wire.</summary>
    public const string MethodName = "sandbox";

    public string Name => MethodName;

    public long? RefundStep(Currency currency) => 1;

    public bool Offers(PaymentFact payment) => true;

    public async Task<GatewayReport> StartAsync(GatewayCharge charge, CancellationToken cancel)
    {
        var script = http.HttpContext?.Request.Headers[SandboxScripts.Header].ToString() ?? SandboxScripts.None;
        if (!SandboxScripts.Exists(script))
        {
            return new GatewayReport(ChargeState.Failed) { FailureCode = "no_such_script", FailureText = "The sandbox has no such script." };
        }

        var (known, fresh) = await charges.BeginAsync(charge, script, cancel);
        if (!fresh)
        {
            return Report(known);
        }

        switch (script)
        {
            case SandboxScripts.Timeout:
                await charges.EndAsync(known, SandboxCharge.Captured, script, cancel);
                return new GatewayReport(ChargeState.Unknown);
            case SandboxScripts.Instant:
                await charges.EndAsync(known, SandboxCharge.Captured, script, cancel);
                break;
            case SandboxScripts.Decline:
                await charges.EndAsync(known, SandboxCharge.Failed, script, cancel);
                break;
            default:
                return Report(known);
        }

        return Report((await charges.FindAsync(charge.Attempt, cancel))!);
    }

    public async Task<GatewayReport> InquireAsync(GatewayCharge charge, CancellationToken cancel) =>
        await charges.FindAsync(charge.Attempt, cancel) is { } known ? Report(known) : await StartAsync(charge, cancel);

    public async Task<GatewayReport> CancelAsync(GatewayCharge charge, CancellationToken cancel)
    {
        var (known, _) = await charges.BeginAsync(charge, SandboxScripts.None, cancel);
        await charges.EndAsync(known, SandboxCharge.Cancelled, known.Script, cancel);
        return Report((await charges.FindAsync(charge.Attempt, cancel))!);
    }

    // A deposit that the sandbox paid at once has no charge here: the hub knows how much of it there is.
    public async Task<RefundReport> RefundAsync(GatewayRefund refund, CancellationToken cancel) =>
        await charges.FindAsync(refund.Attempt, cancel) is null ? new RefundReport(RefundState.Completed, $"sbxr_{refund.Refund:N}")
        : await charges.RefundAsync(refund, cancel) is { } ends ? Report(refund.Refund, ends)
        : new RefundReport(RefundState.Failed, FailureText: "The sandbox has not captured so much.");

    public async Task<RefundReport> InquireRefundAsync(GatewayRefund refund, CancellationToken cancel) =>
        await charges.FindRefundAsync(refund.Refund, cancel) is { } ends ? Report(refund.Refund, ends) : new RefundReport(RefundState.Unknown);

    private GatewayReport Report(SandboxCharge charge)
    {
        var known = new GatewayReport(ChargeState.Waiting) { Reference = $"sbx_{charge.Attempt:N}" };
        return charge.State switch
        {
            SandboxCharge.Captured => known with { State = ChargeState.Captured, Captured = charge.Amount },
            SandboxCharge.Cancelled => known with { State = ChargeState.Cancelled },
            SandboxCharge.Failed => known with { State = ChargeState.Failed, FailureCode = "card_declined", FailureText = "The card was declined." },
            SandboxCharge.Expired => known with { State = ChargeState.Failed, FailureCode = "expired", FailureText = "The page for paying has expired." },
            _ => known with { Next = new NextAction("redirect", Url: $"{settings.PublicUrl}/sandbox/pay/{charge.Token}") },
        };
    }

    private RefundReport Report(Guid refund, DateTimeOffset ends) =>
        new(ends <= clock.GetUtcNow() ? RefundState.Completed : RefundState.Pending, $"sbxr_{refund:N}");
}
