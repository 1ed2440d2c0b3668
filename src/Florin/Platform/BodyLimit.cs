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

    private sealed class BodyLimit(long bytes) : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => bytes;
    }
}
