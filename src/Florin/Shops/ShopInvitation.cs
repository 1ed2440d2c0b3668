using System.Security.Cryptography;
using System.Text;
using Florin.Platform;
using NpgsqlTypes;

namespace Florin.Shops;

/// <summary>Somebody is asked to work in a shop, or to be its customer.</summary>
internal sealed class ShopInvitation
{
    /// <summary>The prefix of its public id.</summary>
    public const string Prefix = "inv";

    /// <summary>To work in the shop.</summary>
    public const string Cashier = "cashier";

    /// <summary>To be billed by the shop.</summary>
    public const string Customer = "customer";

    /// <summary>How long it can be accepted.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(7);

    // No letter or digit that is taken for another; five bits each.
    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private const int CodeLength = 16;

    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>By which shop.</summary>
    public required Guid ShopId { get; init; }

    /// <summary>Cashier or customer.</summary>
    public required string Kind { get; init; }

    /// <summary>As the shop typed it; null once the account is gone.</summary>
    public string? Invited { get; init; }

    /// <summary>The only person who may accept; null for whoever has the code.</summary>
    public Guid? PersonId { get; init; }

    /// <summary>Keyed hash of where it was sent.</summary>
    public required byte[] DestinationHash { get; init; }

    /// <summary>Keyed hash of the code.</summary>
    public required byte[] CodeHash { get; init; }

    /// <summary>Who invites.</summary>
    public required Guid InvitedBy { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>It cannot be accepted from then on.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset? AcceptedAt { get; init; }

    /// <summary>By whom.</summary>
    public Guid? AcceptedBy { get; init; }

    /// <summary>When the shop took it back.</summary>
    public DateTimeOffset? WithdrawnAt { get; init; }

    /// <summary>Its public id.</summary>
    public string PublicId => Ids.Show(Prefix, Id);

    /// <summary>The insert.</summary>
    public static readonly InsertShape<ShopInvitation> Shape = new(
        "insert into shops.invitations (id, shop_id, kind, invited, person_id, destination_hash, code_hash, invited_by, created_at, expires_at) "
            + "select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        Column.Of((ShopInvitation i) => i.Id, NpgsqlDbType.Uuid),
        Column.Of((ShopInvitation i) => i.ShopId, NpgsqlDbType.Uuid),
        Column.Of((ShopInvitation i) => i.Kind, NpgsqlDbType.Text),
        Column.Of((ShopInvitation i) => i.Invited, NpgsqlDbType.Text),
        Column.Of((ShopInvitation i) => i.PersonId, NpgsqlDbType.Uuid),
        Column.Of((ShopInvitation i) => i.DestinationHash, NpgsqlDbType.Bytea),
        Column.Of((ShopInvitation i) => i.CodeHash, NpgsqlDbType.Bytea),
        Column.Of((ShopInvitation i) => i.InvitedBy, NpgsqlDbType.Uuid),
        Column.Of((ShopInvitation i) => i.CreatedAt.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((ShopInvitation i) => i.ExpiresAt.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    /// <summary>A fresh code of 80 random bits, in groups of four.</summary>
    public static string NewCode() => string.Join('-', RandomNumberGenerator.GetString(Alphabet, CodeLength).Chunk(4).Select(four => new string(four)));

    /// <summary>What is kept of a code, however it was typed.</summary>
    public static byte[] HashOf(Secrets secrets, string code) => HashesOf(secrets, code)[0];

    /// <summary>What may be kept of it: made by the secret of now, or by the former one while there is one.</summary>
    public static byte[][] HashesOf(Secrets secrets, string code)
    {
        var plain = Encoding.UTF8.GetBytes([.. code.Where(char.IsAsciiLetterOrDigit).Select(char.ToUpperInvariant)]);
        return [.. secrets.Keys("shop-invitation").Select(key => HMACSHA256.HashData(key, plain))];
    }

    /// <summary>What is kept of where it was sent.</summary>
    public static byte[] HashOfDestination(Secrets secrets, string to) => Hash(secrets, "shop-invitation-destination", to.ToLowerInvariant());

    private static byte[] Hash(Secrets secrets, string purpose, string text) => HMACSHA256.HashData(secrets.Key(purpose), Encoding.UTF8.GetBytes(text));
}

/// <summary>An invitation as the shop sees it.</summary>
/// <param name="Id"><c>inv_…</c></param>
/// <param name="Kind"><c>cashier</c> or <c>customer</c>.</param>
/// <param name="Invited">As it was typed.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ExpiresAt">It cannot be accepted from then on.</param>
/// <param name="SandboxCode">The code itself, in sandbox mode and this once.</param>
internal sealed record InvitationView(string Id, string Kind, string? Invited, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, string? SandboxCode = null)
{
    public static InvitationView Of(ShopInvitation row) => new(row.PublicId, row.Kind, row.Invited, row.CreatedAt, row.ExpiresAt);
}
