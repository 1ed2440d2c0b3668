using Florin.Identity;

namespace Florin.Compat;

/// <summary>
/// <c>/api/auth/token/refresh/</c> (seeds 1 and 2) and <c>/api/login/refresh/</c> (seed 3): a fresh access token, and the refresh token to use next, which
/// is the same one where the sign-in was by username.
/// </summary>
internal static class RefreshLogIn
{
    internal static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/auth/token/refresh", HandleAsync).AllowAnonymous();
        api.MapPost("/login/refresh", HandleAsync).AllowAnonymous();
    }

    private sealed record Response(string Access, string Refresh);

    /// <summary>Handles every such route; seed 2 had some more of them.</summary>
    internal static async Task<IResult> HandleAsync(HttpContext http, Sessions sessions, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var refresh = body.Text("refresh", 4096);
        body.Check();
        var tokens = await sessions.RefreshAsync(http, refresh, cancel);
        return Results.Json(new Response(tokens.AccessToken, tokens.RefreshToken));
    }
}
