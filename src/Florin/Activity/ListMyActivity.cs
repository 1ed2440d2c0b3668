using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Activity;

/// <summary>What concerns the caller: their sign-ins, their money, and what staff did with their account; newest first.</summary>
internal static class ListMyActivity
{
    public static void Map(RouteGroupBuilder v1) => v1.MapGet("/me/activity", HandleAsync).RequireAuthorization(Policies.Person);

    private static async Task<Page<ActivityView>> HandleAsync(int? limit, string? cursor, Caller caller, FlorinDb db, CancellationToken cancel)
    {
        var page = PageRequest.Read(limit, cursor);
        var rows = await db.Set<ActivityEntry>()
            .AsNoTracking()
            .Where(entry => entry.Subject == caller.Person && (page.Before == null || entry.Id < page.Before))
            .OrderByDescending(entry => entry.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, entry => entry.Id, ActivityView.ToSubject);
    }
}
