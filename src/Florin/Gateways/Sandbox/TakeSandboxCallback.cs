using Florin.Platform;

namespace Florin.Gateways.Sandbox;

/// <summary><c>POST /v1/gateways/sandbox/callback</c>: the sandbox gateway's callbacks over the network, as another gateway's would come.</summary>
internal static class TakeSandboxCallback
{
    private const int MaxBody = 64 * 1024;

    internal static void Map(RouteGroupBuilder gateways) =>
        gateways.MapPost("/sandbox/callback", HandleAsync).AllowAnonymous().LimitBody(MaxBody).LimitRate(GatewaysModule.CallbackRate);

    private static async Task<IResult> HandleAsync(HttpContext http, SandboxCallbacks callbacks, CancellationToken cancel)
    {
        var body = await RawBody.ReadAsync(http.Request, cancel);
        var headers = RawBody.Headers(http.Request, SandboxCallbacks.Header, "Content-Type", "User-Agent");
        await callbacks.TakeAsync(body, http.Request.Headers[SandboxCallbacks.Header], headers);
        return Results.Ok();
    }
}
