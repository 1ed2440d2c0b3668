using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Identity;

/// <summary>Staff look for people by the beginning of a name, username, e-mail address or phone number. Anonymised people are left out.</summary>
internal static class ListUsers
{
    private const int ShortestSearch = 2;

    internal static void Map(RouteGroupBuilder users) => users.MapGet("", HandleAsync);

    private static async Task<Page<ShowUser.Response>> HandleAsync(
        FlorinDb db,
        string? search,
        string? role,
        int? limit,
        string? cursor,
        CancellationToken cancel
    )
    {
        var page = PageRequest.Read(limit, cursor);
        var people = db.People.AsNoTracking().Where(p => p.DeletedAt == null && (page.Before == null || p.Id < page.Before));
        if (role is not null)
        {
            people = Roles.All.Contains(role, StringComparer.Ordinal)
                ? people.Where(p => p.Roles.Contains(role))
                : throw PlatformRefusals.InvalidRequest.Field("role", "must be one of " + string.Join(", ", Roles.All));
        }

        if (search?.Trim() is { Length: > 0 } text)
        {
            people = Matching(people, text);
        }

        var rows = await people.OrderByDescending(p => p.Id).Take(page.Limit + 1).ToListAsync(cancel);
        return page.Of(rows, p => p.Id, ShowUser.Show);
    }

    private static IQueryable<Person> Matching(IQueryable<Person> people, string text)
    {
        if (text.Length < ShortestSearch || text.Length > 100 || text.Contains('\0', StringComparison.Ordinal))
        {
            throw PlatformRefusals.InvalidRequest.Field("search", $"must have {ShortestSearch} to 100 characters");
        }

        var prefix = Like.Prefix(text.ToLowerInvariant());
#pragma warning disable CA1304, CA1311, MA0011 // PostgreSQL's lower(), as in the indexes
        return people.Where(p =>
            EF.Functions.Like(p.Username!.ToLower(), prefix, Like.Escape)
            || EF.Functions.Like(p.Email!.ToLower(), prefix, Like.Escape)
            || EF.Functions.Like(p.FirstName.ToLower(), prefix, Like.Escape)
            || EF.Functions.Like(p.LastName.ToLower(), prefix, Like.Escape)
            || EF.Functions.Like((p.FirstName + " " + p.LastName).ToLower(), prefix, Like.Escape)
            || EF.Functions.Like(p.Phone!, prefix, Like.Escape)
        );
#pragma warning restore CA1304, CA1311, MA0011
    }
}
