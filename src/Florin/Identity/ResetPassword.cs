using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Platform;
using Npgsql;

namespace Florin.Identity;

/// <summary>
/// Somebody who forgot the password gets a code and sets another. Nothing says whether the login that was given is anybody's: for nobody's a
/// code is made as well, and sent nowhere; so for an account of which no address or number is proven.
/// </summary>
internal static class ResetPassword
{
    /// <summary>The prefix of public ids.</summary>
    internal const string Prefix = "rst";

    /// <summary>What the code is good for.</summary>
    internal const string Purpose = "password_reset";

    /// <param name="Login">Username, e-mail address or phone number.</param>
    public sealed record Request([property: Required, StringLength(254)] string Login);

    /// <param name="Id"><c>rst_…</c>, for <c>POST /v1/password-resets/confirm</c>.</param>
    /// <param name="ExpiresAt">The code is not valid from then on.</param>
    /// <param name="SandboxCode">The code itself, in sandbox mode only.</param>
    public sealed record Response(string Id, DateTimeOffset ExpiresAt, string? SandboxCode);

    /// <param name="Id">As <c>POST /v1/password-resets</c> gave it.</param>
    /// <param name="Code">Six digits of the message.</param>
    /// <param name="Password">The new password.</param>
    public sealed record ConfirmRequest(
        [property: Required] string Id,
        [property: Required, RegularExpression("^[0-9]{6}$", ErrorMessage = "must be six digits"), Secret] string Code,
        [property: Required, StringLength(1024), Secret] string Password
    );

    internal static void Map(RouteGroupBuilder resets)
    {
        resets.MapPost("", StartAsync).Produces<Response>(202).AllowAnonymous().LimitRate(RateLimit.Guessing);
        resets.MapPost("/confirm", ConfirmAsync).Produces(204).AllowAnonymous().LimitRate(RateLimit.Guessing);
    }

    private static async Task<IResult> StartAsync(
        Request request,
        HttpContext http,
        People people,
        Codes codes,
        Secrets secrets,
        Settings settings,
        Database database,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        await codes.RequireQuietAsync(request.Login, cancel);
        var person = await people.FindByLoginAsync(request.Login, LoginKinds.Any, cancel) is { Active: true } found ? found : null;
        var contact = person is null ? null : ContactFor(person, request.Login);
        var (channel, to) = contact ?? (MessageChannel.Email, request.Login);
        var what = new PasswordCode(contact is null ? null : person!.Id, person?.PasswordHash, channel, to, null);
        // Counted under what was typed, so that nobody's login is as quiet as somebody's.
        var (code, insert) = codes.New(Purpose, null, channel, request.Login, what);
        var values = new Dictionary<string, string>(StringComparer.Ordinal) { ["code"] = code.Digits };
        var message = new MessageRequest(channel, to, "password_reset_code", values).Event(secrets, person?.Id ?? code.Id);
        await database.TransactionAsync(
            async connection =>
            {
                await using var batch = new NpgsqlBatch(connection);
                batch.BatchCommands.Add(insert);
                batch.BatchCommands.Add(ActivityLog.Row(activity.Entry(http, "identity.password_reset_started", person?.Id)).Command());
                if (what.Person is not null)
                {
                    batch.BatchCommands.Add(Outbox.Row(message).Command());
                }

                return await batch.ExecuteNonQueryAsync(cancel);
            },
            cancel
        );
        return Results.Json(new Response(Ids.Show(Prefix, code.Id), code.ExpiresAt, code.Shown(settings)), statusCode: 202);
    }

    private static async Task<IResult> ConfirmAsync(
        ConfirmRequest request,
        HttpContext http,
        People people,
        Codes codes,
        Passwords passwords,
        PasswordCodes changes,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        Passwords.Require("password", request.Password, staff: false);
        var code = await codes.TryAsync(Ids.Read(Prefix, request.Id), Purpose, null, request.Code, cancel);
        var what = code.Read<PasswordCode>();
        var person = what.Person is { } id ? await people.FindAsync(id, cancel) : null;
        Passwords.Require("password", request.Password, person?.IsStaff == true, person?.Username, person?.Email, person?.Phone);
        var hash = await passwords.HashAsync(request.Password, cancel);
        await changes.ReplaceAsync(http, code, what, hash, stays: null, activity.Entry(http, "identity.password_reset", what.Person), cancel);
        return Results.NoContent();
    }

    // To the address or number that was typed, if it is proven to be theirs; else to one that is. Of an account that a shop made and nobody claimed,
    // only to where its invitation went: the shop may have typed something of its own besides.
    private static (MessageChannel, string)? ContactFor(Person person, string login) =>
        !person.Claimed ? PasswordCodes.ContactOf(person)
        : person.EmailVerifiedAt is not null && string.Equals(person.Email, login.Trim(), StringComparison.OrdinalIgnoreCase)
            ? (MessageChannel.Email, person.Email!)
        : person is { Phone: not null, PhoneVerifiedAt: not null } && string.Equals(person.Phone, Logins.TryPhone(login), StringComparison.Ordinal)
            ? (MessageChannel.Sms, person.Phone)
        : person.ProvenContact();
}
