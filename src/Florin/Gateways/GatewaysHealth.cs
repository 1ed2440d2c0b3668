using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Gateways;

/// <summary>How the inbox of callbacks is, as a part of the installation.</summary>
internal static class GatewaysHealth
{
    public static readonly HealthPart Part = new(
        "Gateway inbox",
        static async (services, cancel) =>
        {
            var since = services.GetRequiredService<TimeProvider>().GetUtcNow().AddDays(-7);
            var counts = await services
                .GetRequiredService<FlorinDb>()
                .Callbacks.Where(one => one.ReceivedAt > since && (one.Outcome == CallbackOutcomes.Failed || one.Outcome == CallbackOutcomes.Unmatched))
                .GroupBy(one => one.Outcome)
                .Select(group => new { Outcome = group.Key, Count = group.Count() })
                .ToListAsync(cancel);
            return counts.Count == 0
                ? HealthState.Ok("Every callback of the last week was handled.")
                : HealthState.Warning(string.Join(", ", counts.OrderBy(one => one.Outcome).Select(one => $"{one.Count} {one.Outcome}")) + " in the last week.");
        }
    );
}
