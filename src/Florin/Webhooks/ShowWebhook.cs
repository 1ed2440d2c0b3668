using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Webhooks;

/// <summary>One of the merchant's own endpoints.</summary>
internal static class ShowWebhook
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/{id}", HandleAsync);

    /// <summary>The caller's endpoint.</summary>
    /// <exception cref="Refusal"><c>not_found</c>, also where it is another's</exception>
    internal static async Task<WebhookEndpoint> OwnAsync(FlorinDb db, Caller caller, string id, CancellationToken cancel)
    {
        var endpoint = Ids.Read(WebhookEndpoint.Prefix, id);
        return await db
                .WebhookEndpoints.AsNoTracking()
                .SingleOrDefaultAsync(e => e.Id == endpoint && e.PersonId == caller.Person && e.DeletedAt == null, cancel)
            ?? throw PlatformRefusals.NotFound.With();
    }

    private static async Task<WebhookView> HandleAsync(string id, Caller caller, FlorinDb db, CancellationToken cancel) =>
        WebhookView.Of(await OwnAsync(db, caller, id, cancel));
}
