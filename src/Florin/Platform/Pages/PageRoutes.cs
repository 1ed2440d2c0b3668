using System.Globalization;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Diagnostics;

namespace Florin.Platform.Pages;

/// <summary>Marks a route that answers a page: signed in by cookie, refused in HTML, and left out of the API's description.</summary>
public sealed class PageRoute
{
    /// <summary>The one mark there is.</summary>
    public static readonly PageRoute Mark = new();

    /// <summary>Whether a request is for a page.</summary>
    public static bool Is(HttpContext http) =>
        // The exception handler takes the endpoint away.
        (http.GetEndpoint() ?? http.Features.Get<IExceptionHandlerFeature>()?.Endpoint)?.Metadata.GetMetadata<PageRoute>()
            is not null;

    /// <summary>Whether a refusal is answered by a page: of a page, or of an address that does not exist, where a browser asked.</summary>
    internal static bool Wants(HttpContext http) =>
        Is(http)
        || http.GetEndpoint() is null
            && http.Features.Get<IExceptionHandlerFeature>() is null
            && HttpMethods.IsGet(http.Request.Method)
            && !http.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal)
            && !http.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)
            && http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Declares pages.</summary>
public static class PageRoutes
{
    /// <summary>
    /// A group of pages. What changes something is taken from our own pages only: the form's token, the browser's <c>Origin</c> and
    /// <c>Sec-Fetch-Site</c> must say so (T2).
    /// </summary>
    public static RouteGroupBuilder MapPages(this IEndpointRouteBuilder routes, string prefix = "")
    {
        var pages = routes.MapGroup(prefix);
        pages.WithMetadata(PageRoute.Mark).ExcludeFromDescription().DisableAntiforgery(); // checked by the filter, whatever a handler binds
        pages.AddEndpointFilter(
            static async (context, next) =>
            {
                await DemandOwnFormAsync(context.HttpContext);
                return await next(context);
            }
        );
        return pages;
    }

    private static async Task DemandOwnFormAsync(HttpContext http)
    {
        var request = http.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        {
            return;
        }

        var origin = request.Headers.Origin.ToString();
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if ((origin.Length > 0 && !IsOwn(origin, request, http.RequestServices.GetRequiredService<Settings>())) || site.Length > 0 && site is not "same-origin")
        {
            throw PlatformRefusals.ForeignForm.With();
        }

        try
        {
            await http.RequestServices.GetRequiredService<IAntiforgery>().ValidateRequestAsync(http);
        }
        catch (AntiforgeryValidationException)
        {
            throw PlatformRefusals.ForeignForm.With();
        }
    }

    private static bool IsOwn(string origin, HttpRequest request, Settings settings) =>
        string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
        || string.Equals(origin, new Uri(settings.PublicUrl).GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase);
}

/// <summary>Stands after routing: gives pages, and routes of old systems, their context, and the reader's language.</summary>
internal sealed class PageMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        var wants = PageRoute.Wants(http);
        if (!wants && EdgeRoute.Of(http) is null)
        {
            return next(http);
        }

        var page = http.RequestServices.GetRequiredService<PageContext>();
        page.Begin(http);
        if (!wants)
        {
            return next(http); // the old systems spoke English
        }

        CultureInfo.CurrentCulture = page.Culture;
        CultureInfo.CurrentUICulture = page.Culture;
        return next(http);
    }
}
