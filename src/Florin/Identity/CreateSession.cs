using System.ComponentModel.DataAnnotations;
using Florin.Platform;

namespace Florin.Identity;

/// <summary>Somebody signs in with a password, and a second factor where it is on.</summary>
internal static class CreateSession
{
    /// <param name="Login">Username, e-mail address or phone number.</param>
    /// <param name="Password">The account's.</param>
    /// <param name="Totp">Six digits of the authenticator app, or</param>
    /// <param name="RecoveryCode">one of the recovery codes, where a second factor is on.</param>
    /// <param name="Device">A secret id that the device made for itself: a lock does not keep out a device that signed in before.</param>
    public sealed record Request(
        [property: Required, StringLength(254)] string Login,
        [property: Required, StringLength(1024), Secret] string Password,
        [property: StringLength(16), Secret] string? Totp = null,
        [property: StringLength(64), Secret] string? RecoveryCode = null,
        [property: StringLength(128, MinimumLength = 16), Secret] string? Device = null
    );

    internal static void Map(RouteGroupBuilder sessions) =>
        sessions.MapPost("", HandleAsync).Produces<SessionAnswer>(201).AllowAnonymous().LimitRate(RateLimit.Guessing);

    private static async Task<IResult> HandleAsync(Request request, HttpContext http, SignIn signIn, CancellationToken cancel)
    {
        var attempt = new SignInAttempt(request.Login, request.Password) { SecondFactor = request.Totp ?? request.RecoveryCode, Device = request.Device };
        var signedIn = await signIn.ByPasswordAsync(http, attempt, cancel);
        http.Response.Headers.CacheControl = "no-store";
        return Results.Json(SessionAnswer.Of(signedIn.Tokens, signedIn.Person), statusCode: 201);
    }
}
