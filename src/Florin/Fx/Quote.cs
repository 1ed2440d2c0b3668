using Florin.Money;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Fx;

/// <summary>A conversion promised to one person until it expires.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="Person">Whose.</param>
/// <param name="Conversion">Both amounts and how they come about.</param>
/// <param name="RateAt">When the rate behind it was fetched.</param>
/// <param name="CreatedAt">When it was promised.</param>
/// <param name="ExpiresAt">From this moment on it cannot be used.</param>
/// <param name="UsedBy">The posting that used it; null while it is open.</param>
public sealed record Quote(
    Guid Id,
    Guid Person,
    FxConversion Conversion,
    DateTimeOffset RateAt,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    Guid? UsedBy = null
)
{
    /// <summary>The prefix of public ids.</summary>
    public const string Prefix = "quo";

    /// <summary>The columns that <see cref="Read"/> expects, in order.</summary>
    internal const string Columns =
        "id, person, source_currency, target_currency, source_amount, target_amount, cost, spread, remainder, mid, spread_bps, "
        + "rate_at, created_at, expires_at, used_by";

    /// <summary>The insert.</summary>
    internal static readonly InsertShape<Quote> Shape = new(
        "insert into fx.quotes (id, person, source_currency, target_currency, source_amount, target_amount, cost, spread, remainder, mid, spread_bps, "
            + "rate_at, created_at, expires_at) select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        Column.Of((Quote q) => q.Id, NpgsqlDbType.Uuid),
        Column.Of((Quote q) => q.Person, NpgsqlDbType.Uuid),
        Column.Of((Quote q) => q.Conversion.Source.Currency.Code, NpgsqlDbType.Text),
        Column.Of((Quote q) => q.Conversion.Credited.Currency.Code, NpgsqlDbType.Text),
        Column.Of((Quote q) => q.Conversion.Source.Minor, NpgsqlDbType.Bigint),
        Column.Of((Quote q) => q.Conversion.Credited.Minor, NpgsqlDbType.Bigint),
        Column.Of((Quote q) => q.Conversion.Cost, NpgsqlDbType.Bigint),
        Column.Of((Quote q) => q.Conversion.Spread, NpgsqlDbType.Bigint),
        Column.Of((Quote q) => q.Conversion.Remainder, NpgsqlDbType.Bigint),
        Column.Of((Quote q) => q.Conversion.Mid, NpgsqlDbType.Numeric),
        Column.Of((Quote q) => q.Conversion.SpreadBps, NpgsqlDbType.Integer),
        Column.Of((Quote q) => q.RateAt.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((Quote q) => q.CreatedAt.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((Quote q) => q.ExpiresAt.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    /// <summary>Reads a row of <see cref="Columns"/>.</summary>
    internal static Quote Read(NpgsqlDataReader row)
    {
        var conversion = new FxConversion(
            new Amount(row.GetInt64(4), Currency.Of(row.GetString(2))),
            new Amount(row.GetInt64(5), Currency.Of(row.GetString(3))),
            row.GetInt64(6),
            row.GetInt64(7),
            row.GetInt64(8),
            row.GetDecimal(9),
            row.GetInt32(10)
        );
        return new Quote(
            row.GetGuid(0),
            row.GetGuid(1),
            conversion,
            row.GetFieldValue<DateTimeOffset>(11),
            row.GetFieldValue<DateTimeOffset>(12),
            row.GetFieldValue<DateTimeOffset>(13),
            row.GetFieldValue<Guid?>(14)
        );
    }
}
