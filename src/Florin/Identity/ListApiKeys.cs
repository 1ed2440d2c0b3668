using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Identity;

/// <summary>A merchant's own API keys, ended ones included, without the keys themselves.</summary>
internal static class ListApiKeys
{
    /// <param name="Id"><c>key_…</c></param>
    /// <param name="Name">What the owner calls it.</param>
    /// <param name="Prefix">Its first characters.</param>
    /// <param name="Scopes">What it may do.</param>
    /// <param name="CreatedAt">Made at.</param>
    /// <param name="LastUsedAt">To about a minute.</param>
    /// <param name="ExpiresAt">Not valid from then on.</param>
    /// <param name="RevokedAt">Ended by its owner.</param>
    public sealed record Response(
        string Id,
        string Name,
        string Prefix,
        IReadOnlyList<string> Scopes,
        DateTimeOffset CreatedAt,
        DateTimeOffset? LastUsedAt,
        DateTimeOffset? ExpiresAt,
        DateTimeOffset? RevokedAt
    );

    internal static void Map(RouteGroupBuilder group) => group.MapGet("", HandleAsync);

    private static async Task<Page<Response>> HandleAsync(Caller caller, FlorinDb db, int? limit, string? cursor, CancellationToken cancel)
    {
        var page = PageRequest.Read(limit, cursor);
        var keys = await db
            .ApiKeys.AsNoTracking()
            .Where(k => k.PersonId == caller.Person && (page.Before == null || k.Id < page.Before))
            .OrderByDescending(k => k.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(keys, k => k.Id, Show);
    }

    private static Response Show(ApiKey key) =>
        new(Ids.Show(ApiKeys.IdPrefix, key.Id), key.Name, key.Prefix, key.Scopes, key.CreatedAt, key.LastUsedAt, key.ExpiresAt, key.RevokedAt);
}
