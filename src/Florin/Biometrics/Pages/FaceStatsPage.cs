using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Biometrics.Pages;

/// <summary><c>/admin/faces</c>: how faces were accepted and refused: numbers and reasons, never a picture.</summary>
public static class FaceStatsPage
{
    /// <summary>What is shown.</summary>
    public sealed record Shown
    {
        internal ShowFaceStats.Response Stats { get; init; } = null!;

        internal Page<ListFaceAttempts.View> Attempts { get; init; } = new([], null);
    }

    internal static void Map(RouteGroupBuilder pages) => pages.MapGet("/faces", ShowAsync);

    private static async Task<IResult> ShowAsync(string? cursor, PageApi api) =>
        PageAnswers.Page<FaceStats>(
            new Shown
            {
                Stats = await api.GetAsync<ShowFaceStats.Response>("/v1/biometrics/stats?days=30"),
                Attempts = await api.GetAsync<Page<ListFaceAttempts.View>>(StaffForms.Query("/v1/biometrics/attempts", ("limit", "30"), ("cursor", cursor))),
            }
        );
}
