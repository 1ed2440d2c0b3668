using Florin.Platform;

namespace Florin.Identity;

/// <summary>STUB</summary>
public static class IdentityModule
{
    /// <summary>Its services.</summary>
    public static void AddIdentity(this IServiceCollection services, Settings settings)
    {
        _ = settings;
    }

    /// <summary>Its routes.</summary>
    public static void MapIdentity(this RouteGroupBuilder v1) { }
}
