using Florin.Gateways.AamarPay;
using Florin.Gateways.Stripe;
using Florin.Payments;
using Florin.Platform;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Florin.Gateways;

/// <summary>Card gateways: what goes out to them, and what comes back.</summary>
public static class GatewaysModule
{
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
