using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Identity;

/// <summary>A person starts to use one-time codes: gets a secret for the app. It is on only once a code of it is confirmed; starting again replaces it.</summary>
internal static class StartTotp
{
    /// <param name="Password">Needed where the sign-in is older than ten minutes.</param>
    public sealed record Request([property: Secret] string? Password = null);

    /// <param name="Secret">In Base32, for apps that are typed into.</param>
    /// <param name="OtpauthUri">For apps that read a QR image of it.</param>
    public sealed record Response(string Secret, string OtpauthUri);

    internal static void Map(RouteGroupBuilder me) => me.MapPost("/totp", HandleAsync).LimitRate(RateLimit.Guessing);

    private static async Task<Response> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        Proofs proofs,
        SecondFactor factors,
        Database database,
        FlorinDb db,
        Secrets secrets,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        await proofs.RequireFreshOrPasswordAsync(http, caller, request.Password, cancel);
        await factors.DemandForAnotherAsync(caller, cancel);
        var person = await db.People.AsNoTracking().SingleAsync(p => p.Id == caller.Person, cancel);
        person.DemandClaimed();
        var secret = Totp.NewSecret();
        var touched = await database.TransactionAsync(
            async connection =>
            {
                await using var start = new NpgsqlCommand(
                    "update identity.people set totp_secret = $2, totp_last_step = null where id = $1 and totp_enabled_at is null",
                    connection
                );
                start.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person.Id });
                start.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = TotpCheck.Seal(secrets, person.Id, secret) });
                var rows = await start.ExecuteNonQueryAsync(cancel);
                if (rows == 1)
                {
                    await connection.InsertAsync(cancel, ActivityLog.Row(activity.Entry(http, "identity.totp_started")));
                }

                return rows;
            },
            cancel
        );
        return touched == 1
            ? new Response(Base32.Encode(secret), Totp.Address(person.Email ?? person.Username ?? person.Phone ?? person.PublicId, secret))
            : throw CredentialRefusals.TotpAlreadyOn.With();
    }
}
