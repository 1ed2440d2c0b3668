using System.Text.Json;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Files;

/// <summary>A file as staff see it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Person">Whose.</param>
/// <param name="Filename">As its owner named it.</param>
/// <param name="State"><c>processing</c>, <c>completed</c> or <c>failed</c>.</param>
/// <param name="WordCount">What was counted, where words were.</param>
/// <param name="UploadedAt">When it came.</param>
public sealed record FileRow(Guid Id, Guid Person, string Filename, string State, long? WordCount, DateTimeOffset UploadedAt);

/// <summary>Files for other modules, without their contents.</summary>
public sealed class FileDesk(FlorinDb db)
{
    /// <summary>The newest files of one person, or, for staff, of all.</summary>
    /// <param name="person">Whose; null for everybody's: the caller asked who may see that.</param>
    /// <param name="most">How many.</param>
    /// <param name="cancel">Stops reading.</param>
    public async Task<IReadOnlyList<FileRow>> NewestAsync(Guid? person, int most, CancellationToken cancel)
    {
        var rows = await db
            .UploadedFiles.AsNoTracking()
            .Where(file => file.DeletedAt == null && (person == null || file.PersonId == person))
            .OrderByDescending(file => file.Id)
            .Take(most)
            .ToListAsync(cancel);
        return rows.ConvertAll(Show);
    }

    /// <summary>These files, deleted ones too, under the name that they have now.</summary>
    public async Task<IReadOnlyDictionary<Guid, FileRow>> FindAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancel)
    {
        var rows = await db.UploadedFiles.AsNoTracking().Where(file => ids.Contains(file.Id)).ToListAsync(cancel);
        return rows.ConvertAll(Show).ToDictionary(file => file.Id);
    }

    private static FileRow Show(UploadedFile file) => new(file.Id, file.PersonId, file.Filename, file.State, WordsOf(file.Result), file.UploadedAt);

    private static long? WordsOf(string? result) =>
        result is not null && JsonSerializer.Deserialize<JsonElement>(result).TryGetProperty("words", out var words) && words.TryGetInt64(out var count)
            ? count
            : null;
}
