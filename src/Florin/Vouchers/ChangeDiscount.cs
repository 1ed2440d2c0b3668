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
        var discount = await db.VoucherDiscounts.AsNoTracking().SingleOrDefaultAsync(one => one.Id == key, cancel) ?? throw PlatformRefusals.NotFound.With();
        Apply(discount, request);
        var entry = activity.Entry(http, "vouchers.discount_changed", details: new { discount = id, change = request });
        await database.TransactionAsync(
            async connection =>
            {
                await using var change = new NpgsqlCommand(
                    """
                    update vouchers.discounts set description = $2, valid_from = $3, valid_until = $4, max_uses = $5, max_per_person = $6, active = $7
                    where id = $1
                    """,
                    connection
                );
                change.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = discount.Id });
                change.Parameters.Add(new NpgsqlParameter<string> { TypedValue = discount.Description });
                change.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = discount.ValidFrom.UtcDateTime });
                change.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = discount.ValidUntil.UtcDateTime });
                change.Parameters.Add(new NpgsqlParameter { Value = discount.MaxUses ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
                change.Parameters.Add(new NpgsqlParameter { Value = discount.MaxPerPerson ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
                change.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = discount.Active });
                await change.ExecuteNonQueryAsync(cancel);
                await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                return true;
            },
            cancel
        );
        return Results.Json(VoucherDiscountView.Of(await db.VoucherDiscounts.AsNoTracking().SingleAsync(one => one.Id == key, cancel)), Wire.Json);
    }

    private static void Apply(VoucherDiscount discount, Request request)
    {
        discount.Description = request.Description.Given ? VoucherType.CleanText("description", request.Description.Value, 0, 200) : discount.Description;
        discount.ValidFrom = request.ValidFrom.Or(discount.ValidFrom);
        discount.ValidUntil = request.ValidUntil.Or(discount.ValidUntil);
        discount.MaxUses = Limit("max_uses", request.MaxUses.Or(discount.MaxUses));
        discount.MaxPerPerson = Limit("max_per_person", request.MaxPerPerson.Or(discount.MaxPerPerson));
        discount.Active = request.Active.Or(discount.Active);
        if (discount.ValidUntil <= discount.ValidFrom)
        {
            throw PlatformRefusals.InvalidRequest.Field("valid_until", "must be later than valid_from");
        }
    }

    private static int? Limit(string field, int? limit) => limit is { } most ? VoucherType.Within(field, most, 1, 1_000_000_000) : null;
}
