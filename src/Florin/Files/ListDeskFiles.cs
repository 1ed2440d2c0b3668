using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Files;

/// <summary><c>GET /v1/files/desk</c>: everybody's files for staff, newest first, all or of one <c>state</c>: names and why they failed, never what is in them.</summary>
internal static class ListDeskFiles
{
    /// <param name="Id"><c>fil_…</c></param>
    /// <param name="Person">Whose, <c>usr_…</c></param>
    /// <param name="Service">What is done with it.</param>
    /// <param name="Filename">As its owner named it.</param>
    /// <param name="Size">Bytes.</param>
    /// <param name="State"><c>processing</c>, <c>completed</c> or <c>failed</c>.</param>
    /// <param name="Progress">0 to 100 per cent.</param>
    /// <param name="Tries">How often it was begun.</param>
    /// <param name="Failure">Why it failed; the credit was given back.</param>
    /// <param name="UploadedAt">When it came.</param>
    /// <param name="EndedAt">When it was done or failed.</param>
    public sealed record Response(
        string Id,
        string Person,
        string Service,
        string Filename,
        long Size,
        string State,
        int Progress,
        int Tries,
        FileFailure? Failure,
        DateTimeOffset UploadedAt,
        DateTimeOffset? EndedAt
    );

    /// <summary>What may be asked for.</summary>
    public static readonly string[] States = [UploadedFile.Failed, UploadedFile.Processing, UploadedFile.Completed];

    public static void Map(RouteGroupBuilder files) => files.MapGet("/desk", HandleAsync).RequireAuthorization(Policies.Staff);

    private static async Task<Page<Response>> HandleAsync(int? limit, string? cursor, string? state, FlorinDb db, CancellationToken cancel)
    {
        var page = PageRequest.Read(limit, cursor);
        var files = db.UploadedFiles.AsNoTracking().Where(file => file.DeletedAt == null && (page.Before == null || file.Id < page.Before));
        files = state switch
        {
            null => files,
            UploadedFile.Failed => files.Where(file => file.State == UploadedFile.Failed), // a constant, for which there is an index
            _ when States.Contains(state, StringComparer.Ordinal) => files.Where(file => file.State == state),
            _ => throw PlatformRefusals.InvalidRequest.Field("state", "must be one of " + string.Join(", ", States)),
        };
        var rows = await files.OrderByDescending(file => file.Id).Take(page.Limit + 1).ToListAsync(cancel);
        return page.Of(rows, file => file.Id, Show);
    }

    private static Response Show(UploadedFile file)
    {
        var view = FileView.Of(file);
        return new Response(
            view.Id,
            Ids.Show("usr", file.PersonId),
            view.Service,
            view.Filename,
            view.Size,
            view.State,
            view.Progress,
            file.Tries,
            view.Failure,
            view.UploadedAt,
            view.EndedAt
        );
    }
}
