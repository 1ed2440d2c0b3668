using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Identity.Pages;

/// <summary><c>/register</c>: an account in two steps, the second with the code that was sent.</summary>
public static class RegisterPage
{
    /// <summary>The first step.</summary>
    public sealed record Form(string? Contact = null, string? Username = null, string? FirstName = null, string? LastName = null, PageRefusal? Refused = null)
    {
        /// <summary>Where to go afterwards.</summary>
        public string? Redirect { get; init; }
    }

    /// <summary>The second step.</summary>
    public sealed record CodeForm(string Action, string? SandboxCode, string? Redirect, bool NewPassword = false, PageRefusal? Refused = null);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/register", Show).AllowAnonymous();
        pages.MapPost("/register", StartAsync).AllowAnonymous();
        pages.MapPost("/register/{id}", VerifyAsync).AllowAnonymous();
    }

    private static IResult Show(string? redirect, PageContext page) =>
        page.Caller is not null ? PageAnswers.Go(redirect) : PageAnswers.Page<RegisterForm>(new Form { Redirect = PageAnswers.OwnPath(redirect) });

    private static async Task<IResult> StartAsync(IFormCollection form, PageContext page, PageApi api)
    {
        var contact = form["contact"].ToString().Trim();
        var shown = new Form(contact, Given(form["username"]), Given(form["first_name"]), Given(form["last_name"]))
        {
            Redirect = PageAnswers.OwnPath(form["redirect"]),
        };
        var isMail = contact.Contains('@', StringComparison.Ordinal);
        try
        {
            var started = await api.SendAsync<StartRegistration.Response>(
                "POST",
                "/v1/registrations",
                new
                {
                    password = form["password"].ToString(),
                    username = shown.Username,
                    email = isMail ? contact : null,
                    phone = isMail ? null : contact,
                    first_name = shown.FirstName,
                    last_name = shown.LastName,
                    locale = page.Culture.Name,
                }
            );
            return PageAnswers.Page<CodeStep>(new CodeForm("/register/" + started.Id, started.SandboxCode, shown.Redirect));
        }
        catch (PageRefusal refused)
        {
            return PageAnswers.Page<RegisterForm>(shown with { Refused = refused }, StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<IResult> VerifyAsync(string id, IFormCollection form, PageContext page, PageApi api, PageSessions sessions)
    {
        var redirect = PageAnswers.OwnPath(form["redirect"]);
        try
        {
            var path = $"/v1/registrations/{Uri.EscapeDataString(id)}/verify";
            var signedIn = await api.SendAsync<SessionAnswer>("POST", path, new { code = form["code"].ToString().Trim() });
            await sessions.AdoptAsync(page.Http, signedIn.RefreshToken, page.Http.RequestAborted);
            return PageAnswers.Go(redirect);
        }
        catch (PageRefusal refused)
        {
            var again = new CodeForm("/register/" + id, null, redirect, Refused: refused);
            return PageAnswers.Page<CodeStep>(again, StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
