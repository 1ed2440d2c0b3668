using Florin.Platform;

namespace Florin.Wallets;

/// <summary>STUB</summary>
public static class WalletsModule
{
    /// <summary>Its services.</summary>
    public static void AddWallets(this IServiceCollection services, Settings settings)
    {
        _ = settings;
    }

    /// <summary>Its routes.</summary>
    public static void MapWallets(this RouteGroupBuilder v1) { }
}
