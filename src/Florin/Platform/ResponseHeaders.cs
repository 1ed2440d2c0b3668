using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Florin.Platform;

/// <summary>The headers of every answer, refusals included. A route that set one of them itself keeps its own.</summary>
internal static class ResponseHeaders
{
    /// <summary>What an answer that is no page may load: nothing.</summary>
    internal const string ApiPolicy = "default-src 'none'; frame-ancestors 'none'";

    /// <summary>What our pages may load: our own files, and nothing inline.</summary>
    internal const string PagePolicy =
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; "
        + "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static readonly StringValues Api = ApiPolicy;
    private static readonly StringValues Page = PagePolicy;
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues OwnReferrer = "same-origin";
    private static readonly StringValues OneYear = "max-age=31536000";
    private static readonly StringValues NoStore = "no-store";

    internal static void Add(RequestState state)
    {
        var response = state.Http.Response;
        var headers = response.Headers;
        headers[RequestIds.Header] = state.Http.TraceIdentifier;
        headers.XContentTypeOptions = NoSniff;
        headers["Referrer-Policy"] = OwnReferrer; // with no-referrer browsers send "Origin: null" with our own forms
        if (headers.ContentSecurityPolicy.Count == 0)
        {
            headers.ContentSecurityPolicy = response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true ? Page : Api;
        }

        if (state.Secure)
        {
            headers.StrictTransportSecurity = OneYear;
        }

        // Files of ours carry an ETag and may be kept; everything else is somebody's.
        if (headers.CacheControl.Count == 0 && headers.ETag.Count == 0)
        {
            headers.CacheControl = NoStore;
        }

        if (state.Standing is { } standing)
        {
            headers["RateLimit-Policy"] = standing.Limit.Policy;
            headers["RateLimit"] = string.Create(
                CultureInfo.InvariantCulture,
                $"\"{standing.Limit.Name}\";r={Math.Max(0, standing.Remaining)};t={standing.SecondsLeft}"
            );
        }
    }
}
