using Florin.Platform.Pages;
using Florin.Tests.Architecture;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace Florin.Tests.Routes;

/// <summary>A route of the running program, as it stands in <c>endpoints.txt</c>.</summary>
/// <param name="Method">The method; GET where the route takes any.</param>
/// <param name="Pattern">From <c>/</c> on, with the names of its parameters.</param>
/// <param name="ContentType">What its body must be; null where it takes none.</param>
internal sealed record RouteUnderTest(string Method, string Pattern, string? ContentType)
{
    /// <summary>What one line of a table is found by.</summary>
    public string Name => $"{Method} {Pattern}";

    /// <summary>The names in braces, but not those that say which document or page is wanted, or what the caller calls a thing.</summary>
    public bool NamesAnObject =>
        Pattern.Contains('{', StringComparison.Ordinal)
        && !Pattern.Contains("{documentName}", StringComparison.Ordinal)
        && !Pattern.Contains("{name}", StringComparison.Ordinal)
        && !Pattern.Contains("{file}", StringComparison.Ordinal)
        && !Pattern.Contains("{**", StringComparison.Ordinal);

    /// <summary>An address that the route matches, with nothing behind it.</summary>
    public string AnyPath =>
        string.Join(
            '/',
            Pattern
                .Split('/')
                .Select(part =>
                    part.StartsWith("{**", StringComparison.Ordinal) ? "index.html"
                    : part.Contains('{', StringComparison.Ordinal) ? "v1"
                    : part
                )
        );

    /// <summary>Every route of the program but its pages, so that one that was added a minute ago is tested as well.</summary>
    public static IReadOnlyList<RouteUnderTest> All(FlorinApp app)
    {
        var routes =
            from route in app.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            where route.Metadata.GetMetadata<PageRoute>() is null // pages have a matrix of their own
            let raw = route.RoutePattern.RawText!
            from method in route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]
            let types = route.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes
            select new RouteUnderTest(
                method,
                raw.StartsWith('/') ? raw : "/" + raw,
                types is { Count: > 0 } ? types[0].Replace("*", "octet-stream", StringComparison.Ordinal) : null
            );
        return [.. routes];
    }

    /// <summary>Who may call each route, as a reviewer read it in <c>endpoints.txt</c>.</summary>
    public static IReadOnlyDictionary<string, string[]> Policies() =>
        Sources
            .Read("endpoints.txt")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .ToDictionary(line => $"{(line[0] is "*" ? "GET" : line[0])} {string.Join(' ', line[1..^2])}", line => line[^2].Split(','), StringComparer.Ordinal);
}
