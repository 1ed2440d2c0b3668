using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Webhooks;

/// <summary>
/// <c>/v1/operations/webhooks</c>: staff see whose endpoints fail or are switched off and how much waits for them, and have what failed sent again. What is
/// sent stays the merchant's.
/// </summary>
internal static class StaffWebhooks
{
    /// <param name="Id"><c>whk_…</c></param>
    /// <param name="Owner"><c>usr_…</c></param>
    /// <param name="Host">Where deliveries go; the rest of the address may hold a secret of the merchant's.</param>
    /// <param name="Enabled">Whether events are sent to it.</param>
    /// <param name="DisabledReason"><c>owner</c>, <c>gone</c> or <c>failing</c>.</param>
    /// <param name="DisabledAt">Since when it is disabled.</param>
    /// <param name="FailingSince">The first failed try since the last success.</param>
    /// <param name="Pending">Deliveries on their way.</param>
    /// <param name="Dead">Deliveries that were given up.</param>
    /// <param name="LastError">Of the last delivery that failed.</param>
    public sealed record Response(
        string Id,
        string Owner,
        string Host,
        bool Enabled,
        string? DisabledReason,
        DateTimeOffset? DisabledAt,
        DateTimeOffset? FailingSince,
        int Pending,
        int Dead,
        string? LastError
    );

    /// <param name="Count">How many deliveries are sent again.</param>
    public sealed record Replayed(int Count);

    /// <summary>How the endpoints are, as a part of the installation.</summary>
    internal static readonly HealthPart Health = new(
        "Webhooks",
        static async (services, cancel) =>
        {
            var failing = await services.GetRequiredService<FlorinDb>().WebhookEndpoints.CountAsync(e => e.DeletedAt == null && e.FailingSince != null, cancel);
            return failing > 0 ? HealthState.Warning($"{failing} endpoints do not answer as they should.") : HealthState.Ok("Every endpoint answers.");
        }
    );

    internal static void Map(RouteGroupBuilder v1)
    {
        var group = v1.MapGroup("/operations/webhooks").WithTags("operations").RequireAuthorization(Policies.Staff);
        group.MapGet("", ListAsync);
        group.MapPost("/{id}/replay", ReplayAsync).RequireAuthorization(Policies.Support);
    }

    private static async Task<Page<Response>> ListAsync(bool? failing, int? limit, string? cursor, FlorinDb db, CancellationToken cancel)
    {
        var page = PageRequest.Read(limit, cursor);
        var rows = await db
            .WebhookEndpoints.AsNoTracking()
            .Where(e => e.DeletedAt == null && (failing != true || e.FailingSince != null || e.DisabledAt != null))
            .Where(e => page.Before == null || e.Id < page.Before)
            .OrderByDescending(e => e.Id)
            .Take(page.Limit + 1)
            .Select(e => new
            {
                Endpoint = e,
                Pending = db.Deliveries.Count(d => d.EndpointId == e.Id && d.State == DeliveryStates.Pending),
                Dead = db.Deliveries.Count(d => d.EndpointId == e.Id && d.State == DeliveryStates.Dead),
                LastError = db
                    .Deliveries.Where(d => d.EndpointId == e.Id && d.State != DeliveryStates.Delivered && d.LastError != null)
                    .OrderByDescending(d => d.Id)
                    .Select(d => d.LastError)
                    .FirstOrDefault(),
            })
            .ToListAsync(cancel);
        return page.Of(
            rows,
            row => row.Endpoint.Id,
            row => new Response(
                row.Endpoint.PublicId,
                Ids.Show("usr", row.Endpoint.PersonId),
                new Uri(row.Endpoint.Url).Authority,
                row.Endpoint.DisabledAt is null,
                row.Endpoint.DisabledReason,
                row.Endpoint.DisabledAt,
                row.Endpoint.FailingSince,
                row.Pending,
                row.Dead,
                row.LastError
            )
        );
    }

    private static async Task<Replayed> ReplayAsync(string id, HttpContext http, FlorinDb db, Replays replays, ActivityLog activity, CancellationToken cancel)
    {
        var key = Ids.Read(WebhookEndpoint.Prefix, id);
        var endpoint =
            await db.WebhookEndpoints.AsNoTracking().SingleOrDefaultAsync(e => e.Id == key && e.DeletedAt == null, cancel)
            ?? throw PlatformRefusals.NotFound.With();
        var entry = activity.Entry(http, "webhooks.replayed", endpoint.PersonId, new { webhook = id });
        return new Replayed((await replays.SendAgainAsync(endpoint, new ReplayRange(null, null, null, OnlyFailed: true), entry, cancel)).Count);
    }
}
