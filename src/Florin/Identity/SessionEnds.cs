using Florin.Platform;
using Npgsql;

namespace Florin.Identity;

/// <summary>Ends a person's sessions with a change of their rights (T3).</summary>
internal sealed class SessionEnds(Revocations revocations, TimeProvider clock)
{
    /// <summary>Revokes all live sessions in the transaction of the change. Give the result to <see cref="MakeKnown"/> after it.</summary>
    public async Task<List<Guid>> EndAllAsync(NpgsqlConnection connection, Guid person, string reason, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            update identity.sessions set revoked_at = $2, revoked_in = pg_current_xact_id(), revoke_reason = $3
            where person_id = $1 and revoked_at is null returning id
            """,
            connection
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = reason });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var ended = new List<Guid>();
        while (await reader.ReadAsync(cancel))
        {
            ended.Add(reader.GetGuid(0));
        }

        return ended;
    }

    /// <summary>Refuses their tokens on this server at once; the others read it within half a second.</summary>
    public void MakeKnown(List<Guid> sessions) => revocations.Add(sessions);
}
