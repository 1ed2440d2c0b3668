using Florin.Activity;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Identity;

/// <summary>Asks for a person's PIN before money moves. Five wrong ones in a row lock it, over all servers and however many come at once.</summary>
public sealed class Pins(Database database, Passwords passwords, TimeProvider clock, ActivityLog activity, IHttpContextAccessor request)
{
    /// <summary>Wrong PINs in a row that lock it (A4).</summary>
    public const int Tries = 5;

    /// <summary>Passes for the right PIN.</summary>
    /// <param name="person">Whose PIN, which is not always the caller's.</param>
    /// <param name="pin">As typed; null counts as wrong but not as a try.</param>
    /// <param name="cancel">Stops before the try is counted.</param>
    /// <exception cref="Refusal"><c>pin_not_set</c>, <c>wrong_pin</c> with <c>tries_left</c>, or <c>pin_locked</c></exception>
    public async Task VerifyAsync(Guid person, string? pin, CancellationToken cancel)
    {
        var (hash, locked, failures) = await ReadAsync(person, cancel);
        if (hash is null)
        {
            throw CredentialRefusals.PinNotSet.With();
        }

        if (locked)
        {
            throw CredentialRefusals.PinLocked.With();
        }

        if (!IsWellFormed(pin))
        {
            throw Wrong(Tries - failures);
        }

        // What the comparison says counts only where a guarded update takes it, and those queue at the row:
        // of fifty guesses at once no more than five are answered.
        if (await passwords.CompareAsync(hash, pin!, cancel) == PasswordMatch.Wrong)
        {
            throw await CountWrongAsync(person, hash, cancel) is { } left ? Wrong(left) : CredentialRefusals.PinLocked.With();
        }

        if (!await TakeRightAsync(person, hash, cancel))
        {
            throw CredentialRefusals.PinLocked.With();
        }
    }

    /// <summary>4 to 6 digits.</summary>
    internal static bool IsWellFormed(string? pin) => pin is { Length: >= 4 and <= 6 } && pin.All(char.IsAsciiDigit);

    /// <summary>One digit repeated, or digits that count up or down.</summary>
    internal static bool IsTooSimple(string pin)
    {
        var step = pin[1] - pin[0];
        return step is >= -1 and <= 1 && pin.Zip(pin.Skip(1)).All(pair => pair.Second - pair.First == step);
    }

    private static Refusal Wrong(int left) =>
        new(CredentialRefusals.WrongPin) { Extensions = new Dictionary<string, object?>(StringComparer.Ordinal) { ["tries_left"] = left } };

    private async Task<(string? Hash, bool Locked, int Failures)> ReadAsync(Guid person, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "select pin_hash, pin_locked_at is not null, pin_failures from identity.people where id = $1 and deleted_at is null"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) && !await reader.IsDBNullAsync(0, cancel)
            ? (reader.GetString(0), reader.GetBoolean(1), reader.GetInt32(2))
            : (null, false, 0);
    }

    private async Task<bool> TakeRightAsync(Guid person, string hash, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "update identity.people set pin_failures = 0 where id = $1 and pin_hash = $2 and pin_locked_at is null"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = hash });
        return await command.ExecuteNonQueryAsync(cancel) == 1;
    }

    // How many tries are left, or null where the PIN was locked or changed meanwhile and this one is not told whether it was wrong.
    private Task<int?> CountWrongAsync(Guid person, string hash, CancellationToken cancel) =>
        database.TransactionAsync<int?>(
            async connection =>
            {
                await using var command = new NpgsqlCommand(
                    """
                    update identity.people set pin_failures = pin_failures + 1, pin_locked_at = case when pin_failures + 1 >= $3 then $4::timestamptz end
                    where id = $1 and pin_hash = $2 and pin_locked_at is null returning pin_failures
                    """,
                    connection
                );
                command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = hash });
                command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Tries });
                command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
                if (await command.ExecuteScalarAsync(cancel) is not int failures)
                {
                    return null;
                }

                await connection.InsertAsync(cancel, ActivityLog.Row(Entry(failures < Tries ? "identity.pin_refused" : "identity.pin_locked", person)));
                return Tries - failures;
            },
            cancel
        );

    private ActivityEntry Entry(string action, Guid person) =>
        request.HttpContext is { } http ? activity.Entry(http, action, person) : activity.Entry(action, person);
}
