using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Florin.Activity;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Identity;

/// <summary>How a session's refresh token behaves.</summary>
public enum SessionKind
{
    /// <summary>Lives 7 days, is replaced at every use; a used one that comes back ends the session.</summary>
    Rotating,

    /// <summary>Lives a day and stays the same, for old clients that resend it.</summary>
    Fixed,
}

/// <summary>The tokens of a session, as the client gets them.</summary>
/// <param name="Session">Its id.</param>
/// <param name="Person">Whose.</param>
/// <param name="AccessToken">A JWT.</param>
/// <param name="ExpiresIn">Seconds that the access token is valid.</param>
/// <param name="RefreshToken">256 random bits; only their hash is stored.</param>
/// <param name="RefreshExpiresAt">The refresh token is not valid from then on.</param>
public sealed record SessionTokens(Guid Session, Guid Person, string AccessToken, int ExpiresIn, string RefreshToken, DateTimeOffset RefreshExpiresAt);

/// <summary>Starts, refreshes and ends sessions. What it revokes is refused here at once and on every other server within a second.</summary>
public sealed class Sessions
{
    /// <summary>The prefix of public ids.</summary>
    public const string Prefix = "ses";

    private const string TokenStart = "flr_"; // so that scanners for leaked secrets find it
    private static readonly TimeSpan RotatingLifetime = TimeSpan.FromDays(7);
    private static readonly TimeSpan FixedLifetime = TimeSpan.FromDays(1);
    private const int LongestUserAgent = 256;

    private readonly Database database;
    private readonly AccessTokens tokens;
    private readonly Revocations revocations;
    private readonly ActivityLog activity;
    private readonly TimeProvider clock;

    internal Sessions(Database database, AccessTokens tokens, Revocations revocations, ActivityLog activity, TimeProvider clock)
    {
        this.database = database;
        this.tokens = tokens;
        this.revocations = revocations;
        this.activity = activity;
        this.clock = clock;
    }

