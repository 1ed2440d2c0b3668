using Florin.Identity;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Compat;

/// <summary>
/// Signs in to the old systems. <c>/api/auth/login/</c> takes a username (seed 1) or an e-mail address (seed 2) and answers what either wants;
/// <c>/api/login</c> takes <c>username</c> (seed 3) or <c>login</c> (seed 4), answers the tokens and sets the cookie. Wrong and unknown are alike.
/// </summary>
internal static class LogIn
{
    // By username the refresh token stays the same for a day, as seeds 1 and 3 had it; by e-mail it rotates, as in seed 2.
    internal static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/auth/login", ByUsernameOrEmailAsync).AllowAnonymous().LimitRate(RateLimit.Guessing);
        api.MapPost("/login", WithCookieAsync).AllowAnonymous().LimitRate(RateLimit.Guessing);
    }

    private sealed record TokenPair(string Refresh, string Access);

    private sealed record TokensAndUser(EdgeUser User, string Refresh, string Access, string Message);

    private static async Task<IResult> ByUsernameOrEmailAsync(HttpContext http, SignIn signIn, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var byEmail = body.Has("email") && !body.Has("username");
        var login = body.Text(byEmail ? "email" : "username", 254);
        var signedIn = await SignInAsync(http, signIn, body, login, byEmail ? LoginKinds.Email : LoginKinds.Username, cancel);
        return Results.Json(new TokensAndUser(EdgeUser.Of(signedIn.Person), signedIn.Tokens.RefreshToken, signedIn.Tokens.AccessToken, "Login successful"));
    }

    private static async Task<IResult> WithCookieAsync(HttpContext http, SignIn signIn, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var login = body.Text(body.Has("login") && !body.Has("username") ? "login" : "username", 254);
        var signedIn = await SignInAsync(http, signIn, body, login, LoginKinds.Username, cancel);
        var life = TimeSpan.FromSeconds(signedIn.Tokens.ExpiresIn);
        http.Response.Cookies.Append(EdgeRoute.TokenCookie, signedIn.Tokens.AccessToken, PageCookies.Options(http, life));
        return Results.Json(new TokenPair(signedIn.Tokens.RefreshToken, signedIn.Tokens.AccessToken));
    }

    private static Task<SignedIn> SignInAsync(HttpContext http, SignIn signIn, EdgeBody body, string login, LoginKinds kinds, CancellationToken cancel)
    {
        var password = body.Text("password", 1024, trim: false);
        var totp = body.TextOrNull("totp", 64); // a second factor is new; clients that know of it send it here
        body.Check();
        var attempt = new SignInAttempt(login, password)
        {
            Kinds = kinds,
            Kind = kinds == LoginKinds.Email ? SessionKind.Rotating : SessionKind.Fixed,
            SecondFactor = totp,
        };
        return signIn.ByPasswordAsync(http, attempt, cancel);
    }
}
