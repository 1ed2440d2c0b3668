using Florin.Platform;
using Npgsql;

namespace Florin.Identity;

/// <summary>How many people there are. <c>docs/metrics.md</c> says what each figure is.</summary>
/// <param name="Total">Who have an account now.</param>
/// <param name="New">Whose account was made in the stretch of time, whatever became of it.</param>
/// <param name="NewBefore">The same of the stretch before.</param>
/// <param name="Active">Who signed in, or used a session that is still kept, from the beginning of the stretch on.</param>
/// <param name="Frozen">Whose account is switched off.</param>
public sealed record PeopleCounts(long Total, long New, long NewBefore, long Active, long Frozen);

/// <summary>Counts people.</summary>
public sealed class PeopleFigures(Database database)
{
    /// <summary>Counts.</summary>
    public async Task<PeopleCounts> CountAsync(Stretch stretch, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            select (select count(*) from identity.people where deleted_at is null),
                (select count(*) from identity.people where created_at >= $1 and created_at < $2),
                (select count(*) from identity.people where created_at >= $3 and created_at < $4),
                (select count(*) from identity.people where deleted_at is null and last_signed_in_at >= $1) + (
                    select count(*) from identity.people where deleted_at is null and (last_signed_in_at >= $1) is not true
                        and id in (select person_id from identity.sessions where last_used_at >= $1)
                ),
                (select count(*) from identity.people where deleted_at is null and deactivated_at is not null)
            """
        );
        var before = stretch.Before;
        foreach (var at in new[] { stretch.From, stretch.To, before.From, before.To })
        {
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = at.UtcDateTime });
        }

        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return new PeopleCounts(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4));
    }
}
