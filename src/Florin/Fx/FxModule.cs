using Florin.Fx.Pages;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Fx;

/// <summary>Exchange rates, and conversions that never round in the customer's favour.</summary>
public static class FxModule
{
    /// <summary>Its services.</summary>
    public static void AddFx(this IServiceCollection services, Settings settings)
    {
        services.AddSingleton<Rates>();
        services.AddSingleton<Quotes>();
        services.AddSingleton(new StaffPlace("Rates", "/admin/rates", Icon: "chart-line", Order: 65));
        services.AddSingleton(RefreshRates.Job(settings));
        services.AddSingleton(DeleteOldQuotes.Job);
        services.AddHostedService<FirstRates>();
        services
            .AddHttpClient<RateProvider>(http =>
            {
                http.BaseAddress = settings.FxUrl;
                http.Timeout = settings.FxTimeout;
                http.MaxResponseContentBufferSize = RateProvider.MaxAnswer;
                http.DefaultRequestHeaders.UserAgent.ParseAdd("Florin");
            })
            .RemoveAllLoggers() // RefreshRates says what matters
            .ConfigurePrimaryHttpMessageHandler(() =>
                new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(10) }
            );
    }

    /// <summary>Its pages for staff.</summary>
    private static void MapFxPages(this IEndpointRouteBuilder app) => RatesPage.Map(app.MapStaffPages());

    /// <summary>Its routes and pages.</summary>
    public static void MapFx(this IEndpointRouteBuilder app, RouteGroupBuilder v1)
    {
        v1.MapFxRoutes();
        app.MapFxPages();
    }

    /// <summary>Its routes.</summary>
    private static void MapFxRoutes(this RouteGroupBuilder v1)
    {
        ListRates.Map(v1);
        ListSuspectRates.Map(v1);
        AcceptRate.Map(v1);
        CreateQuote.Map(v1);
        ShowQuote.Map(v1);
    }
}
