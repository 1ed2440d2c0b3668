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
