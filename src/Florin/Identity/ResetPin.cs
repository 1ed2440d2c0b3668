using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Identity;

/// <summary>A person who forgot or locked the PIN sets another by a code that is sent to them.</summary>
internal static class ResetPin
{
    private const string Purpose = "pin_reset";

    /// <param name="Id">Give it to <c>/confirm</c>.</param>
    /// <param name="Channel">How the code was sent.</param>
    /// <param name="ExpiresAt">Not valid from then on.</param>
    /// <param name="SandboxCode">The code itself, in sandbox mode only.</param>
    public sealed record Response(string Id, MessageChannel Channel, DateTimeOffset ExpiresAt, string? SandboxCode);

    /// <param name="Id">As <c>/v1/me/pin/reset</c> gave it.</param>
    /// <param name="Code">Six digits of the message.</param>
    /// <param name="Pin">The new PIN, 4 to 6 digits.</param>
    public sealed record ConfirmRequest(
        [property: Required] string Id,
        [property: Required, RegularExpression("^[0-9]{6}$", ErrorMessage = "must be six digits"), Secret] string Code,
        [property: Secret] string Pin
    );

    internal static void Map(RouteGroupBuilder me)
    {
        me.MapPost("/pin/reset", StartAsync).LimitRate(RateLimit.Guessing);
        me.MapPost("/pin/reset/confirm", ConfirmAsync).Produces(204).LimitRate(RateLimit.Guessing);
    }

    private static async Task<Response> StartAsync(
        Caller caller,
        HttpContext http,
        FlorinDb db,
        CodeMessages messages,
        Settings settings,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var person = await db.People.AsNoTracking().SingleAsync(p => p.Id == caller.Person, cancel);
        person.DemandClaimed();
        if (person.PinHash is null)
        {
            throw CredentialRefusals.PinNotSet.With();
        }

        var (channel, to) = PasswordCodes.ContactOf(person) ?? throw IdentityRefusals.NoContact.With();
        var code = await messages.SendAsync(Purpose, person.Id, channel, to, "", activity.Entry(http, "identity.pin_reset_started"), cancel);
        return new Response(Ids.Show(CodeMessages.IdPrefix, code.Id), channel, code.ExpiresAt, code.Shown(settings));
    }

    private static async Task<IResult> ConfirmAsync(
        ConfirmRequest request,
        Caller caller,
        HttpContext http,
        Codes codes,
        Passwords passwords,
        Settings settings,
        SecurityNotices notices,
        FlorinDb db,
        Database database,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        SetPin.Check(request.Pin, settings);
        var code = await codes.TryAsync(Ids.Read(CodeMessages.IdPrefix, request.Id), Purpose, caller.Person, request.Code, cancel);
        var person = await db.People.AsNoTracking().SingleAsync(p => p.Id == caller.Person, cancel);
        var hash = await passwords.HashAsync(request.Pin, cancel);
        await database.TransactionAsync(
            async connection =>
            {
                await codes.ConsumeAsync(connection, code, cancel);
                await using var set = new NpgsqlCommand(
                    "update identity.people set pin_hash = $2, pin_failures = 0, pin_pending = 0, pin_locked_at = null where id = $1 and deleted_at is null",
                    connection
                );
                set.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = caller.Person });
                set.Parameters.Add(new NpgsqlParameter<string> { TypedValue = hash });
                await set.ExecuteNonQueryAsync(cancel);
                var entry = activity.Entry(http, "identity.pin_reset");
                await connection.InsertAsync(cancel, [ActivityLog.Row(entry), .. notices.Rows(http, person, "pin_changed")]);
                return 0;
            },
            cancel
        );
        return Results.NoContent();
    }
}
