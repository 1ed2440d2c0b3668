using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Florin.Activity;
using Florin.Money;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Shops;

/// <summary>
/// Fee plans, for admins: <c>PUT /v1/shop-plans/{name}</c> sets one, <c>GET /v1/shop-plans</c> lists them, <c>PUT /v1/shops/{id}/plan</c> gives a shop
/// another one. Payments that were made before keep the fee of their time.
/// </summary>
internal static class SetPlan
{
    /// <param name="PercentBps">The share of a sale, in hundredths of a per cent, 0 to 5,000.</param>
    /// <param name="Fixed">The fixed sum of a sale, one per currency at most.</param>
    /// <param name="Reason">Why, at most 200 characters; kept with the change.</param>
    public sealed record Request(
        [property: Range(0, 5_000)] int PercentBps,
        [property: MaxLength(20)] IReadOnlyList<Amount>? Fixed = null,
        [property: StringLength(200)] string? Reason = null
    );

    /// <param name="Plan">Its name.</param>
    /// <param name="Reason">Why, at most 200 characters; kept with the change.</param>
    public sealed record ShopRequest([property: StringLength(40)] string Plan, [property: StringLength(200)] string? Reason = null);

    /// <param name="Name">Its name.</param>
    /// <param name="PercentBps">The share of a sale, in hundredths of a per cent.</param>
    /// <param name="Fixed">The fixed sum of a sale per currency.</param>
    public sealed record Response(string Name, int PercentBps, IReadOnlyList<Amount> Fixed);

    public static void Map(RouteGroupBuilder plans, RouteGroupBuilder shops)
    {
        plans.MapGet("", ListAsync).RequireAuthorization(Policies.Staff);
        plans.MapPut("/{name}", SetAsync).RequireAuthorization(Policies.Admin).Produces<Response>();
        shops.MapPut("/{id}/plan", GiveAsync).RequireAuthorization(Policies.Admin).Produces<ShopView>();
    }

    private static async Task<Page<Response>> ListAsync(FlorinDb db, CancellationToken cancel)
    {
        var plans = await db.ShopPlans.AsNoTracking().OrderBy(plan => plan.Name).ToListAsync(cancel);
        return new Page<Response>([.. plans.Select(Show)], null);
    }

    private static async Task<IResult> SetAsync(
        string name,
        Request request,
        HttpContext http,
        FlorinDb db,
        ActivityLog activity,
        Database database,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        if (name.Length is 0 or > 40 || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_'))
        {
            throw PlatformRefusals.InvalidRequest.Field("name", "must have 1 to 40 of a-z, 0-9, - and _");
        }

        var json = FixedJson(request.Fixed);
        var now = clock.GetUtcNow();
        await database.TransactionAsync(
            async connection =>
            {
                await using var set = new Npgsql.NpgsqlCommand(
                    """
                    insert into shops.plans (name, percent_bps, fixed, updated_at) values ($1, $2, $3::jsonb, $4)
                    on conflict (name) do update set percent_bps = excluded.percent_bps, fixed = excluded.fixed, updated_at = excluded.updated_at
                    """,
                    connection
                );
                set.Parameters.Add(new Npgsql.NpgsqlParameter<string> { TypedValue = name });
                set.Parameters.Add(new Npgsql.NpgsqlParameter<int> { TypedValue = request.PercentBps });
                set.Parameters.Add(new Npgsql.NpgsqlParameter<string> { TypedValue = json });
                set.Parameters.Add(new Npgsql.NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
                await set.ExecuteNonQueryAsync(cancel);
                await connection.InsertAsync(
                    cancel,
                    ActivityLog.Row(
                        activity.Entry(
                            http,
                            "shops.plan_set",
                            details: new
                            {
                                plan = name,
                                request.PercentBps,
                                Fixed = request.Fixed ?? [],
                                request.Reason,
                            }
                        )
                    )
                );
                return true;
            },
            cancel
        );
        return Results.Json(Show(await db.ShopPlans.AsNoTracking().SingleAsync(plan => plan.Name == name, cancel)), Wire.Json);
    }

    private static async Task<IResult> GiveAsync(
        string id,
        ShopRequest request,
        HttpContext http,
        FlorinDb db,
        ActivityLog activity,
        Database database,
        CancellationToken cancel
    )
    {
        var key = Ids.Read(Shop.Prefix, id);
        var shop = await db.Shops.AsNoTracking().SingleOrDefaultAsync(one => one.Id == key, cancel) ?? throw PlatformRefusals.NotFound.With();
        if (!await db.ShopPlans.AnyAsync(plan => plan.Name == request.Plan, cancel))
        {
            throw ShopsRefusals.UnknownPlan.With();
        }

        await database.TransactionAsync(
            async connection =>
            {
                await using var give = new Npgsql.NpgsqlCommand("update shops.shops set plan = $2 where id = $1", connection);
                give.Parameters.Add(new Npgsql.NpgsqlParameter<Guid> { TypedValue = shop.Id });
                give.Parameters.Add(new Npgsql.NpgsqlParameter<string> { TypedValue = request.Plan });
                await give.ExecuteNonQueryAsync(cancel);
                await connection.InsertAsync(
                    cancel,
                    ActivityLog.Row(
                        activity.Entry(
                            http,
                            "shops.plan_given",
                            shop.Owner,
                            new
                            {
                                shop = id,
                                request.Plan,
                                request.Reason,
                            }
                        )
                    )
                );
                return true;
            },
            cancel
        );
        shop.Plan = request.Plan;
        return Results.Json(ShopView.Of(shop, []), Wire.Json);
    }

    /// <summary>The fixed sums as they are kept.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    internal static string FixedJson(IReadOnlyList<Amount>? sums)
    {
        var kept = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var sum in sums ?? [])
        {
            if (sum.Minor < 0 || !kept.TryAdd(sum.Currency.Code, sum.Minor))
            {
                throw PlatformRefusals.InvalidRequest.Field("fixed", "takes one sum per currency");
            }
        }

        return JsonSerializer.Serialize(kept);
    }

    private static Response Show(ShopPlan plan) =>
        new(plan.Name, plan.PercentBps, [.. plan.FixedSums.Select(sum => new Amount(sum.Value, Currency.Of(sum.Key)))]);
}
