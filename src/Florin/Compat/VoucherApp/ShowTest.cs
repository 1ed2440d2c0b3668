using Florin.Platform;

namespace Florin.Compat.VoucherApp;

/// <summary><c>/api/test/</c>: says that the API answers, by every method.</summary>
internal static class ShowTest
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

    private sealed record Response(string Message, string Status);

    internal static void Map(RouteGroupBuilder api) =>
        api.MapMethods("/test", Methods, () => Results.Json(new Response("API is working!", "success"), Wire.Json)).AllowAnonymous();
}
