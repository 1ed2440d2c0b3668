using Florin.Platform;

namespace Florin.Compat.WalletApi;

/// <summary>
/// <c>POST /users/password/update/</c> starts with the current password and sends a code, <c>PATCH /users/password/verify/</c> finishes with it. As with
/// sign-up, the README's sentences have it the wrong way round, and its schemas and the code so. Other sessions end, which they did not.
/// </summary>
internal static class ChangePasswordByCode
{
    private sealed record Started(string Id, string? SandboxCode);

    private sealed record Updating(string SessionId, string? SandboxCode);

    private sealed record Verified(string Message);

    internal static void Map(RouteGroupBuilder users)
    {
        users.MapPost("/password/update", StartAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Guessing);
        users.MapPatch("/password/verify", VerifyAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Guessing);
    }

    private static async Task<IResult> StartAsync(HttpContext http, EdgeApi api, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var (currentPassword, newPassword) = (body.Text("password", 1024, trim: false), body.Text("new_password", 128, trim: false));
        body.Check();
        var started = await WalletApiRoutes.NamedAsync(
            () => api.SendAsync<Started>("POST", "/v1/me/password", new { currentPassword, newPassword }),
            ("current_password", "password")
        );
        return Results.Json(new Updating(WalletApiRoutes.SessionOf(started.Id), started.SandboxCode), Wire.Json, statusCode: 201);
    }

    private static async Task<IResult> VerifyAsync(HttpContext http, EdgeApi api, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var (id, code) = (WalletApiRoutes.IdOf(body, "pwd"), body.Text("code", 6));
        body.Check();
        await api.SendAsync("POST", "/v1/me/password/verify", new { id, code });
        return Results.Json(new Verified("Password has been successfully updated"), Wire.Json);
    }
}
