using Florin.Platform;

namespace Florin.Compat;

/// <summary>A shop of the caller, as <c>GET /v1/shops</c> shows it.</summary>
internal sealed record EdgeShop(string Id, string Name, string? Role, DateTimeOffset? ClosedAt);

/// <summary>The old systems had one shop a person, and no name for it: which one is meant here.</summary>
internal static class EdgeShops
{
    /// <summary>The caller's own oldest open shop, or else the oldest open one that they work in; null where there is none.</summary>
    public static async Task<EdgeShop?> FindAsync(EdgeApi api)
    {
        var shops = await api.GetAsync<Page<EdgeShop>>("/v1/shops?limit=100");
        var open = shops.Data.Where(shop => shop.ClosedAt is null).Reverse().ToList();
        return open.Find(shop => shop.Role is "owner") ?? open.FirstOrDefault();
    }

    /// <summary>The same, where there must be one.</summary>
    /// <exception cref="Refusal"><c>no_shop</c></exception>
    public static async Task<EdgeShop> DemandAsync(EdgeApi api) => await FindAsync(api) ?? throw CompatRefusals.NoShop.With();
}
