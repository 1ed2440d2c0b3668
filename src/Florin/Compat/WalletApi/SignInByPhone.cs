using Florin.Identity;
using Florin.Platform;

namespace Florin.Compat.WalletApi;

/// <summary>
/// <c>POST /users/token/create/</c> and <c>POST /users/token/refresh/</c>. An unknown number and a wrong password are alike (the original told them apart),
/// and a refresh token is good once.
/// </summary>
internal static class SignInByPhone
{
    private sealed record Tokens(string AccessToken, string RefreshToken);

    private sealed record Refreshed(string Access, string Refresh);

    internal static void Map(RouteGroupBuilder users)
    {
        users.MapPost("/token/create", CreateAsync).AllowAnonymous().LimitRate(RateLimit.Guessing);
        users.MapPost("/token/refresh", RefreshAsync).AllowAnonymous();
    }

    private static async Task<IResult> CreateAsync(HttpContext http, SignIn signIn, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var (phone, password) = (body.Text("phone_number", 32), body.Text("password", 1024, trim: false));
        var totp = body.TextOrNull("totp", 64); // a second factor is new; clients that know of it send it here
        body.Check();
        var attempt = new SignInAttempt(phone, password)
        {
            Kinds = LoginKinds.Phone,
            Kind = SessionKind.Rotating,
            SecondFactor = totp,
        };
        var tokens = (await signIn.ByPasswordAsync(http, attempt, cancel)).Tokens;
        return Results.Json(new Tokens(tokens.AccessToken, tokens.RefreshToken), Wire.Json, statusCode: 201);
    }

    private static async Task<IResult> RefreshAsync(HttpContext http, Sessions sessions, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var refresh = body.Text("refresh", 4096);
        body.Check();
        var tokens = await sessions.RefreshAsync(http, refresh, cancel);
        return Results.Json(new Refreshed(tokens.AccessToken, tokens.RefreshToken), Wire.Json, statusCode: 201);
    }
}
