using Microsoft.AspNetCore.Http.Metadata;

namespace Florin.Platform;

/// <summary>How large the body of a request to a route may be.</summary>
public static class BodyLimitRoutes
{
    /// <summary>Where a route says nothing else: 1 MiB.</summary>
    public const long DefaultBytes = 1024 * 1024;

    /// <summary>Gives a route or group its own limit; a larger body is refused with <c>too_large</c> while it arrives.</summary>
    public static TBuilder LimitBody<TBuilder>(this TBuilder routes, long bytes)
        where TBuilder : IEndpointConventionBuilder => routes.WithMetadata(new BodyLimit(bytes));

    /// <summary>Says that a route works on its body while it comes, and gathers nothing of it.</summary>
    public static TBuilder StreamsBody<TBuilder>(this TBuilder routes)
        where TBuilder : IEndpointConventionBuilder => routes.WithMetadata(Streamed.Mark);

    /// <summary>The limit of the route of a request; null where it has none of its own.</summary>
    internal static long? Of(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>()?.MaxRequestBodySize;

    /// <summary>Whether the route of a request works on its body while it comes.</summary>
    internal static bool IsStreamed(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<Streamed>() is not null;

    private sealed class Streamed
    {
        public static readonly Streamed Mark = new();
    }

    private sealed class BodyLimit(long bytes) : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => bytes;
    }
}
