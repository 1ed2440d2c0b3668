using Florin.Platform;

namespace Florin.Fx;

/// <summary>STUB</summary>
public static class FxModule
{
    /// <summary>Its services.</summary>
    public static void AddFx(this IServiceCollection services, Settings settings)
    {
        _ = settings;
    }

    /// <summary>Its routes.</summary>
    public static void MapFx(this RouteGroupBuilder v1) { }
}
