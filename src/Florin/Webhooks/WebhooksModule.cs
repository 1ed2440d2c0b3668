using Florin.Platform;
using Florin.Webhooks.Pages;

namespace Florin.Webhooks;

/// <summary>Outgoing webhooks: merchants are told of their payments, signed as Standard Webhooks 1.0 says, at least once and in order per payment.</summary>
public static class WebhooksModule
{
    /// <summary>Its services.</summary>
    public static void AddWebhooks(this IServiceCollection services, Settings settings)
    {
        services.AddSingleton(WebhookSecrets.Sealed);
        services.AddSingleton(StaffWebhooks.Health);
        services.AddSingleton(FanOutEvents.Consumer);
        services.AddSingleton<FanOutEvents>();
        services.AddSingleton<DeliverySignal>();
        services.AddSingleton<DeliveryQueue>();
        services.AddSingleton(new RetrySchedule(settings.WebhookPauseScale));
        services.AddSingleton(AddressGuard.Of(settings));
        services.AddSingleton<WebhookSecrets>();
        services.AddSingleton<WebhookClient>();
        services.AddSingleton<EndpointFailures>();
        services.AddSingleton<Replays>();
        services.AddSingleton<WebhookFigures>();
        services.AddHostedService<SendDeliveries>();
        services.AddSingleton(WebhookRetention.Job);
        services.AddSingleton<IPersonalData, WebhooksPersonalData>();
    }

    /// <summary>Its routes and pages.</summary>
    public static void MapWebhooks(this IEndpointRouteBuilder app, RouteGroupBuilder v1)
    {
        v1.MapWebhooksRoutes();
        app.MapWebhookPages();
    }

    /// <summary>Its routes.</summary>
    private static void MapWebhooksRoutes(this RouteGroupBuilder v1)
    {
        var webhooks = v1.MapGroup("/webhooks").WithTags("webhooks").RequireAuthorization(Policies.Merchant);
        ListDeliveriesAbout.Map(v1);
        CreateWebhook.Map(webhooks);
        ListWebhooks.Map(webhooks);
        ShowWebhook.Map(webhooks);
        ChangeWebhook.Map(webhooks);
        DeleteWebhook.Map(webhooks);
        RotateSecret.Map(webhooks);
        TestWebhook.Map(webhooks);
        ListDeliveries.Map(webhooks);
        ShowDelivery.Map(webhooks);
        ReplayDelivery.Map(webhooks);
        ReplayDeliveries.Map(webhooks);
        StaffWebhooks.Map(v1);
    }
}
