using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Identity;
using Florin.Ledger;
using Florin.Platform;
using Npgsql;

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
        People people,
        GeneralLedger ledger,
        ActivityLog activity,
        Settings settings,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        (await people.FindAsync(caller.Person, cancel))!.DemandClaimed();
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
            Rows = { PersonRoles.Grant(shop.Owner, Roles.Merchant, shop.CreatedAt), Insert(shop) },
            Complete = _ => Answer.Json(201, ShopView.Of(shop, [])),
        };
        if (!caller.Is(Roles.Merchant))
        {
            commit.Inserts.Add(ShopApplication.Shape.Row(ShopApplication.Draw(shop.Owner, shop.Name, shop, shop.CreatedAt)));
        }

        return (commit, "shops.opened", new { shop = shop.PublicId });
    }

    // The role's statement locks the person, so that this one sees all of their shops.
    private static RowChange Insert(Shop shop) =>
        new(
            """
            insert into shops.shops (id, owner, name, plan, default_currency, created_at) select $1, $2, $3, $4, $5, $6
            where (select count(*) from shops.shops where owner = $2 and closed_at is null) < $7
            """,
            [
                new NpgsqlParameter<Guid> { TypedValue = shop.Id },
                new NpgsqlParameter<Guid> { TypedValue = shop.Owner },
                new NpgsqlParameter<string> { TypedValue = shop.Name },
                new NpgsqlParameter<string> { TypedValue = shop.Plan },
                new NpgsqlParameter<string> { TypedValue = shop.DefaultCurrency },
                new NpgsqlParameter<DateTime> { TypedValue = shop.CreatedAt.UtcDateTime },
                new NpgsqlParameter<int> { TypedValue = MostShops },
            ],
            Rows: 1,
            ShopsRefusals.ShopLimitReached,
            "shops.shops",
            shop.Id
        );

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
