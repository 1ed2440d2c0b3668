using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using NpgsqlTypes;

namespace Florin.Vouchers;

/// <summary><c>POST /v1/voucher-types</c>: an admin puts something new into the shop window.</summary>
internal static class CreateVoucherType
{
    /// <param name="Code">Its permanent name for programs: 1 to 50 of a-z, 0-9 and _.</param>
    /// <param name="Name">As buyers read it, 1 to 100 characters.</param>
    /// <param name="Prices">One above zero per currency.</param>
    /// <param name="ServiceType">Who verifies this service redeems it; the code where not given.</param>
    /// <param name="Description">What it is good for, up to 2,000 characters.</param>
    /// <param name="ValidityDays">1 to 3,650.</param>
    /// <param name="Uses">1 to 1,000.</param>
    /// <param name="Stock">How many can be sold; any number where not given.</param>
    /// <param name="Active">Whether it is sold from now on.</param>
    public sealed record Request(
        [property: StringLength(50)] string Code,
        [property: StringLength(100)] string Name,
        [property: MaxLength(20)] IReadOnlyList<Amount> Prices,
        [property: StringLength(50)] string? ServiceType = null,
        [property: StringLength(2000)] string? Description = null,
        [property: Range(1, 3650)] int ValidityDays = 30,
        [property: Range(1, 1000)] int Uses = 1,
        [property: Range(0, 1_000_000_000)] int? Stock = null,
        bool Active = true
    );

    /// <summary>The insert of types.</summary>
    internal static readonly InsertShape<VoucherType> Shape = new(
        "insert into vouchers.types (id, code, name, description, service_type, prices, validity_days, uses, stock, active, created_at, updated_at) "
            + "select u.a, u.b, u.c, u.d, u.e, u.f, u.g, u.h, u.i, u.j, u.k, u.k from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
            + "u(a, b, c, d, e, f, g, h, i, j, k)",
        Column.Of((VoucherType t) => t.Id, NpgsqlDbType.Uuid),
        Column.Of((VoucherType t) => t.Code, NpgsqlDbType.Text),
        Column.Of((VoucherType t) => t.Name, NpgsqlDbType.Text),
        Column.Of((VoucherType t) => t.Description, NpgsqlDbType.Text),
        Column.Of((VoucherType t) => t.ServiceType, NpgsqlDbType.Text),
        Column.Of((VoucherType t) => t.Prices, NpgsqlDbType.Jsonb),
        Column.Of((VoucherType t) => t.ValidityDays, NpgsqlDbType.Integer),
        Column.Of((VoucherType t) => t.Uses, NpgsqlDbType.Integer),
        Column.Of((VoucherType t) => t.Stock, NpgsqlDbType.Integer),
        Column.Of((VoucherType t) => t.Active, NpgsqlDbType.Boolean),
        Column.Of((VoucherType t) => t.CreatedAt.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    /// <summary>The constraint that a second type with a code breaks.</summary>
    internal const string CodeConstraint = "types_code_key";

    public static void Map(RouteGroupBuilder types) => types.MapPost("", HandleAsync).RequireAuthorization(Policies.Admin).Produces<VoucherTypeView>(201);

    private static async Task<IResult> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        GeneralLedger ledger,
        ActivityLog activity,
        TimeProvider clock
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        var code = VoucherType.CleanCode("code", request.Code);
        var now = clock.GetUtcNow();
        var type = new VoucherType
        {
            Id = Ids.New(),
            Code = code,
            Name = VoucherType.CleanText("name", request.Name, 1, 100),
            Description = VoucherType.CleanText("description", request.Description, 0, 2000),
            ServiceType = request.ServiceType is null ? code : VoucherType.CleanCode("service_type", request.ServiceType),
            Prices = VoucherType.PricesOf(request.Prices),
            ValidityDays = request.ValidityDays,
            Uses = request.Uses,
            Stock = request.Stock,
            Active = request.Active,
            CreatedAt = now,
            UpdatedAt = now,
        };
        var view = VoucherTypeView.Of(type);
        var commit = new LedgerCommit
        {
            Key = key,
            Inserts =
            {
                Shape.Row(type),
                ActivityLog.Row(
                    activity.Entry(
                        http,
                        "vouchers.type_created",
                        details: new
                        {
                            type = view.Id,
                            view.Code,
                            view.Prices,
                        }
                    )
                ),
            },
            Constraints = { [CodeConstraint] = VouchersRefusals.TypeExists },
            Complete = _ => Answer.Json(201, view),
        };
        return (await ledger.CommitAsync(commit)).Required;
    }
}
