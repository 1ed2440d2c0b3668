using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Gateways;

/// <summary><c>GET /v1/gateways/callbacks</c>: what gateways have told us, newest first, of one gateway, outcome or attempt where asked.</summary>
internal static class ListCallbacks
{
    internal static void Map(RouteGroupBuilder callbacks) => callbacks.MapGet("", HandleAsync);

    private static async Task<Page<CallbackView>> HandleAsync(
        string? gateway,
        string? outcome,
        Guid? attempt,
        int? limit,
        string? cursor,
        FlorinDb db,
        CancellationToken cancel
    )
    {
        var page = PageRequest.Read(limit, cursor);
        if (outcome is not null && !CallbackOutcomes.All.Contains(outcome, StringComparer.Ordinal))
        {
            throw PlatformRefusals.InvalidRequest.Field("outcome", "must be one of " + string.Join(", ", CallbackOutcomes.All));
        }

        if (gateway is not null && !GatewaysModule.Names.Contains(gateway, StringComparer.Ordinal))
        {
            throw PlatformRefusals.InvalidRequest.Field("gateway", "must be one of " + string.Join(", ", GatewaysModule.Names));
        }

        var rows = await db
            .Callbacks.AsNoTracking()
            .Where(callback => gateway == null || callback.Gateway == gateway)
            .Where(callback => attempt == null || callback.Attempt == attempt)
            .Where(callback => outcome == null || callback.Outcome == outcome)
            .Where(callback => page.Before == null || callback.Id < page.Before)
            .OrderByDescending(callback => callback.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, callback => callback.Id, CallbackView.Of);
    }
}
