using Florin.Notifications.Pages;
using Florin.Platform;
using Florin.Platform.Pages;
using Florin.Shops;

namespace Florin.Notifications;

/// <summary>Messages to people, by e-mail and text message, and live events to whoever is looking.</summary>
public static class NotificationsModule
{
    /// <summary>Its services.</summary>
    public static void AddNotifications(this IServiceCollection services, Settings settings)
    {
        services.AddSingleton(DeliverMessages.Consumer);
        services.AddSingleton<DeliverMessages>();
        services.AddSingleton(SendNotices.Consumer);
        services.AddScoped<SendNotices>();
        services.AddSingleton<IPersonalData, NotificationsPersonalData>();
        services.AddSingleton(MessageRetention.Job);
        services.AddHostedService<MessageWarning>();
        services.AddSingleton<EventTickets>();
        services.AddSingleton<LiveEvents>();
        services.AddHostedService(provider => provider.GetRequiredService<LiveEvents>());
        services.AddSingleton<LiveSockets>(provider =>
            new(
                provider.GetRequiredService<LiveEvents>(),
                provider.GetRequiredService<OutboxReader>(),
                provider.GetRequiredService<ShopFront>(),
                provider.GetRequiredService<Settings>(),
                provider.GetRequiredService<TimeProvider>()
            )
        );
        if (settings.Sandbox)
        {
            services.AddSingleton<IMessageSender, SandboxSender>();
        }

        // A sandbox sends only where it was told how.
        if (!settings.Sandbox || settings.SmtpHost.Length > 0)
        {
            services.AddSingleton<IMessageSender, SmtpSender>();
        }

        if (!settings.Sandbox || settings.SmsUrl.Length > 0)
        {
            services.AddHttpClient("sms", http => http.Timeout = TimeSpan.FromSeconds(20));
            services.AddSingleton<IMessageSender, SmsSender>();
        }
    }

    /// <summary>Its pages.</summary>
    private static void MapNotificationPages(this IEndpointRouteBuilder app) => NoticesPage.Map(app.MapPages("/account").RequireAuthorization(Policies.Person));

    /// <summary>Its routes.</summary>
    public static void MapNotifications(this WebApplication app, RouteGroupBuilder v1)
    {
        app.MapNotificationPages();
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(15), KeepAliveTimeout = TimeSpan.FromSeconds(15) });
        var events = v1.MapGroup("/events");
        StreamEvents.Map(events);
        CreateEventTicket.Map(events);
        StreamEvents.MapLive(app.MapPages());
        var me = v1.MapGroup("/me").RequireAuthorization(Policies.Person).WithTags("me");
        ListMyNotifications.Map(me);
        ChangeMyNotifications.Map(me);
        if (app.Services.GetRequiredService<Settings>().Sandbox)
        {
            ListSentMessages.Map(app);
            ShowSentMessage.Map(app);
        }
    }
}
