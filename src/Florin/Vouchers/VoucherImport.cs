using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using NpgsqlTypes;

namespace Florin.Vouchers;

/// <summary>A voucher type of another system.</summary>
/// <param name="Code">Its permanent name; a type of this name that is here already stands for it.</param>
/// <param name="Name">As buyers read it.</param>
/// <param name="Description">What it is good for.</param>
/// <param name="Price">Above zero.</param>
/// <param name="ValidityDays">1 to 3650.</param>
/// <param name="Uses">1 to 1000.</param>
/// <param name="Active">Whether it is sold.</param>
public sealed record ImportedVoucherType(string Code, string Name, string Description, Amount Price, int ValidityDays, int Uses, bool Active);

/// <summary>A voucher of another system.</summary>
/// <param name="Type">From <see cref="VoucherImport.AddTypeAsync"/>.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="Code">12 digits and capitals; it is redeemed by it here too.</param>
/// <param name="Price">When it was sold.</param>
/// <param name="Paid">What was paid for it, in the same currency; nothing for what was given away.</param>
/// <param name="Used">How often it was redeemed.</param>
/// <param name="IssuedAt">When it was sold.</param>
/// <param name="ExpiresAt">It cannot be redeemed from then on.</param>
/// <param name="LastUsedAt">When it was redeemed last.</param>
/// <param name="Ended">Whether it was called off there.</param>
public sealed record ImportedVoucher(
    Guid Type,
    Guid Owner,
    string Code,
    Amount Price,
    long Paid,
    int Used,
    DateTimeOffset IssuedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? LastUsedAt,
    bool Ended
);

/// <summary>Voucher types and vouchers that come from another system, within an import's commit.</summary>
public sealed class VoucherImport
{
    /// <summary>The constraint that a voucher's code breaks which is taken.</summary>
    public const string CodeConstraint = "vouchers_code_key";

