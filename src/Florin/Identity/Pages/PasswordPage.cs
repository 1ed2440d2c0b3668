using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Identity.Pages;

/// <summary><c>/account/password</c>: another password, by the present one and a code.</summary>
public static class PasswordPage
{
    /// <summary>What the page shows.</summary>
    public sealed record Form(bool Saved = false, PageRefusal? Refused = null);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/password", (string? saved) => PageAnswers.Page<PasswordForm>(new Form(saved is not null)));
        pages.MapPost("/password", StartAsync).LimitRate(RateLimit.Guessing);
        pages.MapPost("/password/{id}", VerifyAsync).LimitRate(RateLimit.Guessing);
    }

    private static async Task<IResult> StartAsync(IFormCollection form, PageApi api)
    {
        var order = new { current_password = form["current_password"].ToString(), new_password = form["new_password"].ToString() };
        try
        {
            var started = await api.SendAsync<ChangePassword.Response>("POST", "/v1/me/password", order);
            return PageAnswers.Page<CodeStep>(new RegisterPage.CodeForm("/account/password/" + started.Id, started.SandboxCode, null));
        }
        catch (PageRefusal refused)
        {
            return PageAnswers.Page<PasswordForm>(new Form(Refused: refused), StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<IResult> VerifyAsync(string id, IFormCollection form, PageApi api)
    {
        try
        {
            await api.SendAsync("POST", "/v1/me/password/verify", new { id, code = form["code"].ToString().Trim() });
            return PageAnswers.Go("/account/password?saved=1");
        }
        catch (PageRefusal refused)
        {
            var again = new RegisterPage.CodeForm("/account/password/" + id, null, null, Refused: refused);
            return PageAnswers.Page<CodeStep>(again, StatusCodes.Status422UnprocessableEntity);
        }
    }
}
