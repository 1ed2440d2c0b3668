using System.Security.Cryptography;
using System.Text.Json;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Biometrics;

/// <summary>A person's template and what is known of it. The template itself is sealed by a key of its own, and that by the installation's secret.</summary>
internal sealed class EnrolledFace
{
    /// <summary>Whose.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>This enrolment; another one has another id and another key.</summary>
    public required Guid FaceId { get; init; }

    /// <summary>AES-256-GCM under the person's key.</summary>
    public required byte[] Template { get; init; }

    /// <summary>The key, sealed by the installation's secret.</summary>
    public required byte[] Key { get; init; }

    /// <summary>What made the template.</summary>
    public required string ModelId { get; init; }

    /// <summary>How many photos it is the average of, 1 to 5.</summary>
    public required int Photos { get; init; }

    /// <summary>The shop that made it; null where the person did.</summary>
    public Guid? ShopId { get; init; }

    /// <summary>When the person showed that what a shop made is of them.</summary>
    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <summary>Above it the PIN is needed too, by currency code, in minor units, as JSON.</summary>
    public string Limits { get; init; } = "{}";

    /// <summary>When.</summary>
    public required DateTimeOffset EnrolledAt { get; init; }

    /// <summary>What the person agreed to, or a shop says that they did; null where nobody did.</summary>
    public LiveConsent? Consent { get; init; }

    /// <summary>Wrong faces in a row.</summary>
    public int Wrong { get; init; }

    /// <summary>When the last face was compared.</summary>
    public DateTimeOffset? LastTryAt { get; init; }

