using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Identity.Pages;

/// <summary><c>/forgot</c>: a new password by a code. It says the same whether or not there is such an account.</summary>
public static class ForgottenPasswordPage
{
    /// <summary>The first step.</summary>
    public sealed record Form(string? Login = null, PageRefusal? Refused = null);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/forgot", static () => PageAnswers.Page<ForgottenPasswordForm>(new Form())).AllowAnonymous();
        pages.MapPost("/forgot", StartAsync).AllowAnonymous();
        pages.MapPost("/forgot/{id}", ConfirmAsync).AllowAnonymous();
    }

    private static async Task<IResult> StartAsync(IFormCollection form, PageApi api)
    {
        var login = form["login"].ToString().Trim();
        try
        {
            var started = await api.SendAsync<ResetPassword.Response>("POST", "/v1/password-resets", new { login });
            return PageAnswers.Page<CodeStep>(new RegisterPage.CodeForm("/forgot/" + started.Id, started.SandboxCode, null, NewPassword: true));
        }
        catch (PageRefusal refused)
        {
            return PageAnswers.Page<ForgottenPasswordForm>(new Form(login, refused), StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<IResult> ConfirmAsync(string id, IFormCollection form, PageApi api)
    {
        try
        {
            var body = new
            {
                id,
                code = form["code"].ToString().Trim(),
                password = form["password"].ToString(),
            };
            await api.SendAsync("POST", "/v1/password-resets/confirm", body);
            return PageAnswers.Go("/login");
        }
        catch (PageRefusal refused)
        {
            var again = new RegisterPage.CodeForm("/forgot/" + id, null, null, NewPassword: true, Refused: refused);
            return PageAnswers.Page<CodeStep>(again, StatusCodes.Status422UnprocessableEntity);
        }
    }
}
