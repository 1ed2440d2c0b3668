using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Identity;

/// <summary>A person shows that the app has the secret; from now on sign-in asks for a code. The answer holds the recovery codes, this once.</summary>
internal static class ConfirmTotp
{
    /// <param name="Code">The six digits that the app shows.</param>
    public sealed record Request([property: Required, RegularExpression("^[0-9]{6}$", ErrorMessage = "must be six digits"), Secret] string Code);

    /// <param name="RecoveryCodes">Ten codes that stand in for the app, each once.</param>
    public sealed record Response(IReadOnlyList<string> RecoveryCodes);

    internal static void Map(RouteGroupBuilder me) => me.MapPost("/totp/confirm", HandleAsync).LimitRate(RateLimit.Guessing);

    private static async Task<Response> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        Database database,
        FlorinDb db,
        Secrets secrets,
        SecurityNotices notices,
        TimeProvider clock,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var now = clock.GetUtcNow();
        var pending = await db.People.AsNoTracking().SingleAsync(p => p.Id == caller.Person, cancel);
        if (pending.TotpEnabledAt is not null)
        {
            throw CredentialRefusals.TotpAlreadyOn.With();
        }

        if (pending.TotpSecret is not { } sealedSecret)
        {
            throw CredentialRefusals.TotpNotOn.With();
        }

        var step = Totp.MatchingStep(TotpCheck.Open(secrets, caller.Person, sealedSecret), request.Code, now) ?? throw CredentialRefusals.WrongTotp.With();
        var codes = RecoveryCodes.New();
        return await database.TransactionAsync(
            async connection =>
            {
                await using var confirm = new NpgsqlCommand(
                    """
                    update identity.people set totp_enabled_at = $3, totp_last_step = $4, recovery_code_hashes = $5, updated_at = $3
                    where id = $1 and totp_secret = $2 and totp_enabled_at is null
                    """,
                    connection
                );
                confirm.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = caller.Person });
                confirm.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = sealedSecret });
                confirm.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
                confirm.Parameters.Add(new NpgsqlParameter<long> { TypedValue = step, NpgsqlDbType = NpgsqlDbType.Bigint });
                confirm.Parameters.Add(
                    new NpgsqlParameter<string[]> { TypedValue = [.. codes.Select(code => RecoveryCodes.Hash(secrets, caller.Person, code))] }
                );
                if (await confirm.ExecuteNonQueryAsync(cancel) != 1)
                {
                    throw CredentialRefusals.TotpAlreadyOn.With();
                }

                await SecondFactor.ProveAsync(connection, caller.Session, cancel);
                var entry = activity.Entry(http, "identity.totp_enabled");
                await connection.InsertAsync(cancel, [ActivityLog.Row(entry), .. notices.Rows(http, pending, "totp_on")]);
                return new Response(codes);
            },
            cancel
        );
    }
}
