using Florin.Activity;
using Florin.Platform;
using Npgsql;

namespace Florin.Identity;

/// <summary><c>./florin change-password</c>: whoever has the console sets somebody's password. Their sessions end, their devices are forgotten and they are told.</summary>
internal static class ReplacePassword
{
    public static readonly Command Command = new("change-password", "set a person's password, and end their sessions; asks for the password", RunAsync)
    {
        Words = ["LOGIN"],
        More = "  LOGIN is a username, an e-mail address or a phone number. Reads the password from the terminal, or as the first line of stdin.",
    };

    private static async Task<int> RunAsync(CommandCall call, CancellationToken cancel)
    {
        await using var scope = call.Services.CreateAsyncScope();
        var person = await scope.ServiceProvider.GetRequiredService<People>().FindByLoginAsync(call.Words[0], LoginKinds.Any, cancel);
        if (person is null or { DeletedAt: not null })
        {
            throw new CommandFailure($"nobody signs in as '{call.Words[0]}'");
        }

        if (person.DeactivatedAt is not null)
        {
            throw new CommandFailure("the account is closed");
        }

        var password = TypedSecret.Read("password");
        Passwords.Require("password", password, person.IsStaff, person.Username, person.Email, person.Phone);
        var hash = await call.Get<Passwords>().HashAsync(password, cancel);
        await call.Get<Database>().TransactionAsync(connection => SetAsync(connection, call, person, hash, cancel), cancel);
        call.Print($"The password of {call.Words[0]} ({person.PublicId}) is changed, and their sessions are ended.");
        return Commands.Done;
    }

    private static async Task<bool> SetAsync(NpgsqlConnection connection, CommandCall call, Person person, string hash, CancellationToken cancel)
    {
        var now = call.Get<TimeProvider>().GetUtcNow();
        await using var set = new NpgsqlCommand(
            """
            update identity.people set password_hash = $2, updated_at = $3, sign_in_failures = 0, locked_until = null
            where id = $1 and deactivated_at is null and deleted_at is null
            """,
            connection
        );
        set.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person.Id });
        set.Parameters.Add(new NpgsqlParameter<string> { TypedValue = hash });
        set.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        if (await set.ExecuteNonQueryAsync(cancel) != 1)
        {
            throw new CommandFailure("the account was closed meanwhile");
        }

        await using var forget = new NpgsqlCommand("delete from identity.known_devices where person_id = $1", connection);
        forget.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person.Id });
        await forget.ExecuteNonQueryAsync(cancel);
        await connection.InsertAsync(cancel, ActivityLog.Row(call.Get<ActivityLog>().Entry("identity.password_changed", person.Id, new { by = "console" })));
        if (person.ProvenContact() is { } contact)
        {
            var values = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["at"] = SecurityNotices.Show(now),
                ["device"] = "the console of the server",
                ["address"] = "the server itself",
            };
            var told = new MessageRequest(contact.Channel, contact.To, "password_changed", values);
            await connection.InsertAsync(cancel, Outbox.Row(told.Event(call.Get<Secrets>(), person.Id)));
        }

        // Other servers read the revocations within a second.
        await call.Get<Sessions>().RevokeAllAsync(connection, person.Id, null, "password_changed", cancel);
        return true;
    }
}
