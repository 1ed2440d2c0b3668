using Florin.Platform;
using Florin.Platform.Pages;
using Npgsql;

namespace Florin.Identity;

/// <summary>
/// Sessions of pages. A sign-in by <c>/v1</c> becomes one: its refresh token moves into a cookie that no script reads, never rotates and never refreshes
/// by <c>/v1</c> again. It lives 7 days from its last use, and 30 days at most.
/// </summary>
public sealed class PageSessions
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);
    private static readonly TimeSpan Trusted = TimeSpan.FromSeconds(30); // before the database is asked again; revocations are known within a second
    private const int RememberedAtMost = 20_000;

    private readonly Database database;
    private readonly AccessTokens tokens;
    private readonly Revocations revocations;
    private readonly TimeProvider clock;
    private readonly RecentMemory<string, Known> known = new(RememberedAtMost, StringComparer.Ordinal);

    internal PageSessions(Database database, AccessTokens tokens, Revocations revocations, TimeProvider clock)
    {
        this.database = database;
        this.tokens = tokens;
        this.revocations = revocations;
        this.clock = clock;
    }

    /// <summary>Makes the session that was just begun one of pages, and gives the browser its cookie.</summary>
    /// <exception cref="Refusal"><c>refresh_token_not_valid</c></exception>
    public async Task AdoptAsync(HttpContext http, string refreshToken, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            update identity.sessions s set kind = 'page' from identity.refresh_tokens t
            where t.hash = $1 and s.id = t.session_id and t.used_at is null and s.kind = 'rotating' and s.revoked_at is null
            """
        );
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Sessions.HashOf(refreshToken) });
        if (await command.ExecuteNonQueryAsync(cancel) != 1)
        {
            throw IdentityRefusals.RefreshTokenNotValid.With();
        }

        http.Response.Cookies.Append(CookieName(http), refreshToken, PageCookies.Options(http, Lifetime));
    }

    /// <summary>Takes the cookie away. The session is ended by <see cref="Sessions"/>.</summary>
    public static void Forget(HttpContext http) => http.Response.Cookies.Delete(CookieName(http), PageCookies.Options(http, null));

    /// <summary>Has the person's roles read at the next request, such as after they got one.</summary>
    public void ReadAgain(HttpContext http)
    {
        if (http.Request.Cookies[CookieName(http)] is { } token && known.TryGet(token, out var session))
        {
            known.Replace(token, session with { Until = DateTimeOffset.MinValue });
        }
    }

    /// <summary>The session of a cookie; null where there is none, or it has ended.</summary>
    internal async ValueTask<Known?> FindAsync(HttpContext http)
    {
        if (http.Request.Cookies[CookieName(http)] is not { Length: > 0 and < 200 } token)
        {
            return null;
        }

        var now = clock.GetUtcNow();
        if (!known.TryGet(token, out var session) || session.Until < now)
        {
            session = await ReadAsync(token, now, http.RequestAborted);
            if (session is null)
            {
                return null;
            }

            http.Response.Cookies.Append(CookieName(http), token, PageCookies.Options(http, Lifetime));
            known.Replace(token, session);
        }

        return revocations.Contains(session.Token.Session) ? null : session;
    }

    private async Task<Known?> ReadAsync(string token, DateTimeOffset now, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            with found as (
                select s.id, s.person_id, p.roles, s.fresh_at, t.hash, s.second_factor is not null as proven
                from identity.refresh_tokens t join identity.sessions s on s.id = t.session_id join identity.people p on p.id = s.person_id
                where t.hash = $1 and t.expires_at > $2 and s.kind = 'page' and s.created_at > $4 and s.revoked_at is null and p.deactivated_at is null and p.deleted_at is null
            ), used as (
                update identity.sessions s set last_used_at = $2, expires_at = $3 from found where s.id = found.id
            ), extended as (
                update identity.refresh_tokens t set expires_at = $3 from found where t.hash = found.hash
            )
            select id, person_id, roles, fresh_at, proven from found
            """
        );
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Sessions.HashOf(token) });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (now + Lifetime).UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (now - Longest).UtcDateTime });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel))
        {
            return null;
        }

        var access = tokens.Issue(
            reader.GetGuid(1),
            reader.GetGuid(0),
            reader.GetFieldValue<string[]>(2),
            reader.GetFieldValue<DateTimeOffset>(3),
            reader.GetBoolean(4)
        );
        return new Known(access, tokens.Check(access)!, now + Trusted);
    }

    // The prefix makes browsers take it over TLS only, from this host, for all paths.
    private static string CookieName(HttpContext http) => PageCookies.Secure(http) ? "__Host-florin_session" : "florin_session";

    /// <summary>A session as the database said a moment ago.</summary>
    internal sealed record Known(string AccessToken, AccessToken Token, DateTimeOffset Until);
}
