using Florin.Identity;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Shops;

/// <summary>Whom a shop may bill. A person may be the customer of many shops, none of which sees the others.</summary>
internal sealed class ShopCustomer
{
    /// <summary>UUIDv7; orders the list.</summary>
    public required Guid Id { get; init; }

    /// <summary>Which shop.</summary>
    public required Guid ShopId { get; init; }

    /// <summary>Who.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The insert.</summary>
    public static readonly InsertShape<ShopCustomer> Shape = new(
        "insert into shops.customers (id, shop_id, person_id, since) select * from unnest($1, $2, $3, $4)",
        Column.Of((ShopCustomer c) => c.Id, NpgsqlDbType.Uuid),
        Column.Of((ShopCustomer c) => c.ShopId, NpgsqlDbType.Uuid),
        Column.Of((ShopCustomer c) => c.PersonId, NpgsqlDbType.Uuid),
        Column.Of((ShopCustomer c) => c.Since.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    /// <summary>Somebody becomes a customer in the caller's transaction; where they are one, nothing happens.</summary>
    public static async Task AddAsync(NpgsqlConnection connection, Guid shop, Guid person, DateTimeOffset now, CancellationToken cancel)
    {
        await using var add = new NpgsqlCommand(
            "insert into shops.customers (id, shop_id, person_id, since) values ($1, $2, $3, $4) on conflict on constraint customers_once do nothing",
            connection
        );
        add.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Ids.New() });
        add.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = shop });
        add.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        add.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        await add.ExecuteNonQueryAsync(cancel);
    }
}

/// <summary>A customer as the shop sees them.</summary>
/// <param name="Id"><c>usr_…</c></param>
/// <param name="DisplayName">What others see.</param>
/// <param name="Username">A login.</param>
/// <param name="FirstName">Empty where not given.</param>
/// <param name="LastName">Empty where not given.</param>
/// <param name="Email">Only of a customer whom this shop made, until they claim the account.</param>
/// <param name="Phone">Only of a customer whom this shop made, until they claim the account.</param>
/// <param name="Claimed">Whether the account is their own; false while they have the password that a shop made.</param>
/// <param name="Since">When they became one.</param>
/// <param name="Invitation">Just made without a password: how they set one.</param>
/// <param name="Face">Just made with pictures: what became of them.</param>
internal sealed record CustomerView(
    string Id,
    string DisplayName,
    string? Username,
    string FirstName,
    string LastName,
    string? Email,
    string? Phone,
    bool Claimed,
    DateTimeOffset Since,
    PasswordInvitation? Invitation = null,
    CustomerFaceView? Face = null
)
{
    // Whoever agreed to be billed did not agree to be written to.
    public static CustomerView Of(ShopCustomer row, Person person)
    {
        var made = person.CreatedByShop == row.ShopId && !person.Claimed;
        return new(
            person.PublicId,
            person.DisplayName,
            person.Username,
            person.FirstName,
            person.LastName,
            made ? person.Email : null,
            made ? person.Phone : null,
            person.Claimed,
            row.Since
        );
    }
}

/// <summary>What became of pictures of a customer's face.</summary>
/// <param name="Active">Whether they can pay by face at once; else when they have agreed themselves, signed in.</param>
internal sealed record CustomerFaceView(bool Active);
