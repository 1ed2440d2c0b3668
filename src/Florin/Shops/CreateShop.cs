using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Ledger;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Shops;

/// <summary><c>POST /v1/shops</c>: a merchant opens a shop.</summary>
internal static class CreateShop
{
    private const int MostShops = 20;

    /// <param name="Name">1 to 60 characters, as payers read it.</param>
    public sealed record Request([property: StringLength(Shop.NameLength, MinimumLength = 1)] string Name);

    public static void Map(RouteGroupBuilder routes) => routes.MapPost("", HandleAsync).RequireAuthorization(Policies.Merchant).Produces<ShopView>(201);

    private static async Task<IResult> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        FlorinDb db,
        GeneralLedger ledger,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        if (await db.Shops.CountAsync(shop => shop.Owner == caller.Person && shop.ClosedAt == null, cancel) >= MostShops)
        {
            throw ShopsRefusals.ShopLimitReached.With();
        }

        var shop = Shop.Draw(caller.Person, request.Name, clock.GetUtcNow());
        var commit = new LedgerCommit
        {
            Key = key,
            Inserts = { Shop.Shape.Row(shop), ActivityLog.Row(activity.Entry(http, "shops.opened", details: new { shop = shop.PublicId })) },
            Complete = _ => Answer.Json(201, ShopView.Of(shop, [])),
        };
        return (await ledger.CommitAsync(commit)).Required;
    }
}
