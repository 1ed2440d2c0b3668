using Florin.Activity;
using Florin.Money;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Vouchers;

/// <summary>
/// <c>PATCH /v1/voucher-types/{id}</c>: an admin changes what is sold from now on, and <c>DELETE</c> takes it out of the shop window for ever. What was
/// sold stays as it was.
/// </summary>
internal static class ChangeVoucherType
{
    public sealed record Request
    {
        /// <summary>1 to 100 characters.</summary>
        public Optional<string> Name { get; init; }

        /// <summary>Up to 2,000 characters.</summary>
        public Optional<string> Description { get; init; }

        /// <summary>Who verifies this service redeems what is sold from now on.</summary>
        public Optional<string> ServiceType { get; init; }

        /// <summary>One above zero per currency; they take the place of all that there are.</summary>
        public Optional<Amount[]> Prices { get; init; }

        /// <summary>1 to 3,650.</summary>
        public Optional<int> ValidityDays { get; init; }

        /// <summary>1 to 1,000.</summary>
        public Optional<int> Uses { get; init; }

        /// <summary>How many can still be sold; null for any number.</summary>
        public Optional<int?> Stock { get; init; }

        /// <summary>Whether it is sold.</summary>
        public Optional<bool> Active { get; init; }
    }

    private const string Change = """
        update vouchers.types set name = coalesce($2, name), description = coalesce($3, description), service_type = coalesce($4, service_type),
            prices = coalesce($5, prices), validity_days = coalesce($6, validity_days), uses = coalesce($7, uses),
            stock = case when $8 then $9 else stock end, active = coalesce($10, active), updated_at = $11
        where id = $1 and retired_at is null
        """;

    public static void Map(RouteGroupBuilder types)
    {
        types.MapPatch("/{id}", HandleAsync).RequireAuthorization(Policies.Admin).Produces<VoucherTypeView>();
        types.MapDelete("/{id}", RetireAsync).RequireAuthorization(Policies.Admin).Produces(204);
    }

    private static async Task<IResult> HandleAsync(
        string id,
        Request request,
        HttpContext http,
        FlorinDb db,
        Database database,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var type = await ListVoucherTypes.FindAsync(id, db, cancel);
        var values = ValuesOf(type.Id, request, clock.GetUtcNow());
        var entry = activity.Entry(http, "vouchers.type_changed", details: new { type = type.PublicId, change = request });
        await database.TransactionAsync(
            async connection =>
            {
                await using var change = new NpgsqlCommand(Change, connection);
                change.Parameters.AddRange(values);
                if (await change.ExecuteNonQueryAsync(cancel) != 1)
                {
                    throw PlatformRefusals.NotFound.With();
                }

                await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                return true;
            },
            cancel
        );
        return Results.Json(VoucherTypeView.Of(await ListVoucherTypes.FindAsync(id, db, cancel)), Wire.Json);
    }

    private static NpgsqlParameter[] ValuesOf(Guid id, Request request, DateTimeOffset now)
    {
        var stock = request.Stock.Value is { } left ? VoucherType.Within("stock", left, 0, 1_000_000_000) : (int?)null;
        return
        [
            new NpgsqlParameter<Guid> { TypedValue = id },
            Text(request.Name.Given ? VoucherType.CleanText("name", request.Name.Value, 1, 100) : null),
            Text(request.Description.Given ? VoucherType.CleanText("description", request.Description.Value, 0, 2000) : null),
            Text(request.ServiceType.Given ? VoucherType.CleanCode("service_type", request.ServiceType.Value) : null),
            new NpgsqlParameter<string?>
            {
                TypedValue = request.Prices.Given ? VoucherType.PricesOf(request.Prices.Value) : null,
                NpgsqlDbType = NpgsqlDbType.Jsonb,
            },
            Number(request.ValidityDays.Given ? VoucherType.Within("validity_days", request.ValidityDays.Value, 1, 3650) : null),
            Number(request.Uses.Given ? VoucherType.Within("uses", request.Uses.Value, 1, 1000) : null),
            new NpgsqlParameter<bool> { TypedValue = request.Stock.Given },
            Number(stock),
            new NpgsqlParameter { Value = request.Active.Given ? request.Active.Value : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Boolean },
            new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime },
        ];
    }

    private static async Task<IResult> RetireAsync(
        string id,
        HttpContext http,
        FlorinDb db,
        Database database,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var type = await ListVoucherTypes.FindAsync(id, db, cancel);
        var entry = activity.Entry(http, "vouchers.type_retired", details: new { type = type.PublicId });
        await database.TransactionAsync(
            async connection =>
            {
                await using var retire = new NpgsqlCommand(
                    "update vouchers.types set active = false, retired_at = $2, updated_at = $2 where id = $1 and retired_at is null",
                    connection
                );
                retire.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = type.Id });
                retire.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
                if (await retire.ExecuteNonQueryAsync(cancel) == 1)
                {
                    await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                }

                return true;
            },
            cancel
        );
        return Results.NoContent();
    }

    private static NpgsqlParameter<string?> Text(string? text) => new NpgsqlParameter<string?> { TypedValue = text, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Number(int? number) => new() { Value = number ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer };
}
