using System.Security.Cryptography;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Biometrics;

/// <summary>
/// Knows the files that paid or enrolled of late, by keyed hash: a camera never gives the same file twice, so one that comes again is a replay. The hash says
/// nothing about the picture.
/// </summary>
internal sealed class SeenPictures(Database database, Secrets secrets, TimeProvider clock)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);
    private readonly IReadOnlyList<byte[]> keys = secrets.Keys("face-seen"); // a change of the secret must not make old files new

    /// <summary>Whether two of these are one file, or another call had one of them.</summary>
    public async Task<bool> AnyAsync(IReadOnlyList<byte[]> pictures, Guid call, CancellationToken cancel)
    {
        var hashes = HashesOf(pictures);
        if (hashes.Select(Convert.ToHexString).Distinct(StringComparer.Ordinal).Count() < hashes.Length)
        {
            return true;
        }

        await using var command = database.Source.CreateCommand(
            "select exists (select from biometrics.seen_pictures where hash = any($1) and seen_by <> $2 and expires_at > $3)"
        );
        command.Parameters.Add(
            new NpgsqlParameter<byte[][]> { TypedValue = [.. keys.SelectMany(key => pictures.Select(picture => HMACSHA256.HashData(key, picture)))] }
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = call });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        return await command.ExecuteScalarAsync(cancel) is true;
    }

    /// <summary>Remembers them, in the caller's transaction; false where another call was faster with one of them.</summary>
    public async Task<bool> RememberAsync(NpgsqlConnection connection, IReadOnlyList<byte[]> pictures, Guid call)
    {
        var hashes = HashesOf(pictures);
        Array.Sort(hashes, static (one, other) => one.AsSpan().SequenceCompareTo(other)); // two calls lock them in one order
        await using var insert = new NpgsqlCommand(
            """
            insert into biometrics.seen_pictures as s (hash, seen_by, expires_at) select unnest($1), $2, $3
            on conflict (hash) do update set seen_by = excluded.seen_by, expires_at = excluded.expires_at where s.seen_by = excluded.seen_by or s.expires_at <= $4
            """,
            connection
        );
        var now = clock.GetUtcNow().UtcDateTime;
        insert.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = hashes, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = call });
        insert.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now + Kept });
        insert.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now });
        return await insert.ExecuteNonQueryAsync(CancellationToken.None) == hashes.Length;
    }

    private byte[][] HashesOf(IReadOnlyList<byte[]> pictures) => [.. pictures.Select(picture => HMACSHA256.HashData(keys[0], picture))];
}
