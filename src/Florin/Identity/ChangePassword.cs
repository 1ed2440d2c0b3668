using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Platform;

namespace Florin.Identity;

/// <summary>A person changes the password: with the current one a code is sent, and when it comes back the new one counts and all other sessions end.</summary>
internal static class ChangePassword
{
    private const string Prefix = "pwd";
    private const string Purpose = "password";

    /// <param name="CurrentPassword">The account's.</param>
    /// <param name="NewPassword">The one that is to be.</param>
    public sealed record Request(
        [property: Required, StringLength(1024), Secret] string CurrentPassword,
        [property: Required, StringLength(1024), Secret] string NewPassword
    );

    /// <param name="Id"><c>pwd_…</c>, for <c>POST /v1/me/password/verify</c>.</param>
    /// <param name="Channel">How the code was sent.</param>
    /// <param name="ExpiresAt">The code is not valid from then on.</param>
    /// <param name="SandboxCode">The code itself, in sandbox mode only.</param>
    public sealed record Response(string Id, MessageChannel Channel, DateTimeOffset ExpiresAt, string? SandboxCode);

    /// <param name="Id">As <c>POST /v1/me/password</c> gave it.</param>
    /// <param name="Code">Six digits of the message.</param>
    public sealed record VerifyRequest(
        [property: Required] string Id,
        [property: Required, RegularExpression("^[0-9]{6}$", ErrorMessage = "must be six digits"), Secret] string Code
    );

    internal static void Map(RouteGroupBuilder me)
    {
        me.MapPost("/password", StartAsync).Produces<Response>(202).LimitRate(RateLimit.Guessing);
        me.MapPost("/password/verify", VerifyAsync).Produces(204).LimitRate(RateLimit.Guessing);
    }

    private static async Task<IResult> StartAsync(
        Request request,
        Caller caller,
        HttpContext http,
        People people,
        Proofs proofs,
        Passwords passwords,
        CodeMessages messages,
        Settings settings,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var person = await people.FindAsync(caller.Person, cancel) ?? throw PlatformRefusals.NotFound.With();
        Passwords.Require("new_password", request.NewPassword, person.IsStaff, person.Username, person.Email, person.Phone);
        await proofs.RequirePasswordAsync(http, caller, request.CurrentPassword, cancel);
        var (channel, to) = PasswordCodes.ContactOf(person) ?? throw IdentityRefusals.NoContact.With();
        var hash = await passwords.HashAsync(request.NewPassword, cancel);
        var what = new PasswordCode(person.Id, person.PasswordHash, channel, to, hash);
        var entry = activity.Entry(http, "identity.password_change_started");
        var code = await messages.SendAsync(Purpose, person.Id, channel, to, what, entry, cancel);
        return Results.Json(new Response(Ids.Show(Prefix, code.Id), channel, code.ExpiresAt, code.Shown(settings)), statusCode: 202);
    }

    private static async Task<IResult> VerifyAsync(
        VerifyRequest request,
        Caller caller,
        HttpContext http,
        Codes codes,
        PasswordCodes changes,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var code = await codes.TryAsync(Ids.Read(Prefix, request.Id), Purpose, caller.Person, request.Code, cancel);
        var what = code.Read<PasswordCode>();
        await changes.ReplaceAsync(http, code, what, what.Hash!, caller.Session, activity.Entry(http, "identity.password_changed"), cancel);
        return Results.NoContent();
    }
}