    /// <summary>The insert of a template.</summary>
    public static readonly InsertShape<EnrolledFace> Shape = new(
        "insert into biometrics.faces (person_id, face_id, template, model_id, photos, made_by, shop_id, limits, enrolled_at) "
            + "select v.a, v.b, v.c, v.d, v.e, case when v.f is null then 'person' else 'shop' end, v.f, v.g, v.h "
            + "from unnest($1, $2, $3, $4, $5, $6, $7, $8) v(a, b, c, d, e, f, g, h)",
        Column.Of((EnrolledFace f) => f.PersonId, NpgsqlDbType.Uuid),
        Column.Of((EnrolledFace f) => f.FaceId, NpgsqlDbType.Uuid),
        Column.Of((EnrolledFace f) => f.Template, NpgsqlDbType.Bytea),
        Column.Of((EnrolledFace f) => f.ModelId, NpgsqlDbType.Text),
        Column.Of((EnrolledFace f) => f.Photos, NpgsqlDbType.Integer),
        Column.Of((EnrolledFace f) => f.ShopId, NpgsqlDbType.Uuid),
        Column.Of((EnrolledFace f) => f.Limits, NpgsqlDbType.Jsonb),
        Column.Of((EnrolledFace f) => f.EnrolledAt.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    /// <summary>The insert of its key.</summary>
    public static readonly InsertShape<EnrolledFace> KeyShape = new(
        "insert into biometrics.keys (face_id, sealed) select * from unnest($1, $2)",
        Column.Of((EnrolledFace f) => f.FaceId, NpgsqlDbType.Uuid),
        Column.Of((EnrolledFace f) => f.Key, NpgsqlDbType.Bytea)
    );

    /// <summary>
    /// Whether it may be compared. What a shop made of somebody opens the account that the shop made, on its word, until the account is claimed; from then
    /// on only what the person made, or confirmed with their own face.
    /// </summary>
    /// <param name="claimed">Whether the account is the person's own.</param>
    public bool IsActive(bool claimed) => Consent is { } consent && (ShopId is null || ConfirmedAt is not null || (consent.ShopId is not null && !claimed));

    /// <summary>What the person set that it pays without the PIN, in minor units by currency code; <see cref="FaceLimits"/> knows what holds.</summary>
    public IReadOnlyDictionary<string, long> OwnLimits => JsonSerializer.Deserialize<Dictionary<string, long>>(Limits)!;

    /// <summary>Makes a template with a key of its own from described photos.</summary>
    public static EnrolledFace Draw(Guid person, Guid? shop, IReadOnlyList<FaceDescription> photos, string limits, Secrets secrets, DateTimeOffset now)
    {
        var id = Ids.New();
        var model = photos[0].ModelId;
        Span<byte> key = stackalloc byte[32];
        RandomNumberGenerator.Fill(key);
        var vector = FaceVectors.Bytes(FaceVectors.Average([.. photos.Select(photo => photo.Faces[0].Embedding)]));
        var face = new EnrolledFace
        {
            PersonId = person,
            FaceId = id,
            Template = Secrets.Encrypt(key, vector, ContextOf(person, id, model)),
            Key = secrets.Encrypt(key, KeyContextOf(id)),
            ModelId = model,
            Photos = photos.Count,
            ShopId = shop,
            Limits = limits,
            EnrolledAt = now,
        };
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(vector);
        return face;
    }

    /// <summary>Whether a picture was described by the model that made the template; of another one it says nothing.</summary>
    public bool IsOfModel(FaceDescription picture) => string.Equals(picture.ModelId, ModelId, StringComparison.Ordinal);

    /// <summary>Opens it for a comparison.</summary>
    /// <exception cref="CryptographicException">It was changed, or belongs to somebody else.</exception>
    public FaceTemplate Open(Secrets secrets)
    {
        var key = secrets.Decrypt(Key, KeyContextOf(FaceId));
        var vector = Secrets.Decrypt(key, Template, ContextOf(PersonId, FaceId, ModelId));
        CryptographicOperations.ZeroMemory(key);
        return new FaceTemplate(FaceVectors.Read(vector), Photos, ModelId);
    }

    private static string ContextOf(Guid person, Guid face, string model) => $"biometrics.template {person:N} {face:N} {model}";

    /// <summary>For <c>./florin rotate-keys</c>.</summary>
    public static SealedColumn SealedKey => new("biometrics.keys", "sealed", ["face_id"], static row => KeyContextOf(Guid.Parse(row[0])));

    private static string KeyContextOf(Guid face) => $"biometrics.key {face:N}";
}

/// <summary>A consent that was not withdrawn.</summary>
/// <param name="Version">Of the text.</param>
/// <param name="ShopId">The shop that says that the person agreed; null where the person did.</param>
/// <param name="At">When.</param>
internal sealed record LiveConsent(string Version, Guid? ShopId, DateTimeOffset At);

/// <summary>A consent as a row.</summary>
/// <param name="Person">Who agrees.</param>
/// <param name="Version">To which text.</param>
/// <param name="Shop">The shop that says so; null where the person does.</param>
/// <param name="AttestedBy">Who says so there.</param>
/// <param name="At">When.</param>
internal sealed record ConsentRow(Guid Person, string Version, Guid? Shop, Guid? AttestedBy, DateTimeOffset At)
{
    /// <summary>The insert.</summary>
    public static readonly InsertShape<ConsentRow> Shape = new(
        "insert into biometrics.consents (id, person_id, version, given_by, shop_id, attested_by, given_at) "
            + "select v.a, v.b, v.c, case when v.d is null then 'person' else 'shop' end, v.d, v.e, v.f from unnest($1, $2, $3, $4, $5, $6) v(a, b, c, d, e, f)",
        Column.Of((ConsentRow c) => c.Id, NpgsqlDbType.Uuid),
        Column.Of((ConsentRow c) => c.Person, NpgsqlDbType.Uuid),
        Column.Of((ConsentRow c) => c.Version, NpgsqlDbType.Text),
        Column.Of((ConsentRow c) => c.Shop, NpgsqlDbType.Uuid),
        Column.Of((ConsentRow c) => c.AttestedBy, NpgsqlDbType.Uuid),
        Column.Of((ConsentRow c) => c.At.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; } = Ids.New();
}
