using Florin.Platform;

namespace Florin.Activity;

/// <summary>STUB</summary>
public static class ActivityModule
{
    /// <summary>Its services.</summary>
    public static void AddActivity(this IServiceCollection services, Settings settings)
    {
        _ = settings;
        services.AddSingleton<ActivityLog>();
        services.AddSingleton<IPersonalData, ActivityPersonalData>();
    }

    /// <summary>Its routes.</summary>
    public static void MapActivity(this RouteGroupBuilder v1) { }
}
