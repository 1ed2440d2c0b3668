using Florin.Platform;

namespace Florin.Notifications;

/// <summary>Refusals of live events.</summary>
public static class NotificationsRefusals
{
    /// <summary>A browser's page of another origin asked.</summary>
    public static readonly RefusalCode OriginNotAllowed = new("origin_not_allowed", 403, "Pages of this origin may not open a stream of events.");
}
