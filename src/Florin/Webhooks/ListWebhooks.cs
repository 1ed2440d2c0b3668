using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Webhooks;

/// <summary>A merchant's own endpoints, newest first, without their secrets.</summary>
internal static class ListWebhooks
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("", HandleAsync);

    private static async Task<Page<WebhookView>> HandleAsync(Caller caller, FlorinDb db, int? limit, string? cursor, CancellationToken cancel)
    {
        var page = PageRequest.Read(limit, cursor);
        var endpoints = await db
            .WebhookEndpoints.AsNoTracking()
            .Where(e => e.PersonId == caller.Person && e.DeletedAt == null && (page.Before == null || e.Id < page.Before))
            .OrderByDescending(e => e.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(endpoints, e => e.Id, WebhookView.Of);
    }
}
