using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Activity;

/// <summary>Everybody's activity, for staff; newest first, of one person or one action where asked.</summary>
internal static class ListActivity
{
    public static void Map(RouteGroupBuilder v1) => v1.MapGet("/activity", HandleAsync).RequireAuthorization(Policies.Staff);

    private static async Task<Page<ActivityView>> HandleAsync(string? person, string? action, int? limit, string? cursor, FlorinDb db, CancellationToken cancel)
    {
        var page = PageRequest.Read(limit, cursor);
        Guid? subject = person is null ? null : Ids.Read("usr", person);
        var rows = await db.Set<ActivityEntry>()
            .AsNoTracking()
            .Where(entry => subject == null || entry.Subject == subject)
            .Where(entry => action == null || entry.Action == action)
            .Where(entry => page.Before == null || entry.Id < page.Before)
            .OrderByDescending(entry => entry.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, entry => entry.Id, ActivityView.Of);
    }
}