    /// <summary>A new session of a person who has just proven who they are. It begins with the transaction on this connection.</summary>
    /// <param name="connection">In a transaction.</param>
    /// <param name="http">The request, for address and device.</param>
    /// <param name="person">Who.</param>
    /// <param name="roles">Their roles.</param>
    /// <param name="kind">How the refresh token behaves.</param>
    /// <param name="secondFactor">One of <see cref="SecondFactor"/>; null where only a password was proven.</param>
    /// <param name="cancel">Stops before it begins.</param>
    internal async Task<SessionTokens> StartAsync(
        NpgsqlConnection connection,
        HttpContext http,
        Guid person,
        IReadOnlyList<string> roles,
        SessionKind kind,
        string? secondFactor,
        CancellationToken cancel
    )
    {
        var now = clock.GetUtcNow();
        var session = Ids.New();
        var refresh = NewToken();
        var expires = now + (kind == SessionKind.Fixed ? FixedLifetime : RotatingLifetime);
        await using var batch = new NpgsqlBatch(connection);
        var insert = new NpgsqlBatchCommand(
            "insert into identity.sessions (id, person_id, kind, created_at, last_used_at, expires_at, fresh_at, address, user_agent, second_factor) "
                + "values ($1, $2, $3, $4, $4, $5, $4, $6, $7, $8)"
        );
        insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = session });
        insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = kind == SessionKind.Fixed ? "fixed" : "rotating" });
        insert.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        insert.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = expires.UtcDateTime });
        insert.Parameters.Add(new NpgsqlParameter<IPAddress?> { TypedValue = http.Connection.RemoteIpAddress, NpgsqlDbType = NpgsqlDbType.Inet });
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = AgentOf(http) });
        insert.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = secondFactor, NpgsqlDbType = NpgsqlDbType.Text });
        batch.BatchCommands.Add(insert);
        batch.BatchCommands.Add(InsertToken(session, refresh, now, expires));
        await batch.ExecuteNonQueryAsync(cancel);
        return Tokens(session, person, roles, now, secondFactor is not null, refresh, expires);
    }

    /// <summary>What the client calls itself, as it is kept.</summary>
    internal static string AgentOf(HttpContext http) =>
        http.Request.Headers.UserAgent.ToString() is { Length: > LongestUserAgent } agent
            ? agent[..LongestUserAgent]
            : http.Request.Headers.UserAgent.ToString();

    /// <summary>Fresh tokens for a refresh token.</summary>
    /// <exception cref="Refusal"><c>refresh_token_not_valid</c>; where a used token came back, its session has ended</exception>
    public async Task<SessionTokens> RefreshAsync(HttpContext http, string refreshToken, CancellationToken cancel)
    {
        var hash = HashOf(refreshToken);
        var renewed = await database.TransactionAsync(connection => RotateAsync(connection, refreshToken, hash, cancel), cancel);
        if (renewed is null)
        {
            await EndReusedAsync(http, hash, cancel);
            throw IdentityRefusals.RefreshTokenNotValid.With();
        }

        return renewed;
    }

    /// <summary>Ends one session of a person.</summary>
    /// <returns>Whether it was theirs and had not ended.</returns>
    public async Task<bool> RevokeAsync(HttpContext http, Guid person, Guid session, string reason, CancellationToken cancel)
    {
        var entry = activity.Entry(http, "identity.signed_out", person, new { session = Ids.Show(Prefix, session), reason });
        var ended = await database.TransactionAsync(
            async connection =>
            {
                var ids = await EndAsync(connection, "id = $1 and person_id = $3", session, person, reason, cancel);
                if (ids.Count > 0)
                {
                    await InsertAsync(connection, ActivityLog.Row(entry), cancel);
                }

                return ids;
            },
            cancel
        );
        MakeKnown(ended);
        return ended.Count > 0;
    }

    /// <summary>Ends all sessions of a person but one, in a transaction of its own.</summary>
    /// <param name="person">Whose.</param>
    /// <param name="except">The session that goes on, if any.</param>
    /// <param name="reason">Why, such as <c>password_changed</c>.</param>
    /// <param name="cancel">Stops before it is done.</param>
    public async Task RevokeAllAsync(Guid person, Guid? except, string reason, CancellationToken cancel) =>
        MakeKnown(await database.TransactionAsync(connection => RevokeAllAsync(connection, person, except, reason, cancel), cancel));

    /// <summary>The same in the caller's transaction. Hand the result to <see cref="MakeKnown"/> after it.</summary>
    internal Task<IReadOnlyList<Guid>> RevokeAllAsync(NpgsqlConnection connection, Guid person, Guid? except, string reason, CancellationToken cancel) =>
        EndAsync(connection, "person_id = $1 and id <> $3", person, except ?? Guid.Empty, reason, cancel);

    /// <summary>Makes revocations known on this server at once.</summary>
    internal void MakeKnown(IReadOnlyList<Guid> revoked) => revocations.Add(revoked);

    private async Task<SessionTokens?> RotateAsync(NpgsqlConnection connection, string refreshToken, byte[] hash, CancellationToken cancel)
    {
        // The update takes the token's lock, so that of many callers at once one finds it unused. A fixed token is never used up.
        var now = clock.GetUtcNow();
        await using var use = new NpgsqlCommand(
            """
            update identity.refresh_tokens t set used_at = case when s.kind = 'rotating' then $2 end
            from identity.sessions s join identity.people p on p.id = s.person_id
            where t.hash = $1 and t.used_at is null and t.expires_at > $2 and s.id = t.session_id
                and s.kind <> 'page' and s.revoked_at is null and p.deactivated_at is null and p.deleted_at is null
            returning s.id, s.person_id, p.roles, s.fresh_at, s.kind, t.expires_at, s.second_factor is not null
            """,
            connection
        );
        use.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = hash });
        use.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        Guid session;
        Guid person;
        string[] roles;
        DateTimeOffset freshAt;
        DateTimeOffset expires;
        bool rotating;
        bool secondFactor;
        await using (var reader = await use.ExecuteReaderAsync(cancel))
        {
            if (!await reader.ReadAsync(cancel))
            {
                return null;
            }

            session = reader.GetGuid(0);
            person = reader.GetGuid(1);
            roles = reader.GetFieldValue<string[]>(2);
            freshAt = reader.GetFieldValue<DateTimeOffset>(3);
            rotating = string.Equals(reader.GetString(4), "rotating", StringComparison.Ordinal);
            secondFactor = reader.GetBoolean(6);
            expires = rotating ? now + RotatingLifetime : reader.GetFieldValue<DateTimeOffset>(5);
        }

        var fresh = rotating ? NewToken() : refreshToken;
        await using var batch = new NpgsqlBatch(connection);
        var touch = new NpgsqlBatchCommand("update identity.sessions set last_used_at = $2, expires_at = $3 where id = $1 and revoked_at is null");
        touch.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = session });
        touch.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        touch.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = expires.UtcDateTime });
        batch.BatchCommands.Add(touch);
        if (rotating)
        {
            batch.BatchCommands.Add(InsertToken(session, fresh, now, expires));
        }

        await batch.ExecuteNonQueryAsync(cancel);
        // Revoked between the two statements: the new token is worth nothing, since its session has ended.
        return touch.RecordsAffected == 1 ? Tokens(session, person, roles, freshAt, secondFactor, fresh, expires) : null;
    }

    // A used token that comes back was copied by somebody: whoever holds the family now must sign in again (RFC 9700 §4.14.2).
    private async Task EndReusedAsync(HttpContext http, byte[] hash, CancellationToken cancel)
    {
        await using var find = database.Source.CreateCommand(
            """
            select s.id, s.person_id from identity.refresh_tokens t join identity.sessions s on s.id = t.session_id
            where t.hash = $1 and t.used_at is not null and s.revoked_at is null
            """
        );
        find.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = hash });
        Guid session;
        Guid person;
        await using (var reader = await find.ExecuteReaderAsync(cancel))
        {
            if (!await reader.ReadAsync(cancel))
            {
                return;
            }

            session = reader.GetGuid(0);
            person = reader.GetGuid(1);
        }

        await RevokeAsync(http, person, session, "refresh_token_reused", cancel);
    }

    private async Task<IReadOnlyList<Guid>> EndAsync(
        NpgsqlConnection connection,
        string which,
        Guid first,
        Guid second,
        string reason,
        CancellationToken cancel
    )
    {
        await using var end = new NpgsqlCommand(
            $"""
            with ending as (select id from identity.sessions where {which} and revoked_at is null order by id for update)
            update identity.sessions s set revoked_at = $2, revoked_in = pg_current_xact_id(), revoke_reason = $4
            from ending where s.id = ending.id returning s.id
            """,
            connection
        );
        end.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = first });
        end.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        end.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = second });
        end.Parameters.Add(new NpgsqlParameter<string> { TypedValue = reason });
        var ended = new List<Guid>();
        await using var reader = await end.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            ended.Add(reader.GetGuid(0));
        }

        return ended;
    }

    private SessionTokens Tokens(
        Guid session,
        Guid person,
        IReadOnlyList<string> roles,
        DateTimeOffset freshAt,
        bool secondFactor,
        string refresh,
        DateTimeOffset expires
    ) => new(session, person, tokens.Issue(person, session, roles, freshAt, secondFactor), (int)AccessTokens.Lifetime.TotalSeconds, refresh, expires);

    private static string NewToken() => TokenStart + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    internal static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static NpgsqlBatchCommand InsertToken(Guid session, string token, DateTimeOffset now, DateTimeOffset expires)
    {
        var insert = new NpgsqlBatchCommand("insert into identity.refresh_tokens (hash, session_id, issued_at, expires_at) values ($1, $2, $3, $4)");
        insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = HashOf(token) });
        insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = session });
        insert.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        insert.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = expires.UtcDateTime });
        return insert;
    }

    private static async Task InsertAsync(NpgsqlConnection connection, RowInsert row, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { row.Command() } };
        await batch.ExecuteNonQueryAsync(cancel);
    }
}
