using Florin.Platform;
using Npgsql;

namespace Florin.Identity;

/// <summary>
/// What proves a session besides the password. Where real money moves, the rights of staff demand one: a session without it has no role of staff
/// (<see cref="AccessTokens"/>), and is told how to come by one.
/// </summary>
internal sealed class SecondFactor(Database database)
{
    /// <summary>A code of the authenticator app, or a recovery code.</summary>
    public const string Totp = "totp";

    /// <summary>A passkey, which is two factors in one.</summary>
    public const string Passkey = "passkey";

    /// <summary>
    /// Passes where a new factor may be added. Staff who have a passkey add another factor in a session that one has proven: else whoever knows the
    /// password alone would make a factor of their own.
    /// </summary>
    /// <exception cref="Refusal"><c>second_factor_needed</c></exception>
    public async Task DemandForAnotherAsync(Caller caller, CancellationToken cancel)
    {
        if (!Roles.Staff.Any(caller.Withheld))
        {
            return;
        }

        await using var command = database.Source.CreateCommand("select exists (select from identity.passkeys where person_id = $1)");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = caller.Person });
        if ((bool)(await command.ExecuteScalarAsync(cancel))!)
        {
            throw IdentityRefusals.SecondFactorNeeded.With("Sign in with your passkey first.");
        }
    }

    /// <summary>Notes that the code of an authenticator app has just proven this session too.</summary>
    public static async Task ProveAsync(NpgsqlConnection connection, Guid session, CancellationToken cancel)
    {
        await using var prove = new NpgsqlCommand("update identity.sessions set second_factor = 'totp' where id = $1 and second_factor is null", connection);
        prove.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = session });
        await prove.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Takes from a person's sessions what one-time codes proved; access tokens say so for an hour at most.</summary>
    public static async Task ForgetCodesAsync(NpgsqlConnection connection, Guid person, CancellationToken cancel)
    {
        await using var forget = new NpgsqlCommand(
            "update identity.sessions set second_factor = null where person_id = $1 and second_factor = 'totp' and revoked_at is null",
            connection
        );
        forget.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        await forget.ExecuteNonQueryAsync(cancel);
    }
}
