using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Identity;

/// <summary>
/// The first admin of an installation (A5): whoever has its console makes a one-time token, printed once and valid for a day, and a person
/// who is signed in becomes admin with it.
/// </summary>
internal static class ClaimAdmin
{
    private const string Start = "fla_";
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary><c>./florin admin-token</c></summary>
    public static readonly Command Command = new("admin-token", "print a one-time token that makes a signed-in person an admin", PrintAsync);

    /// <param name="Token">As <c>./florin admin-token</c> printed it.</param>
    /// <param name="Password">The account's; staff need at least 12 characters.</param>
    public sealed record Request([property: Required, StringLength(100), Secret] string Token, [property: Required, Secret] string Password);

    internal static void Map(RouteGroupBuilder v1) =>
        v1.MapPost("/admin-claims", HandleAsync).RequireAuthorization(Policies.Person).Produces(204).LimitRate(RateLimit.Guessing);

    private static async Task<IResult> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        Proofs proofs,
        Database database,
        FlorinDb db,
        Sessions sessions,
        TimeProvider clock,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        await proofs.RequirePasswordAsync(http, caller, request.Password, cancel);
        var person = await db.People.AsNoTracking().SingleAsync(p => p.Id == caller.Person, cancel);
        Passwords.Require("password", request.Password, staff: true, person.Username, person.Email, person.Phone);
        var ended = await database.TransactionAsync(
            async connection =>
            {
                await using var take = new NpgsqlCommand(
                    """
                    with taken as (
                        update identity.admin_tokens set used_at = $3, used_by = $2 where hash = $1 and used_at is null and expires_at > $3 returning hash
                    )
                    update identity.people set roles = array(select distinct unnest(roles || array['admin']) order by 1), updated_at = $3
                    from taken where id = $2 and deleted_at is null
                    """,
                    connection
                );
                take.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Hash(request.Token) });
                take.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = caller.Person });
                take.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
                if (await take.ExecuteNonQueryAsync(cancel) != 1)
                {
                    throw CredentialRefusals.WrongAdminToken.With();
                }

                await connection.InsertAsync(cancel, ActivityLog.Row(activity.Entry(http, "identity.admin_claimed")));
                return await sessions.RevokeAllAsync(connection, caller.Person, null, "rights_changed", cancel); // sign in again, with the new role
            },
            cancel
        );
        sessions.MakeKnown(ended);
        return Results.NoContent();
    }

    private static async Task<int> PrintAsync(IServiceProvider services, CancellationToken cancel)
    {
        var token = Start + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        await using var command = services
            .GetRequiredService<Database>()
            .Source.CreateCommand("insert into identity.admin_tokens (hash, created_at, expires_at) values ($1, $2, $3)");
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Hash(token) });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (now + Lifetime).UtcDateTime });
        await command.ExecuteNonQueryAsync(cancel);
        Console.WriteLine(token);
        await Console.Error.WriteLineAsync("Shown once, valid for 24 hours. Sign in, then POST it with your password to /v1/admin-claims.");
        return 0;
    }

    private static byte[] Hash(string token) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(token));
}
