namespace Florin.Platform.Pages;

/// <summary><c>/dev/ui</c>, in a sandbox: the parts that pages are made of, in use, so that the next page looks the same.</summary>
internal static class UiPage
{
    public static void Map(RouteGroupBuilder pages) => pages.MapGet("/dev/ui", static () => PageAnswers.Page<UiGallery>()).AllowAnonymous();
}
