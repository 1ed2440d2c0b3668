using Florin.Platform;

namespace Florin.Compat;

/// <summary>
/// Addresses of the old systems that lead to where the thing is now: the descriptions of the API (seeds 4 and 5), and seed 4's <c>/dev/api</c>, which showed
/// the session's token as a key that never expires; keys are made at the portal.
/// </summary>
internal static class OldAddresses
{
    private static readonly (string From, string To)[] Moved =
    [
        ("/swagger", "/docs"),
        ("/redoc", "/docs"),
        ("/openapi.json", "/openapi/v1.json"),
        ("/dev/api", "/portal/developers"),
    ];

    internal static void Map(IEndpointRouteBuilder app)
    {
        var old = app.MapEdge(EdgeShape.Detail);
        foreach (var (from, to) in Moved)
        {
            old.MapGet(from, () => Results.Redirect(to)).AllowAnonymous();
        }
    }
}
