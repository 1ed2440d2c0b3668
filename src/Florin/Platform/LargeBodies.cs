using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;

namespace Florin.Platform;

/// <summary>
/// Stands after sign-in: what may be larger than <see cref="BodyLimitRoutes.DefaultBytes"/> and is gathered in memory or in a temporary file (pictures, forms
/// with files) is taken from people who are signed in only, from so many at once, and not for ever. Else memory is held by bodies that never end.
/// </summary>
internal sealed class LargeBodies(RequestDelegate next, TimeProvider clock)
{
    private const int MostAtOnce = 32;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private int now;

    public Task InvokeAsync(HttpContext http)
    {
        // Of a page's own call within the process it is settled: the page's request was counted.
        var limit = http.Features.Get<IHttpMaxRequestBodySizeFeature>();
        if (limit is null or { IsReadOnly: true } || BodyLimitRoutes.Of(http) is null or <= BodyLimitRoutes.DefaultBytes)
        {
            return next(http);
        }

        if (http.User.Identity is not { IsAuthenticated: true })
        {
            limit.MaxRequestBodySize = BodyLimitRoutes.DefaultBytes;
            return next(http);
        }

        return http.Request.ContentLength <= BodyLimitRoutes.DefaultBytes || BodyLimitRoutes.IsStreamed(http) ? next(http) : CountedAsync(http);
    }

    private async Task CountedAsync(HttpContext http)
    {
        try
        {
            if (Interlocked.Increment(ref now) > MostAtOnce)
            {
                throw PlatformRefusals.Unavailable.With("Too many large requests at once.");
            }

            await using var end = clock.CreateTimer(static http => ((HttpContext)http!).Abort(), http, Patience, Timeout.InfiniteTimeSpan);
            await next(http);
        }
        finally
        {
            Interlocked.Decrement(ref now);
        }
    }
}
