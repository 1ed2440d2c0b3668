using Florin.Platform;

namespace Florin.Gateways.Sandbox;

/// <summary>
/// <c>GET</c> and <c>POST /sandbox/pay/{token}</c>: the page where a payer pays in a sandbox. Whoever knows the token may: it is in no other page, and
/// so protects the form as well.
/// </summary>
internal static class SandboxPay
{
    private const int MaxBody = 4 * 1024;

    internal static void Map(WebApplication app)
    {
        var page = app.MapGroup("/sandbox/pay/{token}").AllowAnonymous().LimitBody(MaxBody).ExcludeFromDescription();
        page.MapGet("", ShowAsync);
        page.MapPost("", EndAsync);
    }

    /// <summary>The page of ours that the payer came from.</summary>
    internal static string BackTo(SandboxCharge charge) => "/pay/" + Uri.EscapeDataString(charge.Code);

    private static async Task<IResult> ShowAsync(string token, string? script, SandboxCharges charges, CancellationToken cancel)
    {
        var charge = await charges.FindByTokenAsync(token, cancel) ?? throw PlatformRefusals.NotFound.With();
        return SandboxPage.Of(charge, Checked(script ?? charge.Script));
    }

    private static async Task<IResult> EndAsync(string token, HttpContext http, SandboxCharges charges, CancellationToken cancel)
    {
        var charge = await charges.FindByTokenAsync(token, cancel) ?? throw PlatformRefusals.NotFound.With();
        if (!http.Request.HasFormContentType)
        {
            throw PlatformRefusals.UnsupportedMediaType.With();
        }

        var form = await http.Request.ReadFormAsync(cancel);
        var script = Checked(form["script"].Count == 0 ? charge.Script : form["script"].ToString());
        var state = form["outcome"].ToString() switch
        {
            "succeed" => script is SandboxScripts.Late ? SandboxCharge.Expired : SandboxCharge.Captured,
            "fail" => SandboxCharge.Failed,
            "cancel" => SandboxCharge.Cancelled,
            "expire" => SandboxCharge.Expired,
            _ => throw PlatformRefusals.InvalidRequest.Field("outcome", "must be succeed, fail, cancel or expire"),
        };
        await charges.EndAsync(charge, state, script, cancel);
        return new SeeOther(BackTo(charge));
    }

    private static string Checked(string script) =>
        SandboxScripts.Exists(script) ? script : throw PlatformRefusals.InvalidRequest.Field("script", "is none that the sandbox has");
}
