using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Florin.Activity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Vouchers;

/// <summary><c>POST /v1/voucher-discounts</c>: an admin makes a discount.</summary>
internal static class CreateDiscount
{
    /// <param name="Code">What buyers type: 3 to 50 of A-Z, 0-9, - and _; small letters count as capitals.</param>
    /// <param name="ValidFrom">From when on.</param>
    /// <param name="ValidUntil">Until before when.</param>
    /// <param name="PercentBps">A share of the whole in hundredths of a per cent, 1 to 10,000; or <paramref name="Amounts"/>.</param>
    /// <param name="Amounts">A sum off the whole, one above zero per currency.</param>
    /// <param name="Types">For which types, <c>vty_…</c>; for all where not given.</param>
    /// <param name="MaxUses">In how many purchases; in any number where not given.</param>
    /// <param name="MaxPerPerson">In how many of one person; null for any number.</param>
    /// <param name="Description">For staff, up to 200 characters.</param>
    public sealed record Request(
        [property: StringLength(50)] string Code,
        DateTimeOffset ValidFrom,
        DateTimeOffset ValidUntil,
        [property: Range(1, 10_000)] int? PercentBps = null,
        [property: MaxLength(20)] IReadOnlyList<Amount>? Amounts = null,
        [property: MaxLength(100)] IReadOnlyList<string>? Types = null,
        [property: Range(1, 1_000_000_000)] int? MaxUses = null,
        [property: Range(1, 1_000_000)] int? MaxPerPerson = 1,
        [property: StringLength(200)] string? Description = null
    );

    public static void Map(RouteGroupBuilder discounts) =>
        discounts.MapPost("", HandleAsync).RequireAuthorization(Policies.Admin).Produces<VoucherDiscountView>(201);

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
        if (request.PercentBps is null == request.Amounts is null)
        {
            throw PlatformRefusals.InvalidRequest.Field("percent_bps", "give either percent_bps or amounts");
        }

        if (request.ValidUntil <= request.ValidFrom)
        {
            throw PlatformRefusals.InvalidRequest.Field("valid_until", "must be later than valid_from");
        }

        var discount = new VoucherDiscount
        {
            Id = Ids.New(),
            Code = VoucherDiscount.Clean(request.Code) ?? throw PlatformRefusals.InvalidRequest.Field("code", "must have 3 to 50 of A-Z, 0-9, - and _"),
            Description = VoucherType.CleanText("description", request.Description, 0, 200),
            PercentBps = request.PercentBps,
            Amounts = request.Amounts is null ? null : SumsOf(request.Amounts),
            Types = request.Types is null ? null : await TypesOf(request.Types, db, cancel),
            ValidFrom = request.ValidFrom,
            ValidUntil = request.ValidUntil,
            MaxUses = request.MaxUses,
            MaxPerPerson = request.MaxPerPerson,
            Active = true,
            CreatedAt = clock.GetUtcNow(),
        };
        var view = VoucherDiscountView.Of(discount);
        var commit = new LedgerCommit
        {
            Key = key,
            Rows = { Insert(discount) },
            Inserts = { ActivityLog.Row(activity.Entry(http, "vouchers.discount_created", details: view)) },
            Constraints = { ["discounts_code_key"] = VouchersRefusals.DiscountExists },
            Complete = _ => Answer.Json(201, view),
        };
        return (await ledger.CommitAsync(commit)).Required;
    }

    private static RowChange Insert(VoucherDiscount discount) =>
        new(
            """
            insert into vouchers.discounts (id, code, description, percent_bps, amounts, types, valid_from, valid_until, max_uses, max_per_person, uses, active,
                created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, true, $11)
            """,
            [
                new NpgsqlParameter<Guid> { TypedValue = discount.Id },
                new NpgsqlParameter<string> { TypedValue = discount.Code },
                new NpgsqlParameter<string> { TypedValue = discount.Description },
                new NpgsqlParameter { Value = discount.PercentBps ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer },
                new NpgsqlParameter<string?> { TypedValue = discount.Amounts, NpgsqlDbType = NpgsqlDbType.Jsonb },
                new NpgsqlParameter<Guid[]?> { TypedValue = discount.Types, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
                new NpgsqlParameter<DateTime> { TypedValue = discount.ValidFrom.UtcDateTime },
                new NpgsqlParameter<DateTime> { TypedValue = discount.ValidUntil.UtcDateTime },
                new NpgsqlParameter { Value = discount.MaxUses ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer },
                new NpgsqlParameter { Value = discount.MaxPerPerson ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer },
                new NpgsqlParameter<DateTime> { TypedValue = discount.CreatedAt.UtcDateTime },
            ],
            1,
            LedgerRefusals.AlreadyDone,
            "vouchers.discounts",
            discount.Id
        );

    private static string SumsOf(IReadOnlyList<Amount> amounts)
    {
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
        return amounts.Count > 0 && amounts.All(amount => amount.Minor > 0 && sums.TryAdd(amount.Currency.Code, amount.Minor))
            ? JsonSerializer.Serialize(sums)
            : throw PlatformRefusals.InvalidRequest.Field("amounts", "takes one sum above zero per currency");
    }

    private static async Task<Guid[]> TypesOf(IReadOnlyList<string> types, FlorinDb db, CancellationToken cancel)
    {
        var ids = types.Select(type => Ids.TryRead(VoucherType.Prefix, type, out var id) ? id : Guid.Empty).Distinct().ToArray();
        return ids.Length > 0 && await db.VoucherTypes.CountAsync(type => ids.Contains(type.Id), cancel) == ids.Length
            ? ids
            : throw PlatformRefusals.InvalidRequest.Field("types", "must be ids of voucher types, at least one");
    }
}
