using System.Net;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Identity;

/// <summary>A person's live sessions, so that they see where they are signed in.</summary>
internal static class ListSessions
{
    /// <param name="Id"><c>ses_…</c>, for <c>DELETE /v1/sessions/{id}</c>.</param>
    /// <param name="Current">Whether this request belongs to it.</param>
    /// <param name="CreatedAt">When they signed in.</param>
    /// <param name="LastUsedAt">Last refreshed.</param>
    /// <param name="ExpiresAt">Ends by itself, unless refreshed.</param>
    /// <param name="Address">Where they signed in from.</param>
    /// <param name="UserAgent">What the client called itself.</param>
    public sealed record Response(
        string Id,
        bool Current,
        DateTimeOffset CreatedAt,
        DateTimeOffset LastUsedAt,
        DateTimeOffset ExpiresAt,
        string? Address,
        string UserAgent
    );

    private sealed record Row(Guid Id, Response Shown);

    internal static void Map(RouteGroupBuilder sessions) => sessions.MapGet("", HandleAsync).RequireAuthorization(Policies.Person);

    private static Task<Page<Response>> HandleAsync(
        Caller caller,
        Database database,
        TimeProvider clock,
        int? limit,
        string? cursor,
        CancellationToken cancel
    ) => ReadAsync(caller.Person, caller.Session, database, clock, PageRequest.Read(limit, cursor), cancel);

    /// <summary>A person's live sessions, newest first.</summary>
    /// <param name="person">Whose.</param>
    /// <param name="current">The session that asks.</param>
    /// <param name="database">Where they are.</param>
    /// <param name="clock">The time.</param>
    /// <param name="page">Which page.</param>
    /// <param name="cancel">Stops reading.</param>
    internal static async Task<Page<Response>> ReadAsync(
        Guid person,
        Guid current,
        Database database,
        TimeProvider clock,
        PageRequest page,
        CancellationToken cancel
    )
    {
        await using var command = database.Source.CreateCommand(
            """
            select id, created_at, last_used_at, expires_at, address, user_agent from identity.sessions
            where person_id = $1 and revoked_at is null and expires_at > $2 and ($3 is null or id < $3) order by id desc limit $4
            """
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<Guid?> { TypedValue = page.Before, NpgsqlDbType = NpgsqlDbType.Uuid });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = page.Limit + 1 });
        var rows = new List<Row>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var id = reader.GetGuid(0);
            rows.Add(
                new Row(
                    id,
                    new Response(
                        Ids.Show(Sessions.Prefix, id),
                        id == current,
                        reader.GetFieldValue<DateTimeOffset>(1),
                        reader.GetFieldValue<DateTimeOffset>(2),
                        reader.GetFieldValue<DateTimeOffset>(3),
                        await reader.IsDBNullAsync(4, cancel) ? null : reader.GetFieldValue<IPAddress>(4).ToString(),
                        reader.GetString(5)
                    )
                )
            );
        }

        return page.Of(rows, row => row.Id, row => row.Shown);
    }
}
