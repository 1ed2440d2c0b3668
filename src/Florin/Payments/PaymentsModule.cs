using Florin.Activity;
using Florin.Ledger;
using Florin.Payments.Pages;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Payments;

/// <summary>The hub: payments, attempts and refunds, and the seams for methods and fulfilments that other modules bring.</summary>
public static class PaymentsModule
{
    /// <summary>The policy of routes that look.</summary>
    internal static readonly string Read = Policies.Scope("payments:read");

    /// <summary>The policy of routes that make and cancel payments.</summary>
    internal static readonly string Write = Policies.Scope("payments:write");

    /// <summary>The policy of routes that pay back.</summary>
    internal static readonly string Refund = Policies.Scope("refunds:write");

    /// <summary>Its services.</summary>
    public static void AddPayments(this IServiceCollection services)
    {
        services.AddSingleton<PaymentFacts>();
        services.AddSingleton<PaymentCollections>();
        foreach (var column in Attempt.SealedColumns)
        {
            services.AddSingleton(column);
        }

        services.AddSingleton<PaySignatures>();
        services.AddSingleton<WatchCodes>();
        services.AddSingleton<PaymentViews>();
        services.AddSingleton<PaymentEvents>();
        services.AddSingleton(provider => new Checkout(
            provider.GetServices<IFulfilment>(),
            provider.GetRequiredService<PaymentFacts>(),
            provider.GetRequiredService<PaymentEvents>(),
            provider.GetRequiredService<PaymentViews>(),
            provider.GetRequiredService<HouseAccounts>(),
            provider.GetRequiredService<Settings>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddPaymentReads();
        services.AddSingleton<AttemptRows>();
        services.AddSingleton<SettlementRows>();
        services.AddSingleton<RefundSending>();
        services.AddSingleton<RefundDrawing>();
        services.AddSingleton(provider => new Settlement(
            provider.GetServices<IPaymentMethod>(),
            provider.GetRequiredService<PaymentFacts>(),
            provider.GetRequiredService<AttemptRows>(),
            provider.GetRequiredService<SettlementRows>(),
            provider.GetRequiredService<Checkout>(),
            provider.GetRequiredService<PaymentEvents>(),
            provider.GetRequiredService<GeneralLedger>(),
            provider.GetRequiredService<HouseAccounts>(),
            provider.GetRequiredService<RefundSending>(),
            provider.GetRequiredService<Secrets>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Settlement>>()
        ));
        services.AddSingleton<PaymentAccess>();
        services.AddSingleton<Challenges>();
        services.AddSingleton(Challenges.Job);
        services.AddSingleton(provider => new Cancellation(
            provider.GetRequiredService<PaymentFacts>(),
            provider.GetRequiredService<PaymentAccess>(),
            provider.GetRequiredService<PaymentViews>(),
            provider.GetRequiredService<PaymentEvents>(),
            provider.GetRequiredService<Settlement>(),
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<ActivityLog>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton<InstantPayment>();
        services.AddSingleton<GatewayAttempts>();
        services.AddSingleton<ExpirePayments>();
        services.AddSingleton<IPersonalData, PaymentsPersonalData>();
        services.AddSingleton(ExpirePayments.Job);
        services.AddSingleton(AskGateways.Job);
        services.AddSingleton(RefundSending.Job);
        services.AddSingleton(new StaffPlace("Payments", "/admin/payments", Icon: "cash", Order: 40));
    }

    private static void AddPaymentReads(this IServiceCollection services)
    {
        services.AddSingleton<PaymentTakings>();
        services.AddSingleton<PaymentReferences>();
        services.AddSingleton<PaymentFigures>();
        services.AddSingleton<PaymentFees>();
        services.AddScoped(provider => new PaymentLists(
            provider.GetRequiredService<FlorinDb>(),
            provider.GetRequiredService<Checkout>(),
            provider.GetRequiredService<PaymentAccess>()
        ));
        services.AddScoped(provider => new PaymentSearch(
            provider.GetRequiredService<FlorinDb>(),
            provider.GetRequiredService<PaymentViews>(),
            provider.GetRequiredService<Settings>()
        ));
    }

    /// <summary>Its pages for staff.</summary>
    private static void MapPaymentPages(this IEndpointRouteBuilder app) => DeskPaymentsPage.Map(app.MapStaffPages("/payments"));

    /// <summary>Its routes and pages.</summary>
    public static void MapPayments(this IEndpointRouteBuilder app, RouteGroupBuilder v1)
    {
        v1.MapPaymentsRoutes();
        app.MapPaymentPages();
    }

    /// <summary>Its routes.</summary>
    private static void MapPaymentsRoutes(this RouteGroupBuilder v1)
    {
        var payments = v1.MapGroup("/payments").WithTags("payments");
        CreatePayment.Map(payments);
        ListPayments.Map(payments);
        ShowPayment.Map(payments);
        WatchPayment.Map(payments);
        CreateChallenge.Map(payments);
        PayPayment.Map(payments);
        AskPasskey.Map(payments);
        CancelPayment.Map(payments);
        ListAttempts.Map(payments);
        RefundPayment.Map(payments);
        ShowReceipt.Map(payments);
        AskGateways.Map(payments);
        ResendReceipt.Map(payments);
        var refunds = v1.MapGroup("/refunds").WithTags("payments");
        ListRefunds.Map(payments, refunds);
        SettleRefund.Map(refunds);
    }
}
