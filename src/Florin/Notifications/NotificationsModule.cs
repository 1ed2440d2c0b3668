using Florin.Platform;

namespace Florin.Notifications;

/// <summary>STUB</summary>
public static class NotificationsModule
{
    /// <summary>Its services.</summary>
    public static void AddNotifications(this IServiceCollection services, Settings settings)
    {
        _ = settings;
    }

    /// <summary>Its routes.</summary>
    public static void MapNotifications(this RouteGroupBuilder v1) { }
}
