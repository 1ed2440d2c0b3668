using Florin.Activity;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Identity;

/// <summary>
/// Asks for a person's PIN before money moves. Five wrong ones in a row lock it. A try is counted before it is compared, so that of fifty at once, over all
/// servers, no more than five are compared while none has passed; the others wait, since right ones come at once too.
/// </summary>
public sealed class Pins(Database database, Passwords passwords, TimeProvider clock, ActivityLog activity, IHttpContextAccessor request)
{
    /// <summary>Wrong PINs in a row that lock it (A4).</summary>
    public const int Tries = 5;

    /// <summary>What has been compared for so long was being compared by a server that died. It counts as wrong.</summary>
    internal static readonly TimeSpan Lost = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(160);

    /// <summary>Passes for the right PIN.</summary>
    /// <param name="person">Whose PIN, which is not always the caller's.</param>
    /// <param name="pin">As typed; null counts as wrong but not as a try.</param>
    /// <param name="cancel">Stops before the try is counted.</param>
    /// <exception cref="Refusal">
    /// <c>pin_not_set</c>, <c>wrong_pin</c> with <c>tries_left</c>, <c>pin_locked</c>, or <c>unavailable</c> where too many are compared at once
    /// </exception>
    public async Task VerifyAsync(Guid person, string? pin, CancellationToken cancel)
    {
        if (!IsWellFormed(pin))
        {
            throw Wrong(Tries - Demand(await ReadAsync(person, cancel)).Failures);
        }

        var hash = await TakeTryAsync(person, cancel);
        PasswordMatch? match = null;
        try
        {
            match = await passwords.CompareAsync(hash, pin!, cancel);
        }
        finally
        {
            if (match is null)
            {
                await GiveBackAsync(person, hash); // nothing was compared
            }
        }

        if (match == PasswordMatch.Wrong)
        {
            throw await CountWrongAsync(person, hash) is { } left ? Wrong(left) : CredentialRefusals.PinLocked.With();
        }

        if (!await TakeRightAsync(person, hash))
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

    private sealed record Standing(string? Hash, bool Locked, int Failures, DateTimeOffset? TriedAt);

    /// <exception cref="Refusal"><c>pin_not_set</c>, <c>pin_locked</c></exception>
    private static Standing Demand(Standing now) =>
        now.Hash is null ? throw CredentialRefusals.PinNotSet.With()
        : now.Locked ? throw CredentialRefusals.PinLocked.With()
        : now;

    private async Task<Standing> ReadAsync(Guid person, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "select pin_hash, pin_locked_at is not null, pin_failures, pin_tried_at from identity.people where id = $1 and deleted_at is null"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? new Standing(
                await reader.IsDBNullAsync(0, cancel) ? null : reader.GetString(0),
                reader.GetBoolean(1),
                reader.GetInt32(2),
                await reader.GetFieldValueAsync<DateTimeOffset?>(3, cancel)
            )
            : new Standing(null, false, 0, null);
    }

    // The hash to compare with. Waits while as many are compared as there are tries left.
    private async Task<string> TakeTryAsync(Guid person, CancellationToken cancel)
    {
        var began = clock.GetTimestamp();
        for (var pause = TimeSpan.FromMilliseconds(20); ; pause = pause < LongestPause ? pause * 2 : LongestPause)
        {
            if (await TakeTryNowAsync(person, cancel) is { } hash)
            {
                return hash;
            }

            var now = Demand(await ReadAsync(person, cancel));
            if (now.TriedAt < clock.GetUtcNow() - Lost && await LockLostAsync(person, cancel))
            {
                throw CredentialRefusals.PinLocked.With();
            }

            if (clock.GetElapsedTime(began) > Patience)
            {
                throw PlatformRefusals.Unavailable.With("Too many PINs of one person are compared at once; nothing was done.");
            }

            await Task.Delay(pause, clock, cancel);
        }
    }

    private async Task<string?> TakeTryNowAsync(Guid person, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            update identity.people set
                pin_failures = case when pin_tried_at < $4 then pin_failures + pin_pending else pin_failures end,
                pin_pending = case when pin_tried_at < $4 then 1 else pin_pending + 1 end, pin_tried_at = $3
            where id = $1 and deleted_at is null and pin_hash is not null and pin_locked_at is null and pin_failures + pin_pending < $2
            returning pin_hash
            """
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Tries });
        command.Parameters.Add(Now());
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (clock.GetUtcNow() - Lost).UtcDateTime });
        return await command.ExecuteScalarAsync(cancel) as string;
    }

    private async Task<bool> LockLostAsync(Guid person, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            update identity.people set pin_failures = $2, pin_pending = 0, pin_locked_at = $3
            where id = $1 and pin_locked_at is null and pin_failures + pin_pending >= $2 and pin_tried_at < $4
            """
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Tries });
        command.Parameters.Add(Now());
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (clock.GetUtcNow() - Lost).UtcDateTime });
        return await command.ExecuteNonQueryAsync(cancel) == 1;
    }

    // From here on nobody who hangs up keeps a try from being counted.
    private Task<bool> GiveBackAsync(Guid person, string hash) => EndAsync(person, hash, right: false);

    private Task<bool> TakeRightAsync(Guid person, string hash) => EndAsync(person, hash, right: true);

    private async Task<bool> EndAsync(Guid person, string hash, bool right)
    {
        await using var command = database.Source.CreateCommand(
            """
            update identity.people set pin_failures = case when $3 then 0 else pin_failures end, pin_pending = greatest(pin_pending - 1, 0)
            where id = $1 and pin_hash = $2 and pin_locked_at is null
            """
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = hash });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = right });
        return await command.ExecuteNonQueryAsync(CancellationToken.None) == 1;
    }

    // How many tries are left, or null where the PIN was locked or changed meanwhile and this one is not told whether it was wrong.
    private Task<int?> CountWrongAsync(Guid person, string hash) =>
        database.TransactionAsync<int?>(
            async connection =>
            {
                await using var command = new NpgsqlCommand(
                    """
                    update identity.people set pin_failures = pin_failures + 1, pin_pending = greatest(pin_pending - 1, 0),
                        pin_locked_at = case when pin_failures + 1 >= $3 then $4::timestamptz end
                    where id = $1 and pin_hash = $2 and pin_locked_at is null returning pin_failures
                    """,
                    connection
                );
                command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = hash });
                command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Tries });
                command.Parameters.Add(Now());
                if (await command.ExecuteScalarAsync(CancellationToken.None) is not int failures)
                {
                    return null;
                }

                var action = failures < Tries ? "identity.pin_refused" : "identity.pin_locked";
                await connection.InsertAsync(CancellationToken.None, ActivityLog.Row(Entry(action, person)));
                return Math.Max(0, Tries - failures);
            },
            CancellationToken.None
        );

    private NpgsqlParameter<DateTime> Now() =>
        new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz };

    private ActivityEntry Entry(string action, Guid person) =>
        request.HttpContext is { } http ? activity.Entry(http, action, person) : activity.Entry(action, person);
}
