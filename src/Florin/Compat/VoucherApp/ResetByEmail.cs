using Florin.Platform;

namespace Florin.Compat.VoucherApp;

/// <summary>
/// <c>password-reset/</c> and <c>password-reset-confirm/</c>: by a code instead of a link, and with one answer whether or not the address is anybody's.
/// <c>uid</c> is the reset's id, which the first answers, and <c>token</c> the code.
/// </summary>
internal static class ResetByEmail
{
    private sealed record Started(string Id, string? SandboxCode);

    private sealed record Response(string Message, string Uid, string? SandboxCode);

    private sealed record Said(string Message);

    internal static void Map(RouteGroupBuilder account)
    {
        account.MapPost("/password-reset", StartAsync).AllowAnonymous().LimitRate(RateLimit.Guessing);
        account.MapPost("/password-reset-confirm", ConfirmAsync).AllowAnonymous().LimitRate(RateLimit.Guessing);
    }

    private static async Task<IResult> StartAsync(HttpContext http, EdgeApi api, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var email = body.Text("email", 254);
        body.Check();
        var started = await api.SendAsync<Started>("POST", "/v1/password-resets", new { login = email });
        return Results.Json(new Response("Password reset email sent", started.Id, started.SandboxCode), Wire.Json);
    }

    private static async Task<IResult> ConfirmAsync(HttpContext http, EdgeApi api, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var (id, code) = (body.Text("uid", 64), body.Text("token", 64));
        var (password, confirm) = (body.Text("password", 128, trim: false), body.Text("password_confirm", 128, trim: false));
        if (confirm.Length > 0 && !string.Equals(password, confirm, StringComparison.Ordinal))
        {
            body.Wrong("body", "Passwords don't match.");
        }

        body.Check();
        await WalletApi.WalletApiRoutes.NamedAsync(
            async () =>
            {
                await api.SendAsync(
                    "POST",
                    "/v1/password-resets/confirm",
                    new
                    {
                        id,
                        code,
                        password,
                    }
                );
                return true;
            },
            ("code", "token"),
            ("id", "uid")
        );
        return Results.Json(new Said("Password reset successful"), Wire.Json);
    }
}
