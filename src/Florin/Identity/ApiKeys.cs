using System.Collections.Concurrent;
using System.Security.Cryptography;
using Florin.Platform;
using Npgsql;

namespace Florin.Identity;

/// <summary>What a valid API key stands for.</summary>
/// <param name="Id">The key's id; it stands where a session's would.</param>
/// <param name="Person">Its owner, an active merchant.</param>
/// <param name="Scopes">What it may do, some of <see cref="ApiKeys.Scopes"/>.</param>
public sealed record ApiKeyHolder(Guid Id, Guid Person, IReadOnlyList<string> Scopes);

/// <summary>Finds who holds an API key. Keys are <c>flk_</c> and 256 random bits in hex; only their SHA-256 is stored.</summary>
public sealed class ApiKeys(Database database, TimeProvider clock)
{
    /// <summary>How every key begins, so that scanners for leaked secrets find it.</summary>
    public const string Start = "flk_";

    /// <summary>The prefix of public ids.</summary>
    internal const string IdPrefix = "key";

    private const int ShownLength = 12;
    private const int RememberedAtMost = 10_000;

    /// <summary>Every scope there is; a route that takes keys stands under <c>Policies.Scope(…)</c> of one of them.</summary>
    public static readonly IReadOnlyList<string> Scopes =
    [
        "wallets:read",
        "wallets:write",
        "payments:read",
        "payments:write",
        "refunds:write",
        "vouchers:read",
        "vouchers:write",
    ];

    // A revoked key ends within this on every server (T1).
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, (ApiKeyHolder Holder, DateTimeOffset AskedAt)> known = new(StringComparer.Ordinal);

    /// <summary>Who holds this key; null where it is unknown, revoked or expired, or its owner is no active merchant any more.</summary>
    /// <param name="key">As it was shown once.</param>
    /// <param name="cancel">Stops asking.</param>
    public async ValueTask<ApiKeyHolder?> FindAsync(string key, CancellationToken cancel)
    {
        if (key.Length != Start.Length + 64 || !key.StartsWith(Start, StringComparison.Ordinal))
        {
            return null;
        }

        var hash = Hash(key);
        var name = Convert.ToHexStringLower(hash);
        var now = clock.GetUtcNow();
        if (known.TryGetValue(name, out var kept) && now - kept.AskedAt < Remembered && now >= kept.AskedAt)
        {
            return kept.Holder;
        }

        var holder = await AskAsync(hash, now, cancel);
        if (holder is null)
        {
            known.TryRemove(name, out _);
            return null;
        }

        if (known.Count >= RememberedAtMost)
        {
            known.Clear();
        }

        known[name] = (holder, now);
        return holder;
    }

    /// <summary>A fresh key.</summary>
    internal static string New() => Start + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>What is stored of it. The key has 256 random bits, so a plain hash cannot be guessed from.</summary>
    internal static byte[] Hash(string key) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key));

    /// <summary>What its owner recognises it by.</summary>
    internal static string Shown(string key) => key[..ShownLength];

    // The time of last use is written at most once a minute.
    private async Task<ApiKeyHolder?> AskAsync(byte[] hash, DateTimeOffset now, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            with found as (
                select k.id, k.person_id, k.scopes from identity.api_keys k join identity.people p on p.id = k.person_id
                where k.hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > $2)
                    and p.deactivated_at is null and p.deleted_at is null and 'merchant' = any(p.roles)
            ), used as (
                update identity.api_keys k set last_used_at = $2 from found
                where k.id = found.id and (k.last_used_at is null or k.last_used_at <= $2 - interval '1 minute')
            )
            select id, person_id, scopes from found
            """
        );
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = hash });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? new ApiKeyHolder(reader.GetGuid(0), reader.GetGuid(1), reader.GetFieldValue<string[]>(2)) : null;
    }
}
