using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Identity;

/// <summary>A person makes a passkey: <c>POST /v1/me/passkeys/options</c> gives the question, <c>POST /v1/me/passkeys</c> takes the device's answer.</summary>
internal static class AddPasskey
{
    private const int AtMost = 20;

    /// <param name="Password">The account's, where the sign-in is older than ten minutes.</param>
    public sealed record OptionsRequest([property: Secret] [property: StringLength(1024)] string? Password = null);

    /// <param name="State">That of the question.</param>
    /// <param name="Credential">What the device gave.</param>
    /// <param name="Name">What the owner calls it.</param>
    public sealed record Request(
        [property: Required, Secret] [property: StringLength(4096)] string State,
        [property: Secret] JsonElement Credential,
        [property: StringLength(Passkey.NameLength, MinimumLength = 1)] string Name
    );

    /// <param name="Id"><c>psk_…</c></param>
    /// <param name="Name">What the owner calls it.</param>
    /// <param name="BackedUp">Whether the person's other devices have it too.</param>
    /// <param name="CreatedAt">Made at.</param>
    /// <param name="LastUsedAt">Last used.</param>
    public sealed record Response(string Id, string Name, bool BackedUp, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt);

    internal static void Map(RouteGroupBuilder me)
    {
        me.MapPost("/passkeys/options", AskAsync).Produces<PasskeyQuestion>().LimitRate(RateLimit.Guessing);
        me.MapPost("/passkeys", HandleAsync).Produces<Response>(201).LimitRate(RateLimit.Guessing);
    }

    internal static Response Show(Passkey passkey) =>
        new(Ids.Show(Passkey.Prefix, passkey.Id), passkey.Name, passkey.BackedUp, passkey.CreatedAt, passkey.LastUsedAt);

    private static async Task<PasskeyQuestion> AskAsync(
        OptionsRequest request,
        Caller caller,
        HttpContext http,
        FlorinDb db,
        Proofs proofs,
        SecondFactor factors,
        Passkeys passkeys,
        CancellationToken cancel
    )
    {
        await proofs.RequireFreshOrPasswordAsync(http, caller, request.Password, cancel);
        await factors.DemandForAnotherAsync(caller, cancel);
        var person = await db.People.AsNoTracking().SingleAsync(one => one.Id == caller.Person, cancel);
        person.DemandClaimed();
        if (await db.Passkeys.CountAsync(passkey => passkey.PersonId == caller.Person, cancel) >= AtMost)
        {
            throw CredentialRefusals.TooManyPasskeys.With();
        }

        return await passkeys.AskForNewAsync(http, person);
    }

    private static async Task<IResult> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        FlorinDb db,
        Passkeys passkeys,
        SecurityNotices notices,
        Database database,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var name = Names.Clean(request.Name, "name", Passkey.NameLength, lines: false);
        var info = await passkeys.CheckNewAsync(http, caller.Person, new PasskeyAnswer(request.State, request.Credential), cancel);
        var passkey = new Passkey
        {
            PersonId = caller.Person,
            CredentialId = info.CredentialId,
            PublicKey = info.PublicKey,
            Name = name,
            SignCount = info.SignCount,
            Transports = info.Transports ?? [],
            BackupEligible = info.IsBackupEligible,
            BackedUp = info.IsBackedUp,
            Attestation = info.AttestationObject,
            ClientData = info.ClientDataJson,
            CreatedAt = clock.GetUtcNow(),
        };
        var person = await db.People.AsNoTracking().SingleAsync(one => one.Id == caller.Person, cancel);
        var entry = activity.Entry(http, "identity.passkey_made", details: new { passkey = Ids.Show(Passkey.Prefix, passkey.Id) });
        try
        {
            await database.TransactionAsync(
                async connection =>
                {
                    await connection.InsertAsync(
                        cancel,
                        [Passkey.Shape.Row(passkey), ActivityLog.Row(entry), .. notices.Rows(http, person, "passkey_made", ("name", passkey.Name))]
                    );
                    return true;
                },
                cancel
            );
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UniqueViolation)
        {
            throw CredentialRefusals.PasskeyNotValid.With("This passkey is known already.");
        }

        return Results.Json(Show(passkey), Wire.Json, statusCode: 201);
    }
}
