using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Platform;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Identity;

/// <summary>A person stops using one-time codes, with the password and one of them (or a recovery code).</summary>
internal static class StopTotp
{
    /// <param name="Password">The account's.</param>
    /// <param name="Code">Six digits of the app, or a recovery code.</param>
    public sealed record Request([property: Required, Secret] string Password, [property: Required, StringLength(32), Secret] string Code);

    internal static void Map(RouteGroupBuilder me) => me.MapDelete("/totp", HandleAsync).Produces(204).LimitRate(RateLimit.Guessing);

    private static async Task<IResult> HandleAsync(
        [FromBody] Request request,
        Caller caller,
        HttpContext http,
        Proofs proofs,
        TotpCheck check,
        SecurityNotices notices,
        Database database,
        FlorinDb db,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var person = await db.People.AsNoTracking().SingleAsync(p => p.Id == caller.Person, cancel);
        if (person.TotpEnabledAt is null)
        {
            throw CredentialRefusals.TotpNotOn.With();
        }

        await proofs.RequirePasswordAsync(http, caller, request.Password, cancel);
        if (await check.TakeAsync(caller.Person, request.Code, cancel) == TotpMatch.Wrong)
        {
            await proofs.CountWrongAsync(http, caller, "identity.totp_refused");
            throw CredentialRefusals.WrongTotp.With();
        }

        await database.TransactionAsync(
            async connection =>
            {
                await using var stop = new NpgsqlCommand(
                    """
                    update identity.people set totp_secret = null, totp_enabled_at = null, totp_last_step = null, recovery_code_hashes = '{}'
                    where id = $1 and totp_enabled_at is not null
                    """,
                    connection
                );
                stop.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = caller.Person });
                await stop.ExecuteNonQueryAsync(cancel);
                await SecondFactor.ForgetCodesAsync(connection, caller.Person, cancel);
                var entry = activity.Entry(http, "identity.totp_disabled");
                await connection.InsertAsync(cancel, [ActivityLog.Row(entry), .. notices.Rows(http, person, "totp_off")]);
                return 0;
            },
            cancel
        );
        return Results.NoContent();
    }
}
