namespace Florin.Platform.Pages;

/// <summary>The reader chooses language and colours; kept in cookies, since signed-out readers choose too.</summary>
internal static class ChangePreferences
{
    public static void Map(RouteGroupBuilder pages) => pages.MapPost("/preferences", Change).AllowAnonymous();

    private static IResult Change(IFormCollection form, PageContext page)
    {
        var language = form["language"].ToString();
        if (PageTexts.Languages.Any(one => string.Equals(one.Name, language, StringComparison.Ordinal)))
        {
            page.KeepLanguage(language);
        }

        if (form["theme"].ToString() is "dark" or "light" or "auto")
        {
            page.KeepTheme(form["theme"].ToString());
        }

        return PageAnswers.Go(form["back"]);
    }
}
