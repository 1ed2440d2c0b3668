using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Biometrics;

/// <summary>
/// <c>GET /v1/biometrics/attempts</c>: every comparison, newest first, for staff; of one person, shop or outcome where asked. Numbers and reasons, never a
/// picture or a template.
/// </summary>
internal static class ListFaceAttempts
{
    /// <summary>A comparison as staff see it.</summary>
    /// <param name="Id"><c>fat_…</c></param>
    /// <param name="At">When.</param>
    /// <param name="Person">Whose face it was said to be, <c>usr_…</c>.</param>
    /// <param name="Till">The person at the till, <c>usr_…</c>; null where the person compared their own.</param>
    /// <param name="Shop">The payee, <c>shp_…</c>.</param>
    /// <param name="Payment"><c>pay_…</c></param>
    /// <param name="Outcome"><c>accepted</c>, or the code of the refusal.</param>
    /// <param name="Counted">Whether it is one of the wrong ones in a row.</param>
    /// <param name="Score">The cosine.</param>
    /// <param name="Threshold">What it had to reach.</param>
    /// <param name="Turn">The smallest turn the asked way, in degrees.</param>
    /// <param name="Relief">How far from flat, in parts of the eye distance.</param>
    /// <param name="Frames">How many pictures.</param>
    /// <param name="Photos">How many photos the template is the average of.</param>
    /// <param name="ModelId">The template's model.</param>
    /// <param name="TookMs">From the claim to the decision, milliseconds.</param>
    public sealed record View(
        string Id,
        DateTimeOffset At,
        string? Person,
        string? Till,
        string? Shop,
        string? Payment,
        string Outcome,
        bool Counted,
        float? Score,
        float? Threshold,
        float? Turn,
        float? Relief,
        int Frames,
        int? Photos,
        string? ModelId,
        int TookMs
    );

    public static void Map(RouteGroupBuilder biometrics) => biometrics.MapGet("/attempts", HandleAsync);

    private static async Task<Page<View>> HandleAsync(
        string? person,
        string? shop,
        string? outcome,
        int? limit,
        string? cursor,
        FlorinDb db,
        CancellationToken cancel
    )
    {
        var page = PageRequest.Read(limit, cursor);
        Guid? who = person is null ? null : Ids.Read("usr", person);
        Guid? where = shop is null ? null : Ids.Read("shp", shop);
        var rows = await db
            .FaceAttempts.AsNoTracking()
            .Where(attempt => who == null || attempt.PersonId == who)
            .Where(attempt => where == null || attempt.ShopId == where)
            .Where(attempt => outcome == null || attempt.Outcome == outcome)
            .Where(attempt => page.Before == null || attempt.Id < page.Before)
            .OrderByDescending(attempt => attempt.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, attempt => attempt.Id, Of);
    }

    internal static View Of(FaceAttempt row) =>
        new(
            Ids.Show(FaceAttempt.Prefix, row.Id),
            row.At,
            Show("usr", row.PersonId),
            Show("usr", row.Till),
            Show("shp", row.ShopId),
            Show("pay", row.PaymentId),
            row.Outcome,
            row.Counted,
            row.Score,
            row.Threshold,
            row.Turn,
            row.Relief,
            row.Frames,
            row.Photos,
            row.ModelId,
            row.TookMs
        );

    private static string? Show(string prefix, Guid? id) => id is { } one ? Ids.Show(prefix, one) : null;
}
