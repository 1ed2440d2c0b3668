using Florin.Platform;
using NpgsqlTypes;

namespace Florin.Shops;

/// <summary>Somebody would like a shop.</summary>
internal sealed class ShopApplication
{
    /// <summary>The prefix of its public id.</summary>
    public const string Prefix = "sap";

    /// <summary>An admin is to look at it.</summary>
    public const string Pending = "pending";

    /// <summary>There is a shop.</summary>
    public const string Approved = "approved";

    /// <summary>There is none.</summary>
    public const string Refused = "refused";

    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>Who.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>The shop's name.</summary>
    public required string Name { get; init; }

    /// <summary>When they applied.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Pending, approved or refused.</summary>
    public required string State { get; init; }

    /// <summary>The shop that came of it.</summary>
    public Guid? ShopId { get; init; }

    /// <summary>The admin; null where it was approved by itself.</summary>
    public Guid? DecidedBy { get; init; }

    /// <summary>When it was decided.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>What the admin wrote.</summary>
    public string? Note { get; init; }

    /// <summary>Its public id.</summary>
    public string PublicId => Ids.Show(Prefix, Id);

    /// <summary>The insert.</summary>
    public static readonly InsertShape<ShopApplication> Shape = new(
        "insert into shops.applications (id, person_id, name, created_at, state, shop_id, decided_at) select * from unnest($1, $2, $3, $4, $5, $6, $7)",
        Column.Of((ShopApplication a) => a.Id, NpgsqlDbType.Uuid),
        Column.Of((ShopApplication a) => a.PersonId, NpgsqlDbType.Uuid),
        Column.Of((ShopApplication a) => a.Name, NpgsqlDbType.Text),
        Column.Of((ShopApplication a) => a.CreatedAt.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((ShopApplication a) => a.State, NpgsqlDbType.Text),
        Column.Of((ShopApplication a) => a.ShopId, NpgsqlDbType.Uuid),
        Column.Of((ShopApplication a) => a.DecidedAt?.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    /// <summary>An application that an admin is to look at, or one that is approved with its shop.</summary>
    public static ShopApplication Draw(Guid person, string name, Shop? shop, DateTimeOffset now) =>
        new()
        {
            Id = Ids.New(),
            PersonId = person,
            Name = Shop.CleanName(name),
            CreatedAt = now,
            State = shop is null ? Pending : Approved,
            ShopId = shop?.Id,
            DecidedAt = shop is null ? null : now,
        };
}

/// <summary>An application as it is answered.</summary>
/// <param name="Id"><c>sap_…</c></param>
/// <param name="Person"><c>usr_…</c></param>
/// <param name="Name">The shop's name.</param>
/// <param name="State"><c>pending</c>, <c>approved</c> or <c>refused</c>.</param>
/// <param name="Shop">The shop that came of it.</param>
/// <param name="Note">What the admin wrote.</param>
/// <param name="CreatedAt">When they applied.</param>
/// <param name="DecidedAt">When it was decided.</param>
internal sealed record ShopApplicationView(
    string Id,
    string Person,
    string Name,
    string State,
    string? Shop,
    string? Note,
    DateTimeOffset CreatedAt,
    DateTimeOffset? DecidedAt
)
{
    public static ShopApplicationView Of(ShopApplication row) =>
        new(
            row.PublicId,
            Ids.Show("usr", row.PersonId),
            row.Name,
            row.State,
            row.ShopId is { } shop ? Ids.Show(Florin.Shops.Shop.Prefix, shop) : null,
            row.Note,
            row.CreatedAt,
            row.DecidedAt
        );
}
