using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Identity;
using Florin.Ledger;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Shops;

/// <summary>
/// <c>POST /v1/shops</c>: anybody opens a shop. In a sandbox, and for merchants, it is open at once and whoever asked is a merchant from the next
/// refresh of their session on; else it is an application that waits for an admin (202).
/// </summary>
internal static class CreateShop
{
    private const int MostShops = 20;

    /// <param name="Name">1 to 60 characters, as payers read it.</param>
    public sealed record Request([property: StringLength(Shop.NameLength, MinimumLength = 1)] string Name);

    public static void Map(RouteGroupBuilder routes) =>
        routes.MapPost("", HandleAsync).RequireAuthorization(Policies.Person).Produces<ShopView>(201).Produces<ShopApplicationView>(202);

    private static async Task<IResult> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        FlorinDb db,
        GeneralLedger ledger,
        ActivityLog activity,
        Settings settings,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        if (await db.Shops.CountAsync(shop => shop.Owner == caller.Person && shop.ClosedAt == null, cancel) >= MostShops)
        {
            throw ShopsRefusals.ShopLimitReached.With();
        }

        var commit =
            settings.Sandbox || caller.Is(Roles.Merchant)
                ? Open(Shop.Draw(caller.Person, request.Name, settings.DefaultCurrency, clock.GetUtcNow()), caller, key)
                : Apply(ShopApplication.Draw(caller.Person, request.Name, null, clock.GetUtcNow()), key);
        commit.Commit.Inserts.Add(ActivityLog.Row(activity.Entry(http, commit.Action, details: commit.Details)));
        return (await ledger.CommitAsync(commit.Commit)).Required;
    }

    private static (LedgerCommit Commit, string Action, object Details) Open(Shop shop, Caller caller, IdempotencyKey key)
    {
        var commit = new LedgerCommit
        {
            Key = key,
            Inserts = { Shop.Shape.Row(shop) },
            Complete = _ => Answer.Json(201, ShopView.Of(shop, [])),
        };
        if (!caller.Is(Roles.Merchant))
        {
            commit.Inserts.Add(ShopApplication.Shape.Row(ShopApplication.Draw(shop.Owner, shop.Name, shop, shop.CreatedAt)));
            commit.Rows.Add(PersonRoles.Grant(shop.Owner, Roles.Merchant, shop.CreatedAt));
        }

        return (commit, "shops.opened", new { shop = shop.PublicId });
    }

    private static (LedgerCommit Commit, string Action, object Details) Apply(ShopApplication application, IdempotencyKey key)
    {
        var commit = new LedgerCommit
        {
            Key = key,
            Inserts = { ShopApplication.Shape.Row(application) },
            Constraints = { ["applications_pending"] = ShopsRefusals.ApplicationPending },
            Complete = _ => Answer.Json(202, ShopApplicationView.Of(application)),
        };
        return (commit, "shops.applied", new { application = application.PublicId });
    }
}
