using Florin.Activity;
using Florin.Ledger;
using Florin.Platform;
using Npgsql;

namespace Florin.Webhooks;

/// <summary>
/// Gives an endpoint a new secret, shown in this answer alone. The old one signs beside it for 24 hours, so that the receiver can change over at
/// leisure, and one whose new secret got lost on the way still holds a good one.
/// </summary>
internal static class RotateSecret
{
    private const int LiveAtMost = 5;

    public sealed record Request;

    /// <param name="Id"><c>whk_…</c></param>
    /// <param name="Secret">What deliveries are signed with from now on, this once.</param>
    /// <param name="OldSecretUntil">Until then the old one signs too.</param>
    public sealed record Response(string Id, string Secret, DateTimeOffset OldSecretUntil);

    internal static void Map(RouteGroupBuilder group) => group.MapPost("/{id}/secret", HandleAsync).Produces<Response>(201).LimitRate(RateLimit.Guessing);

    private static async Task<IResult> HandleAsync(
        string id,
        Caller caller,
        HttpContext http,
        WebhookSecrets secrets,
        GeneralLedger ledger,
        Idempotency idempotency,
        TimeProvider clock,
        ActivityLog activity
    )
    {
        var key = idempotency.Require(http, caller.Person, new Request());
        var endpoint = Ids.Read(WebhookEndpoint.Prefix, id);
        var now = clock.GetUtcNow();
        var until = now + WebhookSecrets.Overlap;
        var (secret, row) = secrets.New(endpoint);
        var commit = new LedgerCommit
        {
            Key = key,
            AnswerHoldsSecret = true,
            Complete = _ => Answer.Json(201, new Response(id, secret, until)),
        };
        commit.Rows.Add(Lock(endpoint, caller.Person));
        commit.Rows.Add(Expire(endpoint, now, until));
        commit.Inserts.Add(row);
        commit.Inserts.Add(ActivityLog.Row(activity.Entry(http, "webhooks.secret_replaced", details: new { webhook = id })));
        return (await ledger.CommitAsync(commit)).Required;
    }

    // By its own statement first, so that the next one sees the secrets as they are, whoever else replaces them at this moment.
    private static RowChange Lock(Guid endpoint, Guid person) =>
        new(
            "update webhooks.endpoints set url = url where id = $1 and person_id = $2 and deleted_at is null",
            [new NpgsqlParameter<Guid> { TypedValue = endpoint }, new NpgsqlParameter<Guid> { TypedValue = person }],
            Rows: 1,
            PlatformRefusals.NotFound,
            "webhooks.endpoints",
            endpoint
        );

    private static RowChange Expire(Guid endpoint, DateTimeOffset now, DateTimeOffset until) =>
        new(
            """
            update webhooks.secrets set expires_at = $3 where endpoint_id = $1 and expires_at is null
                and (select count(*) from webhooks.secrets where endpoint_id = $1 and (expires_at is null or expires_at > $2)) < $4
            """,
            [
                new NpgsqlParameter<Guid> { TypedValue = endpoint },
                new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime },
                new NpgsqlParameter<DateTime> { TypedValue = until.UtcDateTime },
                new NpgsqlParameter<int> { TypedValue = LiveAtMost },
            ],
            Rows: 1,
            WebhooksRefusals.WebhookSecretsLimitReached,
            "webhooks.endpoints",
            endpoint
        );
}
