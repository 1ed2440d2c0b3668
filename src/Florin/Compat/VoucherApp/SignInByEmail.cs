using Florin.Identity;
using Florin.Platform;

namespace Florin.Compat.VoucherApp;

/// <summary>
/// <c>token/</c>, <c>logout/</c>, and at <c>/api/users/</c> the sign-in and refresh that stand at <c>/api/auth/</c> for two systems. Signing out ends the
/// session, which it never did there.
/// </summary>
internal static class SignInByEmail
{
    private sealed record Pair(string Refresh, string Access);

    private sealed record WithUser(EdgeUser User, string Refresh, string Access, string Message);

    private sealed record Said(string Message);

    internal static void Map(RouteGroupBuilder account, bool alsoLogin)
    {
        account.MapPost("/token", TokenAsync).AllowAnonymous().LimitRate(RateLimit.Guessing);
        account.MapPost("/logout", LogOutAsync).RequireAuthorization(Policies.Person);
        if (alsoLogin)
        {
            account.MapPost("/login", LogInAsync).AllowAnonymous().LimitRate(RateLimit.Guessing);
            account.MapPost("/token/refresh", RefreshLogIn.HandleAsync).AllowAnonymous();
        }
    }

    private static async Task<IResult> TokenAsync(HttpContext http, SignIn signIn, CancellationToken cancel)
    {
        var signedIn = await SignInAsync(http, signIn, cancel);
        return Results.Json(new Pair(signedIn.Tokens.RefreshToken, signedIn.Tokens.AccessToken), Wire.Json);
    }

    private static async Task<IResult> LogInAsync(HttpContext http, SignIn signIn, CancellationToken cancel)
    {
        var signedIn = await SignInAsync(http, signIn, cancel);
        var user = EdgeUser.Of(signedIn.Person);
        return Results.Json(new WithUser(user, signedIn.Tokens.RefreshToken, signedIn.Tokens.AccessToken, "Login successful"), Wire.Json);
    }

    private static async Task<SignedIn> SignInAsync(HttpContext http, SignIn signIn, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var (email, password) = (body.Text("email", 254), body.Text("password", 1024, trim: false));
        var totp = body.TextOrNull("totp", 64); // a second factor is new; clients that know of it send it here
        body.Check();
        var attempt = new SignInAttempt(email, password)
        {
            Kinds = LoginKinds.Email,
            Kind = SessionKind.Rotating,
            SecondFactor = totp,
        };
        return await signIn.ByPasswordAsync(http, attempt, cancel);
    }

    // The session of the access token, whichever refresh token came with it.
    private static async Task<IResult> LogOutAsync(EdgeApi api)
    {
        await api.SendAsync("DELETE", "/v1/sessions/current");
        return Results.Json(new Said("Logout successful"), Wire.Json);
    }
}
