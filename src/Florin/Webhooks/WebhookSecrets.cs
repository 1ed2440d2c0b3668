using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Florin.Platform;
using NpgsqlTypes;

namespace Florin.Webhooks;

/// <summary>A secret as it is stored.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="Endpoint">Whose deliveries it signs.</param>
/// <param name="Sealed">Encrypted.</param>
/// <param name="CreatedAt">Made at.</param>
internal sealed record StoredSecret(Guid Id, Guid Endpoint, byte[] Sealed, DateTimeOffset CreatedAt);

/// <summary>
/// Secrets of endpoints: 256 random bits, shown once as <c>whsec_</c> and Base64, kept encrypted; and the signatures of Standard Webhooks 1.0
/// that are made with them.
/// </summary>
internal sealed class WebhookSecrets(Secrets secrets, TimeProvider clock)
{
    /// <summary>How every secret begins.</summary>
    public const string Start = "whsec_";

    /// <summary>How long a replaced secret signs beside the new one.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    private static readonly InsertShape<StoredSecret> Shape = new(
        "insert into webhooks.secrets (id, endpoint_id, sealed, created_at) select * from unnest($1, $2, $3, $4)",
        Column.Of((StoredSecret s) => s.Id, NpgsqlDbType.Uuid),
        Column.Of((StoredSecret s) => s.Endpoint, NpgsqlDbType.Uuid),
        Column.Of((StoredSecret s) => s.Sealed, NpgsqlDbType.Bytea),
        Column.Of((StoredSecret s) => s.CreatedAt.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    /// <summary>A fresh secret and the row to keep of it.</summary>
    public (string Shown, RowInsert Row) New(Guid endpoint)
    {
        var key = RandomNumberGenerator.GetBytes(32);
        var row = new StoredSecret(Ids.New(), endpoint, secrets.Encrypt(key, Context(endpoint)), clock.GetUtcNow());
        return (Start + Convert.ToBase64String(key), Shape.Row(row));
    }

    /// <summary>The <c>webhook-signature</c> header: one signature a secret.</summary>
    /// <param name="endpoint">Whose secrets these are.</param>
    /// <param name="sealedSecrets">As stored.</param>
    /// <param name="id">The <c>webhook-id</c>.</param>
    /// <param name="timestamp">The <c>webhook-timestamp</c>.</param>
    /// <param name="body">The bytes sent.</param>
    public string Sign(Guid endpoint, IEnumerable<byte[]> sealedSecrets, string id, long timestamp, byte[] body)
    {
        var head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}."));
        byte[] signed = [.. head, .. body];
        return string.Join(
            ' ',
            sealedSecrets.Select(one => "v1," + Convert.ToBase64String(HMACSHA256.HashData(secrets.Decrypt(one, Context(endpoint)), signed)))
        );
    }

    /// <summary>For <c>./florin rotate-keys</c>.</summary>
    public static SealedColumn Sealed => new("webhooks.secrets", "sealed", ["endpoint_id"], static row => Context(Guid.Parse(row[0])));

    private static string Context(Guid endpoint) => "webhooks.secret/" + endpoint.ToString("N");
}
