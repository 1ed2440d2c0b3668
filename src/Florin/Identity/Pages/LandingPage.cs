using Florin.Platform.Pages;

namespace Florin.Identity.Pages;

/// <summary>Somebody to try Florin as, in sandbox mode. Registered by the demo.</summary>
/// <param name="Username">Their login.</param>
/// <param name="Password">Their password; known to everybody.</param>
/// <param name="Text">Who they are, in English.</param>
/// <param name="Icon">A name of Tabler's outline icons.</param>
public sealed record DemoPerson(string Username, string Password, string Text, string Icon);

/// <summary><c>/</c>: what this is; signed-in people are led to their own first page.</summary>
public static class LandingPage
{
    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/", Show).AllowAnonymous();
        pages.MapPost("/demo", SignInAsync).AllowAnonymous();
    }

    private static IResult Show(PageContext page, IEnumerable<NavigationLink> links) =>
        page.Caller is { } caller && links.Where(link => link.Roles.Any(caller.Is)).MinBy(link => link.Order) is { } home
            ? PageAnswers.Go(home.Path)
            : PageAnswers.Page<Landing>();

    private static async Task<IResult> SignInAsync(IFormCollection form, PageContext page, PageApi api, PageSessions sessions, IEnumerable<DemoPerson> people)
    {
        var username = form["username"].ToString();
        if (people.FirstOrDefault(one => string.Equals(one.Username, username, StringComparison.Ordinal)) is not { } person)
        {
            return PageAnswers.Go("/");
        }

        var body = new
        {
            login = person.Username,
            password = person.Password,
            device = SignInPage.DeviceOf(page.Http),
        };
        var signedIn = await api.SendAsync<SessionAnswer>("POST", "/v1/sessions", body);
        await sessions.AdoptAsync(page.Http, signedIn.RefreshToken, page.Http.RequestAborted);
        return PageAnswers.Go("/");
    }
}
