using Florin.Platform;

namespace Florin.Compat;

/// <summary>Declares routes of the old systems. Trailing slashes make no difference to routing.</summary>
internal static class EdgeRoutes
{
    /// <summary>
    /// A group of routes with one system's shape of refusals. They stand outside the API's description, and what comes with a cookie or with no sign-in at
    /// all must not come from a foreign page (T2).
    /// </summary>
    /// <param name="routes">Where.</param>
    /// <param name="shape">How its refusals look.</param>
    /// <param name="prefix">Of all paths.</param>
    /// <param name="cookie">Whether the cookie <c>acess_token</c> counts as a sign-in.</param>
    public static RouteGroupBuilder MapEdge(this IEndpointRouteBuilder routes, EdgeShape shape, string prefix = "", bool cookie = false)
    {
        var edge = routes.MapGroup(prefix);
        edge.WithMetadata(new EdgeRoute(shape.WriteAsync) { TakesCookie = cookie }).ExcludeFromDescription();
        edge.AddEndpointFilter(
            static (context, next) =>
            {
                DemandOwnOrigin(context.HttpContext);
                context.HttpContext.Response.Headers.CacheControl = "no-store";
                return next(context);
            }
        );
        return edge;
    }

    // A bearer token is sent by the client's own code; cookies a browser sends by itself. Where it says from where, that must be us or an allowed origin.
    private static void DemandOwnOrigin(HttpContext http)
    {
        var request = http.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || request.Headers.Authorization.Count > 0)
        {
            return;
        }

        var settings = http.RequestServices.GetRequiredService<Settings>();
        var origin = request.Headers.Origin.ToString();
        var allowed = origin.Length > 0 && IsAllowed(origin, request, settings);
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if ((origin.Length > 0 && !allowed) || (!allowed && site.Length > 0 && site is not ("same-origin" or "none")))
        {
            throw PlatformRefusals.ForeignForm.With();
        }
    }

    private static bool IsAllowed(string origin, HttpRequest request, Settings settings) =>
        string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
        || string.Equals(origin, new Uri(settings.PublicUrl).GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase)
        || settings.CorsOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);
}
