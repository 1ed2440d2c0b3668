using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Identity;

/// <summary>Profile, sessions, devices and keys of a person.</summary>
internal sealed class IdentityPersonalData(Database database, IServiceScopeFactory scopes, TimeProvider clock) : IPersonalData
{
    public string Section => "identity";

    public async Task<object> ExportAsync(Guid person, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        var profile = ShowMe.Show(await db.People.AsNoTracking().SingleAsync(p => p.Id == person, cancel));
        var keys = await db.ApiKeys.AsNoTracking().Where(k => k.PersonId == person).OrderBy(k => k.Id).ToListAsync(cancel);
        return new
        {
            Profile = profile,
            Sessions = await SessionsAsync(person, cancel),
            Passkeys = await db
                .Passkeys.Where(p => p.PersonId == person)
                .OrderBy(p => p.Id)
                .Select(p => new
                {
                    p.Name,
                    p.CreatedAt,
                    p.LastUsedAt,
                })
                .ToListAsync(cancel),
            ApiKeys = keys.Select(k => new
            {
                k.Name,
                k.Prefix,
                k.Scopes,
                k.CreatedAt,
                k.LastUsedAt,
                k.ExpiresAt,
                k.RevokedAt,
            }),
        };
    }

    public async Task EraseAsync(Guid person, NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (
            var sql in (string[])
                [
                    """
                        update identity.people set username = null, email = null, email_verified_at = null, phone = null, phone_verified_at = null,
                            contact_number = null, first_name = '', last_name = '', password_hash = null, roles = '{}', date_of_birth = null,
                            student_id = null, institution = null, graduation_year = null, bio = null, location = null, website = null, address = null,
                            notification_preferences = '{}', privacy_settings = '{}', locale = null, picture = null, picture_type = null,
                            is_verified = false, pin_hash = null, pin_failures = 0, pin_pending = 0, pin_tried_at = null, pin_locked_at = null, totp_secret = null, totp_enabled_at = null,
                            totp_last_step = null, recovery_code_hashes = '{}', locked_until = null, deleted_at = $2, updated_at = $2
                        where id = $1
                        """,
                    "update identity.api_keys set revoked_at = $2, name = '' where person_id = $1 and revoked_at is null",
                    "delete from identity.known_devices where person_id = $1 and $2::timestamptz is not null",
                    "delete from identity.passkeys where person_id = $1 and $2::timestamptz is not null",
                    "delete from identity.codes where person_id = $1 and $2::timestamptz is not null",
                ]
        )
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync(cancel);
    }

    private async Task<List<object>> SessionsAsync(Guid person, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "select created_at, last_used_at, revoked_at, host(address), user_agent from identity.sessions where person_id = $1 order by id"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var sessions = new List<object>();
        while (await reader.ReadAsync(cancel))
        {
            sessions.Add(
                new
                {
                    CreatedAt = reader.GetFieldValue<DateTimeOffset>(0),
                    LastUsedAt = reader.GetFieldValue<DateTimeOffset>(1),
                    RevokedAt = await reader.GetFieldValueAsync<DateTimeOffset?>(2, cancel),
                    Address = await reader.IsDBNullAsync(3, cancel) ? null : reader.GetString(3),
                    UserAgent = await reader.IsDBNullAsync(4, cancel) ? null : reader.GetString(4),
                }
            );
        }

        return sessions;
    }
}
