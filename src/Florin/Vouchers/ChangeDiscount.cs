using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Vouchers;

/// <summary>
/// Discounts for staff: <c>GET /v1/voucher-discounts</c> lists them, newest first; <c>PATCH /v1/voucher-discounts/{id}</c> changes when, how often and
/// whether one can be used. What it takes off never changes; make another one.
/// </summary>
internal static class ChangeDiscount
{
    public sealed record Request
    {
        /// <summary>Up to 200 characters.</summary>
        public Optional<string> Description { get; init; }

        /// <summary>From when on.</summary>
        public Optional<DateTimeOffset> ValidFrom { get; init; }

        /// <summary>Until before when.</summary>
        public Optional<DateTimeOffset> ValidUntil { get; init; }

        /// <summary>In how many purchases; null for any number.</summary>
        public Optional<int?> MaxUses { get; init; }

        /// <summary>In how many of one person; null for any number.</summary>
        public Optional<int?> MaxPerPerson { get; init; }

        /// <summary>Whether it can be used.</summary>
        public Optional<bool> Active { get; init; }
    }

    // What is not given stays as it is, also where somebody else changes it at this moment.
    private const string Change = """
        update vouchers.discounts set description = coalesce($2, description), valid_from = coalesce($3, valid_from),
            valid_until = coalesce($4, valid_until), max_uses = case when $5 then $6 else max_uses end,
            max_per_person = case when $7 then $8 else max_per_person end, active = coalesce($9, active)
        where id = $1 and coalesce($4, valid_until) > coalesce($3, valid_from)
        """;

    public static void Map(RouteGroupBuilder discounts)
    {
        discounts.MapGet("", ListAsync).RequireAuthorization(Policies.Staff);
        discounts.MapPatch("/{id}", HandleAsync).RequireAuthorization(Policies.Admin).Produces<VoucherDiscountView>();
    }

    private static async Task<Page<VoucherDiscountView>> ListAsync(int? limit, string? cursor, FlorinDb db, CancellationToken cancel)
    {
        var page = PageRequest.Read(limit, cursor);
        var rows = await db
            .VoucherDiscounts.AsNoTracking()
            .Where(one => page.Before == null || one.Id < page.Before)
            .OrderByDescending(one => one.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, one => one.Id, VoucherDiscountView.Of);
    }

    private static async Task<IResult> HandleAsync(
        string id,
        Request request,
        HttpContext http,
        FlorinDb db,
        Database database,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var key = Ids.Read(VoucherDiscount.Prefix, id);
        if (!await db.VoucherDiscounts.AnyAsync(one => one.Id == key, cancel))
        {
            throw PlatformRefusals.NotFound.With();
        }

        var values = ValuesOf(key, request);
        var entry = activity.Entry(http, "vouchers.discount_changed", details: new { discount = id, change = request });
        await database.TransactionAsync(
            async connection =>
            {
                await using var change = new NpgsqlCommand(Change, connection);
                change.Parameters.AddRange(values);
                if (await change.ExecuteNonQueryAsync(cancel) != 1)
                {
                    throw PlatformRefusals.InvalidRequest.Field("valid_until", "must be later than valid_from");
                }

                await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                return true;
            },
            cancel
        );
        return Results.Json(VoucherDiscountView.Of(await db.VoucherDiscounts.AsNoTracking().SingleAsync(one => one.Id == key, cancel)), Wire.Json);
    }

    private static NpgsqlParameter[] ValuesOf(Guid id, Request request) =>
        [
            new NpgsqlParameter<Guid> { TypedValue = id },
            Value(request.Description.Given ? VoucherType.CleanText("description", request.Description.Value, 0, 200) : null, NpgsqlDbType.Text),
            Value(request.ValidFrom.Given ? request.ValidFrom.Value.UtcDateTime : null, NpgsqlDbType.TimestampTz),
            Value(request.ValidUntil.Given ? request.ValidUntil.Value.UtcDateTime : null, NpgsqlDbType.TimestampTz),
            Value(request.MaxUses.Given, NpgsqlDbType.Boolean),
            Value(Limit("max_uses", request.MaxUses.Value), NpgsqlDbType.Integer),
            Value(request.MaxPerPerson.Given, NpgsqlDbType.Boolean),
            Value(Limit("max_per_person", request.MaxPerPerson.Value), NpgsqlDbType.Integer),
            Value(request.Active.Given ? request.Active.Value : null, NpgsqlDbType.Boolean),
        ];

    private static NpgsqlParameter Value(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };

    private static int? Limit(string field, int? limit) => limit is { } most ? VoucherType.Within(field, most, 1, 1_000_000_000) : null;
}
