using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Wallets;

/// <summary><c>GET /v1/me/cards</c>: a person's own cards, revoked ones included, newest first.</summary>
internal static class ListCards
{
    public static void Map(RouteGroupBuilder cards) => cards.MapGet("", HandleAsync);

    private static async Task<Page<CardView>> HandleAsync(int? limit, string? cursor, Caller caller, FlorinDb db, CancellationToken cancel)
    {
        var page = PageRequest.Read(limit, cursor);
        var rows = await db
            .Cards.AsNoTracking()
            .Where(card => card.PersonId == caller.Person && (page.Before == null || card.Id < page.Before))
            .OrderByDescending(card => card.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, card => card.Id, CardView.Of);
    }
}
