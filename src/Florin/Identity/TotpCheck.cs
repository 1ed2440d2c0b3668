using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Identity;

/// <summary>What a second factor turned out to be.</summary>
public enum TotpMatch
{
    /// <summary>Wrong, old, used before, or one-time codes are off.</summary>
    Wrong,

    /// <summary>The authenticator's code; its step and all before it are used up.</summary>
    Code,

    /// <summary>A recovery code; it is used up.</summary>
    RecoveryCode,
}

/// <summary>Takes second factors: a code of the authenticator app or a recovery code, each once over all servers.</summary>
public sealed class TotpCheck(Database database, Secrets secrets, TimeProvider clock)
{
    /// <summary>Takes the code, if it is right, in a guarded update: of many callers with the same code one has it. Counting wrong ones is the caller's.</summary>
    /// <param name="person">Whose.</param>
    /// <param name="code">6 digits, or a recovery code as it was shown.</param>
    /// <param name="cancel">Stops before it is taken.</param>
    public async Task<TotpMatch> TakeAsync(Guid person, string code, CancellationToken cancel)
    {
        var typed = code.Replace(" ", "", StringComparison.Ordinal);
        return typed.Length == Totp.Digits && typed.All(char.IsAsciiDigit) ? await TakeCodeAsync(person, typed, cancel)
            : RecoveryCodes.LooksLike(typed) ? await TakeRecoveryCodeAsync(person, typed, cancel)
            : TotpMatch.Wrong;
    }

    /// <summary>The secret as it stands in the row.</summary>
    internal static byte[] Seal(Secrets secrets, Guid person, byte[] secret) => secrets.Encrypt(secret, Context(person));

    /// <summary>Opens what <see cref="Seal"/> made.</summary>
    internal static byte[] Open(Secrets secrets, Guid person, byte[] sealedSecret) => secrets.Decrypt(sealedSecret, Context(person));

    /// <summary>For <c>./florin rotate-keys</c>.</summary>
    internal static SealedColumn Sealed => new("identity.people", "totp_secret", ["id"], static row => Context(Guid.Parse(row[0])));

    private static string Context(Guid person) => $"totp:{person:N}";

    private async Task<TotpMatch> TakeCodeAsync(Guid person, string code, CancellationToken cancel)
    {
        await using var read = database.Source.CreateCommand("select totp_secret from identity.people where id = $1 and totp_enabled_at is not null");
        read.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        if (
            await read.ExecuteScalarAsync(cancel) is not byte[] sealedSecret
            || Totp.MatchingStep(Open(secrets, person, sealedSecret), code, clock.GetUtcNow()) is not { } step
        )
        {
            return TotpMatch.Wrong;
        }

        // RFC 6238 §5.2: no step is accepted twice, nor an older one after a newer.
        await using var take = database.Source.CreateCommand(
            """
            update identity.people set totp_last_step = $3
            where id = $1 and totp_secret = $2 and totp_enabled_at is not null and (totp_last_step is null or totp_last_step < $3)
            """
        );
        take.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        take.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = sealedSecret });
        take.Parameters.Add(new NpgsqlParameter<long> { TypedValue = step, NpgsqlDbType = NpgsqlDbType.Bigint });
        return await take.ExecuteNonQueryAsync(cancel) == 1 ? TotpMatch.Code : TotpMatch.Wrong;
    }

    private async Task<TotpMatch> TakeRecoveryCodeAsync(Guid person, string code, CancellationToken cancel)
    {
        await using var take = database.Source.CreateCommand(
            """
            update identity.people set recovery_code_hashes = array(select one from unnest(recovery_code_hashes) one where one <> all($2))
            where id = $1 and totp_enabled_at is not null and recovery_code_hashes && $2
            """
        );
        take.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        take.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = RecoveryCodes.Hashes(secrets, person, code) });
        return await take.ExecuteNonQueryAsync(cancel) == 1 ? TotpMatch.RecoveryCode : TotpMatch.Wrong;
    }
}
