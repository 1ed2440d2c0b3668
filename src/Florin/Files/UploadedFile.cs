using System.Text.Json;
using Florin.Activity;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Files;

/// <summary>A file that somebody sent, and what became of it.</summary>
internal sealed class UploadedFile
{
    /// <summary>The prefix of its public id.</summary>
    public const string Prefix = "fil";

    /// <summary>It waits or is worked on; a credit is held.</summary>
    public const string Processing = "processing";

    /// <summary>Done; the credit is spent.</summary>
    public const string Completed = "completed";

    /// <summary>It cannot be worked on; the credit was given back.</summary>
    public const string Failed = "failed";

    /// <summary>How its name stands here once it is deleted.</summary>
    public const string DeletedName = "deleted";

    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>Which credits pay for it.</summary>
    public required Guid LotId { get; init; }

    /// <summary>What is done with it.</summary>
    public required string Service { get; init; }

    /// <summary>As its owner named it, without folders.</summary>
    public required string Filename { get; init; }

    /// <summary>Bytes, above zero.</summary>
    public required long Size { get; init; }

    /// <summary>Of the bytes that arrived.</summary>
    public required byte[] Sha256 { get; init; }

    /// <summary>Its name in the storage; null once it is deleted.</summary>
    public string? Blob { get; init; }

    /// <summary>One of the three states.</summary>
    public string State { get; init; } = Processing;

    /// <summary>0 to 100 per cent.</summary>
    public short Progress { get; init; }

    /// <summary>What was found, as JSON.</summary>
    public string? Result { get; init; }

    /// <summary>Why it failed: one of <see cref="FileFault.Texts"/>.</summary>
    public string? Failure { get; init; }

    /// <summary>How often it was begun.</summary>
    public int Tries { get; init; }

    /// <summary>When it may be begun, by whoever has no lease.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Whoever works on it.</summary>
    public Guid? Lease { get; init; }

    /// <summary>When it came.</summary>
    public required DateTimeOffset UploadedAt { get; init; }

    /// <summary>When it was done or failed.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When its owner deleted it.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>The public id.</summary>
    public string PublicId => Ids.Show(Prefix, Id);

    /// <summary>The insert of new files.</summary>
    public static readonly InsertShape<UploadedFile> Shape = new(
        "insert into files.files (id, person_id, lot_id, service, filename, size, sha256, blob, due_at, uploaded_at) "
            + "select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        Column.Of((UploadedFile f) => f.Id, NpgsqlDbType.Uuid),
        Column.Of((UploadedFile f) => f.PersonId, NpgsqlDbType.Uuid),
        Column.Of((UploadedFile f) => f.LotId, NpgsqlDbType.Uuid),
        Column.Of((UploadedFile f) => f.Service, NpgsqlDbType.Text),
        Column.Of((UploadedFile f) => f.Filename, NpgsqlDbType.Text),
        Column.Of((UploadedFile f) => f.Size, NpgsqlDbType.Bigint),
        Column.Of((UploadedFile f) => f.Sha256, NpgsqlDbType.Bytea),
        Column.Of((UploadedFile f) => f.Blob, NpgsqlDbType.Text),
        Column.Of((UploadedFile f) => f.UploadedAt.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((UploadedFile f) => f.UploadedAt.UtcDateTime, NpgsqlDbType.TimestampTz)
    );
}

/// <summary>A file as it is answered.</summary>
/// <param name="Id"><c>fil_…</c></param>
/// <param name="Service">What is done with it.</param>
/// <param name="Filename">As its owner named it.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Of its bytes, hexadecimal.</param>
/// <param name="State"><c>processing</c>, <c>completed</c> or <c>failed</c>.</param>
/// <param name="Progress">0 to 100 per cent.</param>
/// <param name="Result">What was found, once it is completed: its members are the service's.</param>
/// <param name="Failure">Why it failed; the credit was given back.</param>
/// <param name="Payment">The payment whose credit it takes.</param>
/// <param name="UploadedAt">When it came.</param>
/// <param name="EndedAt">When it was done or failed.</param>
internal sealed record FileView(
    string Id,
    string Service,
    string Filename,
    long Size,
    string Sha256,
    string State,
    int Progress,
    JsonElement? Result,
    FileFailure? Failure,
    string Payment,
    DateTimeOffset UploadedAt,
    DateTimeOffset? EndedAt
)
{
    public static FileView Of(UploadedFile file) =>
        new(
            file.PublicId,
            file.Service,
            file.Filename,
            file.Size,
            Convert.ToHexStringLower(file.Sha256),
            file.State,
            file.Progress,
            file.Result is null ? null : JsonSerializer.Deserialize<JsonElement>(file.Result),
            file.Failure is null ? null : new FileFailure(file.Failure, FileFault.Texts.GetValueOrDefault(file.Failure, "")),
            Ids.Show(Payments.PaymentFact.Prefix, file.LotId),
            file.UploadedAt,
            file.EndedAt
        );
}

/// <summary>Why a file failed.</summary>
/// <param name="Code">Permanent.</param>
/// <param name="Text">One sentence for a person.</param>
internal sealed record FileFailure(string Code, string Text);

/// <summary>What files tell the outside, and the record.</summary>
internal static class FileEvents
{
    /// <summary>An event of one file for its owner.</summary>
    public static RowInsert Row<TPayload>(string topic, Guid file, Guid owner, TPayload payload) =>
        Outbox.Row(new OutboxEvent(topic, file, JsonSerializer.Serialize(payload, Wire.Json), [owner]));

    /// <summary>What the program did with a file.</summary>
    public static RowInsert Activity(ActivityLog activity, string topic, Guid owner, object details) => ActivityLog.Row(activity.Entry(topic, owner, details));
}

/// <summary>Changes of what lies in the storage.</summary>
internal static class BlobRows
{
    private const string Table = "files.blobs";

    /// <summary>A file that arrived belongs to somebody from this commit on; refused where it was given up meanwhile.</summary>
    public static RowChange Keep(string name, Guid file) =>
        new(
            "update files.blobs set state = 'kept' where name = $1 and state = 'arriving'",
            [new NpgsqlParameter<string> { TypedValue = name }],
            1,
            FilesRefusals.FileStorageUnavailable,
            Table,
            file
        );
}
