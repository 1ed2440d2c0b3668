using System.ComponentModel.DataAnnotations;
using Florin.Platform;

namespace Florin.Identity;

/// <summary>A client changes its refresh token for fresh tokens. A token that was used before ends its session, since one of two holders is a thief.</summary>
internal static class RefreshSession
{
    /// <param name="RefreshToken">The last one that was given.</param>
    public sealed record Request([property: Required, StringLength(256), Secret] string RefreshToken);

    internal static void Map(RouteGroupBuilder sessions) => sessions.MapPost("/refresh", HandleAsync).Produces<SessionAnswer>().AllowAnonymous();

    private static async Task<SessionAnswer> HandleAsync(Request request, HttpContext http, Sessions sessions, CancellationToken cancel)
    {
        var tokens = await sessions.RefreshAsync(http, request.RefreshToken, cancel);
        http.Response.Headers.CacheControl = "no-store";
        return SessionAnswer.Of(tokens, null);
    }
}
