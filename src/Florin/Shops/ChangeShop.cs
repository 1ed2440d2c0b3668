using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Florin.Activity;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Shops;

/// <summary><c>PATCH /v1/shops/{id}</c>: the owner sets name, default currency, and what cashiers may pay back. Payments made before keep the old name.</summary>
internal static class ChangeShop
{
    public sealed record Request
    {
        /// <summary>1 to 60 characters, as payers read it.</summary>
        public Optional<string> Name { get; init; }

        /// <summary>One of the currencies that are offered.</summary>
        public Optional<string> DefaultCurrency { get; init; }

        /// <summary>What a cashier may pay back of one payment in all, one amount per currency at most; in others, and with an empty list, nothing.</summary>
        public Optional<Amount[]> RefundLimits { get; init; }
    }

    public static void Map(RouteGroupBuilder routes) => routes.MapPatch("/{id}", HandleAsync).RequireAuthorization(Policies.Person).Produces<ShopView>();

    private static async Task<IResult> HandleAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        ShopDesk shops,
        Settings settings,
        Database database,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var shop = await shops.DemandOpenAsync(caller.Person, id, PayeeRole.Owner, cancel);
        var name = request.Name.Given ? Shop.CleanName(request.Name.Value) : null;
        var currency = request.DefaultCurrency.Given ? Offered(request.DefaultCurrency.Value, settings) : null;
        var limits = request.RefundLimits.Given ? LimitsOf(request.RefundLimits.Value ?? [], settings) : null;
        var details = new
        {
            shop = id,
            name,
            default_currency = currency,
            refund_limits = limits is null ? null : request.RefundLimits.Value,
        };
        await database.TransactionAsync(
            async connection =>
            {
                await using var change = new NpgsqlCommand(
                    """
                    update shops.shops set name = coalesce($2, name), default_currency = coalesce($3, default_currency),
                        refund_limits = coalesce($4, refund_limits)
                    where id = $1 and closed_at is null
                    """,
                    connection
                );
                change.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = shop.Id });
                change.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = name, NpgsqlDbType = NpgsqlDbType.Text });
                change.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = currency, NpgsqlDbType = NpgsqlDbType.Text });
                change.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = limits, NpgsqlDbType = NpgsqlDbType.Jsonb });
                if (await change.ExecuteNonQueryAsync(cancel) != 1)
                {
                    throw ShopsRefusals.ShopClosed.With();
                }

                await connection.InsertAsync(cancel, ActivityLog.Row(activity.Entry(http, "shops.changed", details: details)));
                return true;
            },
            cancel
        );
        return Results.Json(ShopView.Of((await shops.FindAsync(shop.Id, cancel))!, []), Wire.Json);
    }

    private static string Offered(string? code, Settings settings) =>
        Currency.TryParse(code, out var currency) && settings.Currencies.Contains(currency)
            ? currency.Code
            : throw PlatformRefusals.InvalidRequest.Field("default_currency", $"must be one of {string.Join(", ", settings.Currencies)}");

    private static string LimitsOf(Amount[] limits, Settings settings)
    {
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var limit in limits)
        {
            if (!settings.Currencies.Contains(limit.Currency) || !sums.TryAdd(limit.Currency.Code, limit.Minor))
            {
                throw PlatformRefusals.InvalidRequest.Field("refund_limits", $"takes one amount each in {string.Join(", ", settings.Currencies)}");
            }
        }

        return JsonSerializer.Serialize(sums.Where(sum => sum.Value > 0).ToDictionary(StringComparer.Ordinal));
    }
}
