using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Identity;

/// <summary>A person sets the PIN of an account that is claimed: the first with the password, another with the present PIN or the password. A locked one is reset by code.</summary>
internal static class SetPin
{
    /// <param name="Pin">4 to 6 digits.</param>
    /// <param name="CurrentPin">The present PIN, or</param>
    /// <param name="Password">the account's password.</param>
    public sealed record Request([property: Secret] string Pin, [property: Secret] string? CurrentPin = null, [property: Secret] string? Password = null);

    internal static void Map(RouteGroupBuilder me) => me.MapPut("/pin", HandleAsync).Produces(204).LimitRate(RateLimit.Guessing);

    /// <summary>Refuses what is no PIN, and in live mode what anybody would try first (the demo people have 1234).</summary>
    internal static void Check(string pin, Settings settings)
    {
        if (!Pins.IsWellFormed(pin))
        {
            throw PlatformRefusals.InvalidRequest.Field("pin", "must be 4 to 6 digits");
        }

        if (!settings.Sandbox && Pins.IsTooSimple(pin))
        {
            throw CredentialRefusals.PinTooSimple.With();
        }
    }

    private static async Task<IResult> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        Settings settings,
        Proofs proofs,
        Pins pins,
        Passwords passwords,
        SecurityNotices notices,
        Database database,
        FlorinDb db,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        Check(request.Pin, settings);
        var person = await db.People.AsNoTracking().SingleAsync(p => p.Id == caller.Person, cancel);
        person.DemandClaimed();
        var former = person.PinHash;
        if (former is not null && request.CurrentPin is not null)
        {
            await pins.VerifyAsync(caller.Person, request.CurrentPin, cancel);
        }
        else
        {
            await proofs.RequirePasswordAsync(http, caller, request.Password, cancel);
        }

        var hash = await passwords.HashAsync(request.Pin, cancel);
        await database.TransactionAsync(
            async connection =>
            {
                // Only the PIN that was proven is replaced, and no locked one.
                await using var set = new NpgsqlCommand(
                    """
                    update identity.people set pin_hash = $3, pin_failures = 0, pin_pending = 0
                    where id = $1 and pin_hash is not distinct from $2 and pin_locked_at is null
                    """,
                    connection
                );
                set.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = caller.Person });
                set.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = former, NpgsqlDbType = NpgsqlDbType.Text });
                set.Parameters.Add(new NpgsqlParameter<string> { TypedValue = hash });
                if (await set.ExecuteNonQueryAsync(cancel) != 1)
                {
                    throw CredentialRefusals.PinLocked.With();
                }

                var entry = activity.Entry(http, "identity.pin_set");
                await connection.InsertAsync(cancel, [ActivityLog.Row(entry), .. notices.Rows(http, person, "pin_changed")]);
                return 0;
            },
            cancel
        );
        return Results.NoContent();
    }
}
