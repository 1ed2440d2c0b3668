using Florin.Gateways.AamarPay;
using Florin.Gateways.Reconciliation;
using Florin.Gateways.Sandbox;
using Florin.Gateways.Stripe;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Gateways;

/// <summary>Card gateways: what goes out to them, and what comes back.</summary>
public static class GatewaysModule
{
    /// <summary>How often a gateway may call: it comes from few addresses, in bursts, and comes again when it is refused.</summary>
    internal static readonly RateLimit CallbackRate = new("callbacks", 6000, TimeSpan.FromMinutes(1));

    /// <summary>Every gateway's name.</summary>
    internal static readonly IReadOnlyList<string> Names = [StripeGateway.MethodName, AamarPayGateway.MethodName, SandboxGateway.MethodName];

    /// <summary>Its services.</summary>
    public static void AddGateways(this IServiceCollection services, Settings settings)
    {
        var own = new GatewaySettings(settings);
        services.AddSingleton(own);
        services.AddSingleton<GatewayCalls>();
        AddClient<StripeClient>(services, http => DescribeStripe(http, own));
        AddClient<AamarPayClient>(services, http => http.BaseAddress = own.AamarPayUrl);
        services.AddSingleton<StripeGateway>();
        services.AddSingleton<AamarPayGateway>();
        services.AddSingleton<IPaymentMethod>(provider => provider.GetRequiredService<StripeGateway>());
        services.AddSingleton<IPaymentMethod>(provider => provider.GetRequiredService<AamarPayGateway>());
        services.AddSingleton(provider => new Asking(
            (attempt, cancel) => provider.GetRequiredService<Settlement>().AskAsync(attempt, cancel),
            (refund, cancel) => provider.GetRequiredService<Settlement>().AskRefundAsync(refund, cancel),
            (attempt, cancel) => provider.GetRequiredService<Settlement>().CallOffAsync(attempt, cancel),
            (attempt, cancel) => provider.GetRequiredService<PaymentFacts>().OfAttemptAsync(attempt, cancel)
        ));
        services.AddSingleton<CallbackInbox>();
        services.AddSingleton(CallbackInbox.Sealed);
        services.AddSingleton(GatewaysHealth.Part);
        services.AddReconciliation();
        services.AddSingleton<CallbackHandling>();
        services.AddSingleton(RetryCallbacks.Job);
        services.AddSingleton(DeleteOldCallbacks.Job);
        if (settings.Sandbox)
        {
            AddSandbox(services);
        }
    }

    /// <summary>Its routes.</summary>
    public static void MapGateways(this WebApplication app, RouteGroupBuilder v1)
    {
        var gateways = v1.MapGroup("/gateways").WithTags("gateways");
        TakeStripeWebhook.Map(gateways);
        TakeAamarPayReturn.Map(gateways);
        var callbacks = gateways.MapGroup("/callbacks").RequireAuthorization(Policies.Staff);
        ListCallbacks.Map(callbacks);
        ShowCallback.Map(callbacks);
        ReplayCallback.Map(callbacks);
        MatchCallback.Map(callbacks);
        v1.MapReconciliation();
        app.MapReconciliationPages();
        if (app.Services.GetRequiredService<Settings>().Sandbox)
        {
            TakeSandboxCallback.Map(gateways);
            SandboxPay.Map(app);
        }
    }

    private static void AddSandbox(IServiceCollection services)
    {
        services.AddHttpContextAccessor(); // a script comes with the call that begins to pay
        services.AddSingleton<SandboxCharges>();
        services.AddSingleton<SandboxGateway>();
        services.AddSingleton<IPaymentMethod>(provider => provider.GetRequiredService<SandboxGateway>());
        services.AddSingleton<SandboxCallbacks>();
        services.AddSingleton<SandboxDelivery>();
        services.AddHostedService(provider => provider.GetRequiredService<SandboxDelivery>());
    }

    private static void DescribeStripe(HttpClient http, GatewaySettings settings)
    {
        http.BaseAddress = settings.StripeUrl;
        http.DefaultRequestHeaders.Add("Stripe-Version", StripeClient.Version);
        if (settings.Stripe)
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", settings.StripeSecretKey);
        }
    }

    // Held by a singleton for ever: the connections are renewed, not the handler.
    private static void AddClient<TClient>(IServiceCollection services, Action<HttpClient> describe)
        where TClient : class =>
        services
            .AddHttpClient<TClient>(http =>
            {
                http.Timeout = Timeout.InfiniteTimeSpan; // GatewayCalls has its own limits
                http.MaxResponseContentBufferSize = GatewayCalls.MaxAnswer;
                http.DefaultRequestHeaders.UserAgent.ParseAdd("Florin");
                describe(http);
            })
            .RemoveAllLoggers()
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() =>
                new SocketsHttpHandler
                {
                    AllowAutoRedirect = false,
                    UseCookies = false,
                    ConnectTimeout = TimeSpan.FromSeconds(5),
                    PooledConnectionLifetime = TimeSpan.FromMinutes(10),
                }
            );
}
