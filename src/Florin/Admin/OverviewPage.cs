using Florin.Platform.Pages;

namespace Florin.Admin;

/// <summary><c>/admin</c>: how the house stands.</summary>
public static class OverviewPage
{
    internal static void Map(RouteGroupBuilder pages) => pages.MapGet("", Show);

    private static IResult Show() => PageAnswers.Page<OverviewView>();
}