    private static readonly InsertShape<VoucherType> TypeShape = new(
        "insert into vouchers.types (id, code, name, description, service_type, prices, validity_days, uses, active, created_at, updated_at) "
            + "select u.a, u.b, u.c, u.d, u.b, u.e, u.f, u.g, u.h, u.i, u.i from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) u(a, b, c, d, e, f, g, h, i)",
        Column.Of((VoucherType t) => t.Id, NpgsqlDbType.Uuid),
        Column.Of((VoucherType t) => t.Code, NpgsqlDbType.Text),
        Column.Of((VoucherType t) => t.Name, NpgsqlDbType.Text),
        Column.Of((VoucherType t) => t.Description, NpgsqlDbType.Text),
        Column.Of((VoucherType t) => t.Prices, NpgsqlDbType.Jsonb),
        Column.Of((VoucherType t) => t.ValidityDays, NpgsqlDbType.Integer),
        Column.Of((VoucherType t) => t.Uses, NpgsqlDbType.Integer),
        Column.Of((VoucherType t) => t.Active, NpgsqlDbType.Boolean),
        Column.Of((VoucherType t) => t.CreatedAt.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    private static readonly InsertShape<Voucher> Shape = new(
        "insert into vouchers.vouchers (id, type_id, payment_id, place, bought_by, name, service_type, currency, price, paid, uses, issued_at, code, owner, "
            + "state, uses_left, expires_at, last_used_at, ended_at) "
            + "select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        Column.Of((Voucher v) => v.Id, NpgsqlDbType.Uuid),
        Column.Of((Voucher v) => v.TypeId, NpgsqlDbType.Uuid),
        Column.Of((Voucher v) => v.PaymentId, NpgsqlDbType.Uuid),
        Column.Of((Voucher v) => v.Place, NpgsqlDbType.Integer),
        Column.Of((Voucher v) => v.BoughtBy, NpgsqlDbType.Uuid),
        Column.Of((Voucher v) => v.Name, NpgsqlDbType.Text),
        Column.Of((Voucher v) => v.ServiceType, NpgsqlDbType.Text),
        Column.Of((Voucher v) => v.Currency, NpgsqlDbType.Text),
        Column.Of((Voucher v) => v.Price, NpgsqlDbType.Bigint),
        Column.Of((Voucher v) => v.Paid, NpgsqlDbType.Bigint),
        Column.Of((Voucher v) => v.Uses, NpgsqlDbType.Integer),
        Column.Of((Voucher v) => v.IssuedAt.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((Voucher v) => v.Code, NpgsqlDbType.Text),
        Column.Of((Voucher v) => v.Owner, NpgsqlDbType.Uuid),
        Column.Of((Voucher v) => v.State, NpgsqlDbType.Text),
        Column.Of((Voucher v) => v.UsesLeft, NpgsqlDbType.Integer),
        Column.Of((Voucher v) => v.ExpiresAt.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((Voucher v) => v.LastUsedAt?.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((Voucher v) => v.EndedAt?.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    private readonly FlorinDb db;
    private readonly HouseAccounts house;
    private readonly TimeProvider clock;

    internal VoucherImport(FlorinDb db, HouseAccounts house, TimeProvider clock)
    {
        this.db = db;
        this.house = house;
        this.clock = clock;
    }

    /// <summary>Whether this can be a voucher's code.</summary>
    public static bool IsCode(string text) => VoucherCode.IsCode(text);

    /// <summary>Which of these codes are vouchers' already.</summary>
    public async Task<IReadOnlyList<string>> TakenAsync(IReadOnlyCollection<string> codes, CancellationToken cancel) =>
        await db.Vouchers.Where(one => codes.Contains(one.Code)).Select(one => one.Code).ToListAsync(cancel);

    /// <summary>Makes a commit add a type, where there is none of its name.</summary>
    /// <returns>Its id.</returns>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public async Task<Guid> AddTypeAsync(LedgerCommit commit, ImportedVoucherType type, CancellationToken cancel)
    {
        var code = VoucherType.CleanCode("type_code", type.Code);
        if (await db.VoucherTypes.AsNoTracking().SingleOrDefaultAsync(one => one.Code == code, cancel) is { } there)
        {
            return there.Id;
        }

        var row = new VoucherType
        {
            Id = Ids.New(),
            Code = code,
            Name = VoucherType.CleanText("name", type.Name, 1, 100),
            Description = VoucherType.CleanText("description", type.Description.ReplaceLineEndings("\n"), 0, 2000),
            ServiceType = code,
            Prices = VoucherType.PricesOf([type.Price]),
            ValidityDays = VoucherType.Within("validity_days", type.ValidityDays, 1, 3650),
            Uses = VoucherType.Within("usage_limit", type.Uses, 1, 1000),
            Active = type.Active,
            CreatedAt = clock.GetUtcNow(),
            UpdatedAt = clock.GetUtcNow(),
        };
        commit.Inserts.Add(TypeShape.Row(row));
        return row.Id;
    }

    /// <summary>Makes a commit add a voucher.</summary>
    /// <returns>Its id, the liability's account, and what that grows by; the caller posts it to there.</returns>
    public async Task<(Guid Voucher, long Account, long Minor)> AddAsync(
        LedgerCommit commit,
        ImportedVoucher voucher,
        ImportedVoucherType type,
        CancellationToken cancel
    )
    {
        var now = clock.GetUtcNow();
        var left = Math.Max(0, type.Uses - voucher.Used);
        var state =
            left == 0 ? VoucherStates.Used
            : voucher.Ended || voucher.ExpiresAt <= now ? VoucherStates.Expired
            : VoucherStates.Active;
        var row = new Voucher
        {
            Id = Ids.New(),
            TypeId = voucher.Type,
            PaymentId = Ids.New(), // paid elsewhere: nothing here can be paid back
            Place = 1,
            BoughtBy = voucher.Owner,
            Name = VoucherType.CleanText("name", type.Name, 1, 100),
            ServiceType = type.Code,
            Currency = voucher.Price.Currency.Code,
            Price = voucher.Price.Minor,
            Paid = voucher.Paid,
            Uses = type.Uses,
            IssuedAt = voucher.IssuedAt,
            Code = voucher.Code,
            Owner = voucher.Owner,
            State = state,
            UsesLeft = left,
            ExpiresAt = voucher.ExpiresAt,
            LastUsedAt = voucher.LastUsedAt,
            EndedAt = state is VoucherStates.Active ? null : now,
        };
        commit.Inserts.Add(Shape.Row(row));
        commit.Inserts.Add(VoucherHistory.Row(row.Id, VoucherHistory.Issued, row.IssuedAt, row.UsesLeft));
        var account = await house.IdAsync(HouseAccount.VoucherLiability, voucher.Price.Currency, cancel);
        return (row.Id, account, state is VoucherStates.Active ? row.Held(left) : 0);
    }
}
