using System.Collections.Concurrent;
using Florin.Gateways;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Florin.Tests.Gateways;

/// <summary>Charges for the gateways, and a stand for the three calls that a callback makes, so that a test sees what was asked.</summary>
internal sealed class GatewayRig
{
    public static readonly PayerContact Payer = new("Rahim Uddin", "rahim@example.org", "+8801700000000");

    /// <summary>Attempts that were asked about, in order.</summary>
    public ConcurrentQueue<Guid> Attempts { get; } = new();

    /// <summary>Attempts that were called off, in order.</summary>
    public ConcurrentQueue<Guid> CalledOff { get; } = new();

    /// <summary>Refunds that were asked about, in order.</summary>
    public ConcurrentQueue<Guid> Refunds { get; } = new();

    /// <summary>Payments by attempt, for those who come back from a gateway.</summary>
    public ConcurrentDictionary<Guid, PaymentFact> Payments { get; } = new();

    /// <summary>What asking about an attempt brings.</summary>
    public Func<Guid, Task<GatewayReport?>> AnswerAsync { get; set; } = _ => Task.FromResult<GatewayReport?>(new GatewayReport(ChargeState.Waiting));

    /// <summary>What asking about a refund brings.</summary>
    public Func<Guid, Task<RefundReport?>> AnswerRefundAsync { get; set; } = _ => Task.FromResult<RefundReport?>(new RefundReport(RefundState.Completed));

    /// <summary>An app in which callbacks ask here.</summary>
    public FlorinApp App(Action<Dictionary<string, string>>? settings = null)
    {
        var app = new FlorinApp();
        settings?.Invoke(app.Settings);
        app.Registrations.Add(services =>
            services.AddSingleton(
                new Asking(
                    (attempt, _) =>
                    {
                        Attempts.Enqueue(attempt);
                        return AnswerAsync(attempt);
                    },
                    (refund, _) =>
                    {
                        Refunds.Enqueue(refund);
                        return AnswerRefundAsync(refund);
                    },
                    (attempt, _) =>
                    {
                        CalledOff.Enqueue(attempt);
                        return Task.CompletedTask;
                    },
                    (attempt, _) => Task.FromResult(Payments.GetValueOrDefault(attempt))
                )
            )
        );
        return app;
    }

    /// <summary>A charge of an attempt that begins now.</summary>
    public static GatewayCharge Charge(string amount = "12.34", string currency = "USD", DateTimeOffset? startedAt = null) =>
        new(Guid.CreateVersion7(), Payment(amount, currency), null, Payer, startedAt ?? TimeProvider.System.GetUtcNow());

    public static GatewayRefund Refund(GatewayCharge charge, string amount, string reason = RefundReasons.CustomerRequest) =>
        new(Guid.CreateVersion7(), charge.Attempt, charge.Reference, Money(amount, charge.Amount.Currency.Code), reason, null);

    public static Amount Money(string amount, string currency) =>
        Amount.TryParse(amount, Currency.Of(currency), out var parsed) ? parsed : throw new FormatException(amount);

    private static PaymentFact Payment(string amount, string currency)
    {
        var now = TimeProvider.System.GetUtcNow();
        var someone = Ids.New();
        return new PaymentFact(
            Ids.New(),
            "sale",
            Money(amount, currency),
            0,
            someone,
            someone,
            "Corner Shop",
            1,
            null,
            "code" + Guid.NewGuid().ToString("N"),
            "{}",
            "Two coffees & a <bun>",
            null,
            "{}",
            someone,
            now,
            now.AddHours(1)
        );
    }
}
