namespace Florin.Compat;

/// <summary><c>/api/health/</c>: what the voucher system's monitors look for, by every method. Whether Florin can serve is at <c>/health/ready</c>.</summary>
internal static class ShowHealth
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

    private sealed record Response(string Status, string Django);

    internal static void Map(RouteGroupBuilder api) =>
        api.MapMethods("/health", Methods, () => Results.Json(new Response("healthy", "running"))).AllowAnonymous();
}
