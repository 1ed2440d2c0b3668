using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Platform;

/// <summary>Keeps a request's member out of the hash that tells two bodies apart under one key, and out of logs: PINs, passwords, pictures.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : Attribute;

/// <summary>The caller's promise that two calls with this key are one call.</summary>
/// <param name="Owner">Whose key it is; keys of different people never meet.</param>
/// <param name="Key">1 to 255 printable ASCII characters.</param>
/// <param name="RequestHash">Keyed hash of method, path and body without secrets.</param>
public sealed record IdempotencyKey(Guid Owner, string Key, byte[] RequestHash)
{
    /// <summary>What it is kept under: the first 128 bits of SHA-256 over owner and key.</summary>
    public Guid Id { get; } = Digest(Owner, Key);

    private static Guid Digest(Guid owner, string key)
    {
        Span<byte> text = stackalloc byte[16 + 255 * 3];
        owner.TryWriteBytes(text);
        var length = 16 + System.Text.Encoding.UTF8.GetBytes(key, text[16..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], hash);
        return new Guid(hash[..16]);
    }
}

/// <summary>An answer as it goes over the wire and as it is kept under a key, byte for byte.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">UTF-8 JSON, or null where the answer is not kept: it held a secret, or its person's account has ended.</param>
/// <param name="Replayed">Whether it is the answer of an earlier call.</param>
public sealed record Answer(int Status, byte[]? Body, bool Replayed = false) : IResult
{
    /// <summary>An answer with this JSON body.</summary>
    public static Answer Json<T>(int status, T body) => new(status, JsonSerializer.SerializeToUtf8Bytes(body, Wire.Json));

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        if (Body is null)
        {
            throw PlatformRefusals.AnswerNotKept.With();
        }

        httpContext.Response.StatusCode = Status;
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        httpContext.Response.ContentLength = Body.Length;
        if (Replayed)
        {
            httpContext.Response.Headers["Idempotency-Replayed"] = "true";
        }

        await httpContext.Response.Body.WriteAsync(Body, httpContext.RequestAborted);
    }
}

/// <summary>An answer to keep under a key.</summary>
/// <param name="Key">Whose key, and the hash of the request.</param>
/// <param name="Answer">What was answered; its body is null where it holds a secret.</param>
/// <param name="At">When.</param>
public sealed record KeptRow(IdempotencyKey Key, Answer Answer, DateTimeOffset At);

/// <summary>An answer that was kept under a key.</summary>
/// <param name="RequestHash">The hash of the request that it answered.</param>
/// <param name="Answer">The answer, marked as replayed.</param>
public sealed record KeptAnswer(byte[] RequestHash, Answer Answer);

/// <summary>Reads keys from requests and answers from the table. The ledger's commit writes them.</summary>
public sealed class Idempotency(Database database, Secrets secrets)
{
    /// <summary>The header's name.</summary>
    public const string Header = "Idempotency-Key";

    /// <summary>The insert of kept answers. A key that is there already is an error (23505), which tells two servers with one key apart.</summary>
    public static readonly InsertShape<KeptRow> Shape = new(
        "insert into platform.idempotency (id, owner, request_hash, status, body, created_at) select * from unnest($1, $2, $3, $4, $5, $6)",
        Column.Of((KeptRow k) => k.Key.Id, NpgsqlDbType.Uuid),
        Column.Of((KeptRow k) => k.Key.Owner, NpgsqlDbType.Uuid),
        Column.Of((KeptRow k) => k.Key.RequestHash, NpgsqlDbType.Bytea),
        Column.Of((KeptRow k) => (short)k.Answer.Status, NpgsqlDbType.Smallint),
        Column.Of((KeptRow k) => k.Answer.Body, NpgsqlDbType.Bytea),
        Column.Of((KeptRow k) => k.At.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    /// <summary>The primary key of kept answers, as an error names it.</summary>
    public const string KeyConstraint = "idempotency_pkey";

    private static readonly JsonSerializerOptions Canonical = new(Wire.Json)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutSecrets } },
    };

    /// <summary>The key of a request whose route demands one.</summary>
    /// <exception cref="Refusal"><c>idempotency_key_missing</c></exception>
    public IdempotencyKey Require<TRequest>(HttpContext http, Guid owner, TRequest request) =>
        Read(http, owner, request) ?? throw PlatformRefusals.IdempotencyKeyMissing.With();

    /// <summary>The key of a request whose route takes one and does not demand it.</summary>
    /// <exception cref="Refusal"><c>idempotency_key_missing</c> where the header is there and malformed</exception>
    public IdempotencyKey? Read<TRequest>(HttpContext http, Guid owner, TRequest request)
    {
        var key = http.Request.Headers[Header].ToString();
        if (key.Length == 0)
        {
            return null;
        }

        if (key.Length > 255 || key.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw PlatformRefusals.IdempotencyKeyMissing.With();
        }

        var kept = new IdempotencyKey(owner, key, HashOf(http.Request, request));
        http.Features.Set(kept);
        return kept;
    }

    /// <summary>The statement that looks up kept answers; <see cref="ReadAsync"/> reads its result.</summary>
    public static NpgsqlBatchCommand Lookup(Guid[] ids) =>
        new("select id, request_hash, status, body from platform.idempotency where id = any($1)")
        {
            Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = ids } },
        };

    /// <summary>Reads the result of <see cref="Lookup"/>: answers by <see cref="IdempotencyKey.Id"/>.</summary>
    public static async Task<Dictionary<Guid, KeptAnswer>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancel)
    {
        var kept = new Dictionary<Guid, KeptAnswer>();
        while (await reader.ReadAsync(cancel))
        {
            var body = await reader.IsDBNullAsync(3, cancel) ? null : reader.GetFieldValue<byte[]>(3);
            kept.Add(reader.GetGuid(0), new KeptAnswer(reader.GetFieldValue<byte[]>(1), new Answer(reader.GetInt16(2), body, Replayed: true)));
        }

        return kept;
    }

    /// <summary>The kept answer of an earlier call with this key, if there is one.</summary>
    /// <exception cref="Refusal"><c>idempotency_key_reused</c> where that call was another request</exception>
    public async Task<Answer?> FindAsync(IdempotencyKey key, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { Lookup([key.Id]) } };
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        if (!(await ReadAsync(reader, cancel)).TryGetValue(key.Id, out var kept))
        {
            return null;
        }

        return CryptographicOperations.FixedTimeEquals(kept.RequestHash, key.RequestHash) ? kept.Answer : throw PlatformRefusals.IdempotencyKeyReused.With();
    }

    private byte[] HashOf<TRequest>(HttpRequest http, TRequest request)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secrets.RequestHashKey);
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{http.Method} {http.Path.Value}\n"));
        try
        {
            hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(request, Canonical));
        }
        catch (JsonException)
        {
            // Free JSON in a request is read as it came; what holds half a surrogate pair is no text.
            throw PlatformRefusals.InvalidRequest.With("A text in it has half a character.");
        }

        return hash.GetHashAndReset()[..16];
    }

    private static void LeaveOutSecrets(JsonTypeInfo type)
    {
        for (var i = type.Properties.Count - 1; i >= 0; i--)
        {
            if (type.Properties[i].AttributeProvider?.IsDefined(typeof(SecretAttribute), inherit: true) == true)
            {
                type.Properties.RemoveAt(i);
            }
        }
    }
}
