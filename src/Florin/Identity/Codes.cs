using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Identity;

/// <summary>A code that was made: the number goes out by a message, the id to the caller.</summary>
/// <param name="Id">The code's row.</param>
/// <param name="Digits">Six digits. Never logged.</param>
/// <param name="ExpiresAt">Not valid from then on.</param>
internal sealed record NewCode(Guid Id, string Digits, DateTimeOffset ExpiresAt)
{
    /// <summary>The code for the answer: only where this is a sandbox.</summary>
    public string? Shown(Settings settings) => settings.Sandbox ? Digits : null;
}

/// <summary>A code whose digits were right. It is not consumed yet: <see cref="Codes.ConsumeAsync"/> does that, with the effect.</summary>
/// <param name="Id">The code's row.</param>
/// <param name="Payload">What was kept with it, opened.</param>
internal sealed record RightCode(Guid Id, byte[] Payload)
{
    /// <summary>Reads the payload.</summary>
    public T Read<T>() => JsonSerializer.Deserialize<T>(Payload, Wire.Json)!;
}

/// <summary>
/// Six-digit codes (A4): 5 minutes, 5 tries, stored as a keyed hash that is bound to id and purpose, consumed once.
/// What is to happen when the code is right is kept with it, encrypted.
/// </summary>
internal sealed class Codes(Database database, Secrets secrets, TimeProvider clock)
{
    /// <summary>How long a code is valid.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>Wrong tries after which a code is worth nothing.</summary>
    public const int Tries = 5;

    // One address or number gets no more messages than this, whoever asks.
    private const int PerDestination = 10;
    private static readonly TimeSpan DestinationWindow = TimeSpan.FromHours(1);

    /// <summary>Makes a code and its row. The row is inserted by the command, in the transaction that queues the message.</summary>
    /// <param name="purpose">What it is good for, such as <c>registration</c>.</param>
    /// <param name="person">Whose it is; null for people who are not signed in.</param>
    /// <param name="channel">How it is sent.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="payload">What happens when the code is right.</param>
    /// <param name="life">How long it is valid; <see cref="Lifetime"/> where not given.</param>
    public (NewCode Code, NpgsqlBatchCommand Insert) New<T>(
        string purpose,
        Guid? person,
        MessageChannel channel,
        string destination,
        T payload,
        TimeSpan? life = null
    )
    {
        var now = clock.GetUtcNow();
        var code = new NewCode(Ids.New(), RandomNumberGenerator.GetInt32(1_000_000).ToString("D6", null), now + (life ?? Lifetime));
        var insert = new NpgsqlBatchCommand(
            "insert into identity.codes (id, purpose, person_id, channel, destination_hash, code_hash, payload, created_at, expires_at) "
                + "values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        );
        insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = code.Id });
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = purpose });
        insert.Parameters.Add(new() { Value = (object?)person ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = channel == MessageChannel.Sms ? "sms" : "email" });
        insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = HashOf(destination) });
        insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = HashOf(code.Id, purpose, code.Digits) });
        insert.Parameters.Add(
            new NpgsqlParameter<byte[]> { TypedValue = secrets.Encrypt(JsonSerializer.SerializeToUtf8Bytes(payload, Wire.Json), Context(purpose, code.Id)) }
        );
        insert.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        insert.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = code.ExpiresAt.UtcDateTime });
        return (code, insert);
    }

    /// <summary>Refuses where one address or number was sent too many codes within the hour, asked for by anybody.</summary>
    /// <exception cref="Refusal"><c>rate_limited</c></exception>
    public async Task RequireQuietAsync(string destination, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select count(*) from identity.codes where destination_hash = $1 and created_at > $2");
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = HashOf(destination) });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (clock.GetUtcNow() - DestinationWindow).UtcDateTime });
        if ((long)(await command.ExecuteScalarAsync(cancel))! >= PerDestination)
        {
            throw new Refusal(PlatformRefusals.RateLimited) { RetryAfterSeconds = (int)DestinationWindow.TotalSeconds };
        }
    }

    /// <summary>Counts a try and compares. The try counts whatever happens then.</summary>
    /// <exception cref="Refusal"><c>code_not_valid</c> for a wrong, used, expired or exhausted code, or one of another purpose or person</exception>
    public async Task<RightCode> TryAsync(Guid id, string purpose, Guid? person, string digits, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            update identity.codes set tries = tries + 1
            where id = $1 and purpose = $2 and person_id is not distinct from $3 and consumed_at is null and tries < $4 and expires_at > $5
            returning code_hash, payload
            """
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = purpose });
        command.Parameters.Add(new() { Value = (object?)person ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Tries });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        if (
            !await reader.ReadAsync(cancel)
            || !CryptographicOperations.FixedTimeEquals(reader.GetFieldValue<byte[]>(0), HashOf(id, purpose, digits))
            || await reader.IsDBNullAsync(1, cancel)
        )
        {
            throw IdentityRefusals.CodeNotValid.With();
        }

        return new RightCode(id, secrets.Decrypt(reader.GetFieldValue<byte[]>(1), Context(purpose, id)));
    }

    /// <summary>Consumes a right code, in the transaction of its effect, once: of many at the same time one gets through.</summary>
    /// <exception cref="Refusal"><c>code_not_valid</c> where it was consumed meanwhile</exception>
    public async Task ConsumeAsync(NpgsqlConnection connection, RightCode code, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            "update identity.codes set consumed_at = $2, payload = null where id = $1 and consumed_at is null",
            connection
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = code.Id });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        if (await command.ExecuteNonQueryAsync(cancel) != 1)
        {
            throw IdentityRefusals.CodeNotValid.With();
        }
    }

    private byte[] HashOf(string destination) =>
        HMACSHA256.HashData(secrets.Key("code-destination"), Encoding.UTF8.GetBytes(destination.ToLowerInvariant()))[..16];

    private byte[] HashOf(Guid id, string purpose, string digits) =>
        HMACSHA256.HashData(secrets.Key("code"), Encoding.UTF8.GetBytes($"{id:N} {purpose} {digits}"));

    /// <summary>For <c>./florin rotate-keys</c>.</summary>
    internal static SealedColumn Sealed => new("identity.codes", "payload", ["purpose", "id"], static row => Context(row[0], Guid.Parse(row[1])));

    private static string Context(string purpose, Guid id) => $"identity.codes/{purpose}/{id:N}";
}
