namespace Florin.Compat;

/// <summary><c>/api/health/</c>: what the voucher system's monitors look for. Whether Florin can serve is at <c>/health/ready</c>.</summary>
internal static class ShowHealth
{
    private sealed record Response(string Status, string Django);

    internal static void Map(RouteGroupBuilder api) => api.MapGet("/health", () => Results.Json(new Response("healthy", "running"))).AllowAnonymous();
}
