using Microsoft.AspNetCore.Diagnostics;

namespace Florin.Platform;

/// <summary>
/// Marks a route that speaks an old system's language: its refusals are said in that system's shape, whoever signed in there may come with that system's
/// cookie, and it asks <c>/v1</c> in this process as pages do.
/// </summary>
/// <param name="Refuse">Writes the body of a refusal, and its status where the old system's was another.</param>
public sealed record EdgeRoute(Func<HttpContext, Refusal, Task> Refuse)
{
    /// <summary>The cookie of the old QR system (its spelling). It holds an access token and lives as long as one.</summary>
    public const string TokenCookie = "acess_token";

    /// <summary>Whether the cookie counts as a sign-in here.</summary>
    public bool TakesCookie { get; init; }

    /// <summary>Whether the token may stand in the query, for sockets, where browsers send no header.</summary>
    public bool TakesQuery { get; init; }

    /// <summary>The mark of a request's route, if it has one.</summary>
    public static EdgeRoute? Of(HttpContext http) =>
        // The exception handler takes the endpoint away.
        (http.GetEndpoint() ?? http.Features.Get<IExceptionHandlerFeature>()?.Endpoint)?.Metadata.GetMetadata<EdgeRoute>();
}
