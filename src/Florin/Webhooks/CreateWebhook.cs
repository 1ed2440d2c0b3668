using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Ledger;
using Florin.Platform;
using Npgsql;

namespace Florin.Webhooks;

/// <summary>A merchant gives an address to be told at. The signing secret is in this answer and nowhere else: a replay says that it was not kept.</summary>
internal static class CreateWebhook
{
    /// <summary>How many endpoints one merchant may have.</summary>
    public const int AtMost = 20;

    /// <param name="Url">https (in a sandbox also http), without name and password; port 443, 80 or above 1023; on the public internet.</param>
    /// <param name="Events">Topics, or <c>["*"]</c> for all, which is what holds where not given.</param>
    /// <param name="Description">What the owner calls it.</param>
    public sealed record Request(
        [property: Required, StringLength(WebhookEndpoint.UrlLength, MinimumLength = 1)] string Url,
        string[]? Events = null,
        [property: StringLength(WebhookEndpoint.DescriptionLength)] string? Description = null
    );

    /// <param name="Id"><c>whk_…</c></param>
    /// <param name="Url">Where deliveries are posted.</param>
    /// <param name="Events">Topics; <c>*</c> for all.</param>
    /// <param name="Description">What the owner calls it.</param>
    /// <param name="Secret">What deliveries are signed with, <c>whsec_…</c>, this once.</param>
    /// <param name="CreatedAt">Now.</param>
    public sealed record Response(string Id, string Url, IReadOnlyList<string> Events, string? Description, string Secret, DateTimeOffset CreatedAt);

    internal static void Map(RouteGroupBuilder group) => group.MapPost("", HandleAsync).Produces<Response>(201).LimitRate(RateLimit.Guessing);

    private static async Task<IResult> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        AddressGuard guard,
        WebhookSecrets secrets,
        GeneralLedger ledger,
        Idempotency idempotency,
        TimeProvider clock,
        ActivityLog activity
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        var endpoint = new WebhookEndpoint
        {
            PersonId = caller.Person,
            Url = guard.Read(request.Url).AbsoluteUri,
            Topics = WebhookEndpoint.CleanTopics(request.Events),
            Description = WebhookEndpoint.CleanDescription(request.Description),
            CreatedAt = clock.GetUtcNow(),
        };
        var (secret, row) = secrets.New(endpoint.Id);
        var commit = new LedgerCommit
        {
            Key = key,
            AnswerHoldsSecret = true,
            Complete = _ => Answer.Json(201, new Response(endpoint.PublicId, endpoint.Url, endpoint.Topics, endpoint.Description, secret, endpoint.CreatedAt)),
        };
        commit.Rows.Add(Insert(endpoint));
        commit.Inserts.Add(row);
        var details = new { webhook = endpoint.PublicId, events = endpoint.Topics };
        commit.Inserts.Add(ActivityLog.Row(activity.Entry(http, "webhooks.created", details: details)));
        return (await ledger.CommitAsync(commit)).Required;
    }

    private static RowChange Insert(WebhookEndpoint endpoint) =>
        new(
            """
            with counted as (
                insert into webhooks.owners as o (person_id, endpoints) values ($2, 1)
                on conflict (person_id) do update set endpoints = o.endpoints + 1 where o.endpoints < $7
                returning person_id
            )
            insert into webhooks.endpoints (id, person_id, url, topics, description, created_at)
            select $1, person_id, $3, $4, $5, $6 from counted
            """,
            [
                new NpgsqlParameter<Guid> { TypedValue = endpoint.Id },
                new NpgsqlParameter<Guid> { TypedValue = endpoint.PersonId },
                new NpgsqlParameter<string> { TypedValue = endpoint.Url },
                new NpgsqlParameter<string[]> { TypedValue = endpoint.Topics },
                new NpgsqlParameter<string?> { TypedValue = endpoint.Description },
                new NpgsqlParameter<DateTime> { TypedValue = endpoint.CreatedAt.UtcDateTime },
                new NpgsqlParameter<int> { TypedValue = AtMost },
            ],
            Rows: 1,
            WebhooksRefusals.WebhookLimitReached,
            "webhooks.owners",
            endpoint.PersonId
        );
}
