using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Identity.Pages;

/// <summary><c>/account/data</c>: everything that is kept of the person as a file, and the end of the account.</summary>
public static class MyDataPage
{
    /// <summary>What the page shows.</summary>
    public sealed record Form(PageRefusal? Refused = null);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/data", static () => PageAnswers.Page<MyData>(new Form()));
        pages.MapGet("/data/export", (PageApi api) => api.PassAsync("/v1/me/export")).LimitRate(RateLimit.Guessing);
        pages.MapPost("/data/delete", DeleteAsync).LimitRate(RateLimit.Guessing);
    }

    private static async Task<IResult> DeleteAsync(IFormCollection form, PageContext page, PageApi api)
    {
        try
        {
            await api.SendAsync("DELETE", "/v1/me", new { password = form["password"].ToString() });
            PageSessions.Forget(page.Http);
            return PageAnswers.Go("/");
        }
        catch (PageRefusal refused)
        {
            return PageAnswers.Page<MyData>(new Form(refused), StatusCodes.Status422UnprocessableEntity);
        }
    }
}
