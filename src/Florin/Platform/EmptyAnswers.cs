using Microsoft.Net.Http.Headers;

namespace Florin.Platform;

/// <summary>Stands after routing: answers what no route matches, and gives every bare error status its problem document and permanent code.</summary>
/// <remarks>It stands before the access check, whose fallback denies: an address that does not exist is 404 and not 401.</remarks>
internal sealed class EmptyAnswers(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext http)
    {
        switch (http.GetEndpoint())
        {
            case null:
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
            case RouteEndpoint when IsForeignJson(http.Request.ContentType):
                http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
                break;
            case RouteEndpoint when http.Request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) == true:
                throw PlatformRefusals.InvalidRequest.Field("query", "must not hold the character U+0000"); // PostgreSQL stores none, nor compares with it
            case RouteEndpoint:
                await next(http);
                break;
            case { RequestDelegate: { } routingsOwn }: // 405 with Allow, 415
                await routingsOwn(http);
                break;
        }

        var response = http.Response;
        if (response is { StatusCode: >= 400, HasStarted: false, ContentLength: null, ContentType: null } && !http.RequestAborted.IsCancellationRequested)
        {
            await RefusalResponses.WriteAsync(http, ForStatus(response.StatusCode).With());
        }
    }

    // JSON is UTF-8 (RFC 8259 §8.1). The framework stumbles over names of other encodings that it does not know.
    private static bool IsForeignJson(string? contentType) =>
        contentType?.Contains("charset", StringComparison.OrdinalIgnoreCase) == true
        && MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.Charset.HasValue
        && type.SubType.EndsWith("json", StringComparison.OrdinalIgnoreCase)
        && !HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    /// <summary>The code of a status that came without one.</summary>
    internal static RefusalCode ForStatus(int status) =>
        status switch
        {
            401 => PlatformRefusals.NotSignedIn,
            403 => PlatformRefusals.Forbidden,
            404 => PlatformRefusals.NotFound,
            405 => PlatformRefusals.MethodNotAllowed,
            406 => PlatformRefusals.NotAcceptable,
            408 => PlatformRefusals.TooSlow,
            413 => PlatformRefusals.TooLarge,
            415 => PlatformRefusals.UnsupportedMediaType,
            429 => PlatformRefusals.RateLimited,
            503 => PlatformRefusals.Unavailable,
            < 500 => PlatformRefusals.InvalidRequest,
            _ => PlatformRefusals.InternalError,
        };
}
