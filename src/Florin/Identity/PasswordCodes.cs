using Florin.Activity;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Identity;

/// <summary>What a password code holds while it is on its way.</summary>
/// <param name="Person">Whose password; null where the login that was given is nobody's.</param>
/// <param name="Former">The hash that is replaced. Where it changed meanwhile the code is worth nothing.</param>
/// <param name="Channel">How the code was sent.</param>
/// <param name="To">Where to; told of the change.</param>
/// <param name="Hash">The hash of the new password, where that was given with the start.</param>
internal sealed record PasswordCode(Guid? Person, string? Former, MessageChannel Channel, string To, string? Hash);

/// <summary>Replaces passwords against codes.</summary>
internal sealed class PasswordCodes(Database database, Codes codes, Sessions sessions, SecurityNotices notices, Secrets secrets, TimeProvider clock)
{
    /// <summary>Where a person's codes go: the proven address before the proven number, then what was only claimed.</summary>
    public static (MessageChannel Channel, string To)? ContactOf(Person person) =>
        person is { Email: not null, EmailVerifiedAt: not null } ? (MessageChannel.Email, person.Email)
        : person is { Phone: not null, PhoneVerifiedAt: not null } ? (MessageChannel.Sms, person.Phone)
        : person.Email is not null ? (MessageChannel.Email, person.Email)
        : person.Phone is not null ? (MessageChannel.Sms, person.Phone)
        : null;

    /// <summary>
    /// Consumes the code, sets the password, lifts the lock, ends the other sessions and tells the person, together. A code that came back
    /// proves the address that it was sent to.
    /// </summary>
    /// <param name="http">The request, for the message.</param>
    /// <param name="code">A right code.</param>
    /// <param name="what">What it held.</param>
    /// <param name="hash">The new hash.</param>
    /// <param name="stays">The session that goes on; null ends all and forgets the known devices.</param>
    /// <param name="entry">Activity.</param>
    /// <param name="cancel">Stops before it is done.</param>
    /// <exception cref="Refusal"><c>code_not_valid</c> where the password changed meanwhile or the account was closed</exception>
    public async Task ReplaceAsync(HttpContext http, RightCode code, PasswordCode what, string hash, Guid? stays, ActivityEntry entry, CancellationToken cancel)
    {
        var person = what.Person ?? throw IdentityRefusals.CodeNotValid.With();
        var told = new MessageRequest(what.Channel, what.To, "password_changed", notices.Values(http));
        var ended = await database.TransactionAsync(
            async connection =>
            {
                await codes.ConsumeAsync(connection, code, cancel);
                await SetAsync(connection, person, what, hash, cancel);
                await using var batch = new NpgsqlBatch(connection);
                batch.BatchCommands.Add(Outbox.Row(told.Event(secrets, person)).Command());
                batch.BatchCommands.Add(ActivityLog.Row(entry).Command());
                if (stays is null)
                {
                    var forget = new NpgsqlBatchCommand("delete from identity.known_devices where person_id = $1");
                    forget.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
                    batch.BatchCommands.Add(forget);
                }

                await batch.ExecuteNonQueryAsync(cancel);
                return await sessions.RevokeAllAsync(connection, person, stays, "password_changed", cancel);
            },
            cancel
        );
        sessions.MakeKnown(ended);
    }

    private async Task SetAsync(NpgsqlConnection connection, Guid person, PasswordCode what, string hash, CancellationToken cancel)
    {
        await using var set = new NpgsqlCommand(
            """
            update identity.people set password_hash = $3, updated_at = $4, sign_in_failures = 0, locked_until = null,
                claimed_at = case when created_by_shop is not null then coalesce(claimed_at, $4) end,
                email_verified_at = case when lower(email) = lower($5) then coalesce(email_verified_at, $4) else email_verified_at end,
                phone_verified_at = case when phone = $5 then coalesce(phone_verified_at, $4) else phone_verified_at end
            where id = $1 and password_hash is not distinct from $2 and deactivated_at is null and deleted_at is null
            """,
            connection
        );
        set.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        set.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = what.Former, NpgsqlDbType = NpgsqlDbType.Text });
        set.Parameters.Add(new NpgsqlParameter<string> { TypedValue = hash });
        set.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        set.Parameters.Add(new NpgsqlParameter<string> { TypedValue = what.To });
        if (await set.ExecuteNonQueryAsync(cancel) != 1)
        {
            throw IdentityRefusals.CodeNotValid.With();
        }
    }
}
