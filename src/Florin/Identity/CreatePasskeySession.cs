using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Florin.Platform;

namespace Florin.Identity;

/// <summary>Somebody signs in by passkey: <c>POST /v1/sessions/passkey/options</c> gives the question, <c>POST /v1/sessions/passkey</c> takes the answer.</summary>
internal static class CreatePasskeySession
{
    /// <param name="State">That of the question.</param>
    /// <param name="Credential">What the device gave.</param>
    /// <param name="Device">A secret id that the device made for itself.</param>
    public sealed record Request(
        [property: Required, Secret] [property: StringLength(4096)] string State,
        [property: Secret] JsonElement Credential,
        [property: StringLength(128, MinimumLength = 16), Secret] string? Device = null
    );

    internal static void Map(RouteGroupBuilder sessions)
    {
        sessions.MapPost("/passkey/options", AskAsync).Produces<PasskeyQuestion>().AllowAnonymous().LimitRate(RateLimit.Guessing);
        sessions.MapPost("/passkey", HandleAsync).Produces<SessionAnswer>(201).AllowAnonymous().LimitRate(RateLimit.Guessing);
    }

    // The same for everybody: nobody learns who has a passkey.
    private static Task<PasskeyQuestion> AskAsync(HttpContext http, Passkeys passkeys) => passkeys.AskAsync(http, null, Passkeys.SignIn);

    private static async Task<IResult> HandleAsync(Request request, HttpContext http, Passkeys passkeys, SignIn signIn, CancellationToken cancel)
    {
        var person = await passkeys.CheckAsync(http, new PasskeyAnswer(request.State, request.Credential), Passkeys.SignIn, cancel);
        var signedIn = await signIn.ProvenAsync(http, person, request.Device, cancel);
        http.Response.Headers.CacheControl = "no-store";
        return Results.Json(SessionAnswer.Of(signedIn.Tokens, signedIn.Person), statusCode: 201);
    }
}
