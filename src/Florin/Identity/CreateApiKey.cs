using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Ledger;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using NpgsqlTypes;

namespace Florin.Identity;

/// <summary>A merchant makes an API key. The key is in this answer and nowhere else: a replay says that it was not kept.</summary>
internal static class CreateApiKey
{
    private const int LiveAtMost = 50;

    private static readonly InsertShape<ApiKey> Shape = new(
        "insert into identity.api_keys (id, person_id, name, prefix, hash, scopes, created_at, expires_at) "
            + "select u.id, u.person_id, u.name, u.prefix, u.hash, string_to_array(u.scopes, ' '), u.created_at, u.expires_at "
            + "from unnest($1, $2, $3, $4, $5, $6, $7, $8) u(id, person_id, name, prefix, hash, scopes, created_at, expires_at)",
        Column.Of((ApiKey k) => k.Id, NpgsqlDbType.Uuid),
        Column.Of((ApiKey k) => k.PersonId, NpgsqlDbType.Uuid),
        Column.Of((ApiKey k) => k.Name, NpgsqlDbType.Text),
        Column.Of((ApiKey k) => k.Prefix, NpgsqlDbType.Text),
        Column.Of((ApiKey k) => k.Hash, NpgsqlDbType.Bytea),
        Column.Of((ApiKey k) => string.Join(' ', k.Scopes), NpgsqlDbType.Text),
        Column.Of((ApiKey k) => k.CreatedAt.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((ApiKey k) => k.ExpiresAt?.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    /// <param name="Name">What the owner calls it.</param>
    /// <param name="Scopes">At least one of <see cref="ApiKeys.Scopes"/>.</param>
    /// <param name="ExpiresAt">Not valid from then on; never where not given.</param>
    public sealed record Request([property: Required, StringLength(100, MinimumLength = 1)] string Name, string[] Scopes, DateTimeOffset? ExpiresAt = null);

    /// <param name="Id"><c>key_…</c></param>
    /// <param name="Name">What the owner calls it.</param>
    /// <param name="Key">The key itself, this once.</param>
    /// <param name="Prefix">What lists show of it.</param>
    /// <param name="Scopes">What it may do.</param>
    /// <param name="CreatedAt">Now.</param>
    /// <param name="ExpiresAt">Not valid from then on.</param>
    public sealed record Response(
        string Id,
        string Name,
        string Key,
        string Prefix,
        IReadOnlyList<string> Scopes,
        DateTimeOffset CreatedAt,
        DateTimeOffset? ExpiresAt
    );

    internal static void Map(RouteGroupBuilder group) => group.MapPost("", HandleAsync).Produces<Response>(201).LimitRate(RateLimit.Guessing);

    private static async Task<IResult> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        FlorinDb db,
        GeneralLedger ledger,
        Idempotency idempotency,
        SecurityNotices notices,
        TimeProvider clock,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var owner = await db.People.AsNoTracking().SingleAsync(p => p.Id == caller.Person, cancel);
        owner.DemandClaimed();
        var idempotencyKey = idempotency.Require(http, caller.Person, request);
        var now = clock.GetUtcNow();
        var scopes = Check(request, now);
        if (
            await db.ApiKeys.CountAsync(k => k.PersonId == caller.Person && k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now), cancel)
            >= LiveAtMost
        )
        {
            throw CredentialRefusals.TooManyApiKeys.With();
        }

        var secret = ApiKeys.New();
        var key = new ApiKey
        {
            PersonId = caller.Person,
            Name = request.Name.Trim(),
            Prefix = ApiKeys.Shown(secret),
            Hash = ApiKeys.Hash(secret),
            Scopes = scopes,
            CreatedAt = now,
            ExpiresAt = request.ExpiresAt,
        };
        var id = Ids.Show(ApiKeys.IdPrefix, key.Id);
        var commit = new LedgerCommit
        {
            Key = idempotencyKey,
            AnswerHoldsSecret = true,
            Complete = _ => Answer.Json(201, new Response(id, key.Name, secret, key.Prefix, key.Scopes, key.CreatedAt, key.ExpiresAt)),
        };
        commit.Inserts.Add(Shape.Row(key));
        commit.Inserts.Add(ActivityLog.Row(activity.Entry(http, "identity.api_key_created", details: new { api_key = id, scopes = key.Scopes })));
        commit.Inserts.AddRange(notices.Rows(http, owner, "api_key_created", ("key", key.Prefix + "…"), ("scopes", string.Join(", ", key.Scopes))));
        return (await ledger.CommitAsync(commit)).Required;
    }

    private static string[] Check(Request request, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(request.Name))
        {
            throw PlatformRefusals.InvalidRequest.Field("name", "must not be blank");
        }

        if (request.Scopes.Length == 0 || request.Scopes.Any(scope => !ApiKeys.Scopes.Contains(scope, StringComparer.Ordinal)))
        {
            throw PlatformRefusals.InvalidRequest.Field("scopes", "must be some of " + string.Join(", ", ApiKeys.Scopes));
        }

        if (request.ExpiresAt <= now)
        {
            throw PlatformRefusals.InvalidRequest.Field("expires_at", "must be in the future");
        }

        return [.. request.Scopes.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }
}
