using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Notifications;

/// <summary>Shows the HTML of a mail that a sandbox would have sent, as a mail client would. There is no such route in live mode.</summary>
internal static class ShowSentMessage
{
    // A mail's styles stand in it; nothing else of it works here.
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox allow-popups";

    internal static void Map(WebApplication app) => app.MapGet("/dev/outbox/{id}", HandleAsync).AllowAnonymous();

    private static async Task<IResult> HandleAsync(string id, HttpContext http, FlorinDb db, CancellationToken cancel)
    {
        var read = Ids.Read(ListSentMessages.Prefix, id);
        var html =
            await db.KeptMessages.Where(message => message.Id == read).Select(message => message.Html).SingleOrDefaultAsync(cancel)
            ?? throw PlatformRefusals.NotFound.With();
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.ContentSecurityPolicy = Policy;
        return Results.Content(html, "text/html; charset=utf-8");
    }
}
