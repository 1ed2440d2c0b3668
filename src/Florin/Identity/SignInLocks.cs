using System.Net;
using System.Security.Cryptography;
using System.Text;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Identity;

/// <summary>
/// Counts wrong sign-ins in the database (A3): 10 in a row lock an account, 10 in an hour a network source, for a quarter of an hour. A device
/// that signed in before gets in all the same, until it has been wrong 10 times itself.
/// </summary>
internal sealed class SignInLocks(Database database, Secrets secrets, TimeProvider clock)
{
    /// <summary>Wrong tries after which something is locked.</summary>
    public const int Tries = 10;

    /// <summary>How long it stays locked.</summary>
    public static readonly TimeSpan LockedFor = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(1);

    /// <summary>The source that a request comes from: an IPv4 address, or an IPv6 network of 64 bits, which one subscriber has whole.</summary>
    public static string SourceOf(HttpContext http)
    {
        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.GetAddressBytes() is { Length: 16 } bytes ? Convert.ToHexStringLower(bytes.AsSpan(0, 8)) + "/64" : address.ToString();
    }

    /// <summary>What is stored of a device's id.</summary>
    public byte[]? HashOf(string? device) => device is null ? null : HMACSHA256.HashData(secrets.Key("known-device"), Encoding.UTF8.GetBytes(device));

    /// <summary>Whether this try is kept out whatever the password, and whether the device is known.</summary>
    /// <param name="person">Whose account; empty where there is none.</param>
    /// <param name="source">From <see cref="SourceOf"/>.</param>
    /// <param name="device">From <see cref="HashOf(string?)"/>.</param>
    /// <param name="cancel">Stops asking.</param>
    public async Task<bool> IsLockedAsync(Guid person, string source, byte[]? device, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            select (exists (select from identity.people where id = $1 and locked_until > $5)
                    or exists (select from identity.sign_in_sources where source = $2 and locked_until > $5))
                and not exists (select from identity.known_devices where person_id = $1 and device_hash = $3 and failures < $4)
            """
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = source });
        command.Parameters.Add(new NpgsqlParameter<byte[]?> { TypedValue = device, NpgsqlDbType = NpgsqlDbType.Bytea });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Tries });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Counts a wrong try, with the row that says so. A lock in force is not made longer.</summary>
    public async Task CountFailureAsync(Guid person, string source, byte[]? device, RowInsert entry, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        await using var batch = database.Source.CreateBatch();
        batch.BatchCommands.Add(
            Command(
                """
                insert into identity.sign_in_sources as s (source, failures, updated_at) values ($1, 1, $2)
                on conflict (source) do update set updated_at = $2,
                    failures = case when s.updated_at < $5 or s.locked_until <= $2 then 1 else s.failures + 1 end,
                    locked_until = case when s.updated_at < $5 or s.locked_until <= $2 then null when s.failures + 1 >= $4 then $3 end
                where s.locked_until is null or s.locked_until <= $2
                """,
                new NpgsqlParameter<string> { TypedValue = source },
                now
            )
        );
        batch.BatchCommands.Add(
            Command(
                """
                update identity.people set
                    sign_in_failures = case when locked_until <= $2 then 1 else sign_in_failures + 1 end,
                    locked_until = case when locked_until is null and sign_in_failures + 1 >= $4 then $3 end
                where id = $1 and (locked_until is null or locked_until <= $2) and $5 is not null
                """,
                new NpgsqlParameter<Guid> { TypedValue = person },
                now
            )
        );
        var known = new NpgsqlBatchCommand("update identity.known_devices set failures = failures + 1 where person_id = $1 and device_hash = $2");
        known.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        known.Parameters.Add(new NpgsqlParameter<byte[]?> { TypedValue = device, NpgsqlDbType = NpgsqlDbType.Bytea });
        batch.BatchCommands.Add(known);
        batch.BatchCommands.Add(entry.Command());
        await batch.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Locks the person, clears the account's count and remembers the device, in the transaction of the sign-in.</summary>
    /// <param name="connection">In a transaction.</param>
    /// <param name="person">As they were when password and second factor were compared.</param>
    /// <param name="device">From <see cref="HashOf(string?)"/>.</param>
    /// <param name="cancel">Stops before it is done.</param>
    /// <returns>The person's roles now; null, and nothing done, where the account was locked, closed or given another password or second factor meanwhile.</returns>
    public async Task<string[]?> ClearAsync(NpgsqlConnection connection, Person person, byte[]? device, CancellationToken cancel)
    {
        await using var clear = new NpgsqlCommand(
            """
            update identity.people set sign_in_failures = 0, locked_until = null, last_signed_in_at = $2
            where id = $1 and deactivated_at is null and deleted_at is null and (locked_until is null or locked_until <= $2
                or exists (select from identity.known_devices where person_id = $1 and device_hash = $3 and failures < $4))
                and password_hash is not distinct from $5 and totp_enabled_at is not distinct from $6
            returning roles
            """,
            connection
        );
        clear.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person.Id });
        clear.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        clear.Parameters.Add(new NpgsqlParameter<byte[]?> { TypedValue = device, NpgsqlDbType = NpgsqlDbType.Bytea });
        clear.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Tries });
        clear.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = person.PasswordHash, NpgsqlDbType = NpgsqlDbType.Text });
        clear.Parameters.Add(new NpgsqlParameter<DateTime?> { TypedValue = person.TotpEnabledAt?.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        if (await clear.ExecuteScalarAsync(cancel) is not string[] roles)
        {
            return null;
        }

        if (device is not null)
        {
            await using var know = new NpgsqlCommand(
                """
                insert into identity.known_devices (person_id, device_hash, created_at, last_used_at) values ($1, $2, $3, $3)
                on conflict (person_id, device_hash) do update set failures = 0, last_used_at = $3
                """,
                connection
            );
            know.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person.Id });
            know.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = device });
            know.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
            await know.ExecuteNonQueryAsync(cancel);
        }

        return roles;
    }

    private static NpgsqlBatchCommand Command(string sql, NpgsqlParameter subject, DateTimeOffset now)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(subject);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (now + LockedFor).UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Tries });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (now - Forgotten).UtcDateTime });
        return command;
    }
}
