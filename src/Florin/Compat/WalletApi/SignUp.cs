using Florin.Platform;

namespace Florin.Compat.WalletApi;

/// <summary>
/// <c>POST /users/create/</c> starts a registration and sends a code, <c>POST /users/verify/</c> finishes it. The README has the two the wrong way round
/// in its sentences; their schemas and the original's code have them so.
/// </summary>
internal static class SignUp
{
    private sealed record Started(string Id, string? SandboxCode);

    // What the README's schema lists, without the password; and the code where this is a sandbox, which the original printed to its log.
    private sealed record Created(string SessionId, string Email, string PhoneNumber, string? SandboxCode);

    private sealed record Verified(string Message);

    internal static void Map(RouteGroupBuilder users)
    {
        users.MapPost("/create", CreateAsync).AllowAnonymous().LimitRate(RateLimit.Guessing);
        users.MapPost("/verify", VerifyAsync).AllowAnonymous().LimitRate(RateLimit.Guessing);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, EdgeApi api, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var (email, phone, password) = (body.Text("email", 254), body.Text("phone_number", 32), body.Text("password", 128, trim: false));
        body.Check();
        // The phone number was the login there, and the code came to it.
        var started = await WalletApiRoutes.NamedAsync(
            () =>
                api.SendAsync<Started>(
                    "POST",
                    "/v1/registrations",
                    new
                    {
                        email,
                        phone,
                        password,
                        channel = "sms",
                    }
                ),
            ("phone", "phone_number")
        );
        return Results.Json(new Created(WalletApiRoutes.SessionOf(started.Id), email, phone, started.SandboxCode), Wire.Json, statusCode: 201);
    }

    private static async Task<IResult> VerifyAsync(HttpContext http, EdgeApi api, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var (id, code) = (WalletApiRoutes.IdOf(body, "reg"), body.Text("code", 6));
        body.Check();
        await api.SendAsync("POST", $"/v1/registrations/{id}/verify", new { code });
        return Results.Json(new Verified("User successfully created"), Wire.Json, statusCode: 201);
    }
}
