using System.Buffers.Text;
using System.Security.Cryptography;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Identity.Pages;

/// <summary><c>/login</c>: password, and a second factor where it is on; <c>/logout</c>, which asks when it is followed as a link.</summary>
public static class SignInPage
{
    private const string DeviceCookie = "florin_device";
    private static readonly TimeSpan KeepDevice = TimeSpan.FromDays(400); // the longest that browsers keep a cookie

    /// <summary>The form, and why it is shown again.</summary>
    public sealed record Form(string? Login = null, string? Redirect = null, bool SecondFactor = false, string? Sealed = null, PageRefusal? Refused = null);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/login", Show).AllowAnonymous();
        pages.MapPost("/login", SignInAsync).AllowAnonymous(); // the route of /v1 counts
        pages.MapGet("/logout", (PageContext page) => page.Caller is null ? PageAnswers.Go("/login") : PageAnswers.Page<SignOutForm>()).AllowAnonymous();
        pages.MapPost("/logout", SignOutAsync).AllowAnonymous();
    }

    private static IResult Show(string? redirect, PageContext page) =>
        page.Caller is not null ? PageAnswers.Go(redirect) : PageAnswers.Page<SignInForm>(new Form(Redirect: PageAnswers.OwnPath(redirect)));

    private static async Task<IResult> SignInAsync(IFormCollection form, PageContext page, PageApi api, PageSessions sessions, Secrets secrets)
    {
        var shown = new Form(form["login"], PageAnswers.OwnPath(form["redirect"]));
        // The password is not asked for twice: the second step carries it sealed, in the form and for this login alone.
        var password = form["sealed"].ToString() is { Length: > 0 } sealedPassword
            ? Open(secrets, shown.Login!, sealedPassword, page.Now)
            : form["password"].ToString();
        var factor = form["factor"].ToString().Trim();
        var isCode = factor.Length is 6 && factor.All(char.IsAsciiDigit);
        try
        {
            var signedIn = await api.SendAsync<SessionAnswer>(
                "POST",
                "/v1/sessions",
                new
                {
                    login = shown.Login,
                    password,
                    totp = isCode ? factor : null,
                    recovery_code = isCode || factor.Length == 0 ? null : factor,
                    device = DeviceOf(page.Http),
                }
            );
            await sessions.AdoptAsync(page.Http, signedIn.RefreshToken, page.Http.RequestAborted);
            return PageAnswers.Go(shown.Redirect);
        }
        catch (PageRefusal refused) when (refused.Code is "second_factor_required")
        {
            return PageAnswers.Page<SignInForm>(shown with { SecondFactor = true, Sealed = Seal(secrets, shown.Login!, password, page.Now) });
        }
        catch (PageRefusal refused)
        {
            return PageAnswers.Page<SignInForm>(shown with { Refused = refused }, StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<IResult> SignOutAsync(PageContext page, Sessions sessions)
    {
        if (page.Caller is { } caller)
        {
            await sessions.RevokeAsync(page.Http, caller.Person, caller.Session, "signed_out", CancellationToken.None);
        }

        PageSessions.Forget(page.Http);
        return PageAnswers.Go("/");
    }

    /// <summary>The browser's own secret id, by which a lock lets it pass once it has signed in.</summary>
    internal static string DeviceOf(HttpContext http)
    {
        if (http.Request.Cookies[DeviceCookie] is { Length: >= 16 and <= 128 } known)
        {
            return known;
        }

        var device = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));
        http.Response.Cookies.Append(DeviceCookie, device, PageCookies.Options(http, KeepDevice, SameSiteMode.Strict));
        return device;
    }

    private static string Seal(Secrets secrets, string login, string password, DateTimeOffset now) =>
        Base64Url.EncodeToString(secrets.Encrypt(System.Text.Encoding.UTF8.GetBytes(password), Context(login, now, 0)));

    // Good for five to ten minutes: the time that it was sealed for is part of what it must be opened with.
    private static string Open(Secrets secrets, string login, string sealedPassword, DateTimeOffset now)
    {
        foreach (var ago in new[] { 0, 1 })
        {
            try
            {
                return System.Text.Encoding.UTF8.GetString(secrets.Decrypt(Base64Url.DecodeFromChars(sealedPassword), Context(login, now, ago)));
            }
            catch (Exception e) when (e is CryptographicException or FormatException)
            {
                // Older, or never ours.
            }
        }

        return "";
    }

    private static string Context(string login, DateTimeOffset now, int ago) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"page-sign-in/{(now.ToUnixTimeSeconds() / 300) - ago}/{login}");
}
