using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Activity.Pages;

/// <summary><c>/account/activity</c>: what was done by and to the reader's account.</summary>
public static class ActivityPage
{
    /// <summary>What the page shows.</summary>
    public sealed record Form
    {
        internal Page<ActivityView> Shown { get; init; } = null!;
    }

    internal static void Map(RouteGroupBuilder pages) => pages.MapGet("/activity", ShowAsync);

    private static async Task<IResult> ShowAsync(string? cursor, PageApi api)
    {
        var path = "/v1/me/activity" + (string.IsNullOrEmpty(cursor) ? "" : "?cursor=" + Uri.EscapeDataString(cursor));
        return PageAnswers.Page<ActivityRows>(new Form { Shown = await api.GetAsync<Page<ActivityView>>(path) });
    }
}
