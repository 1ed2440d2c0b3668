using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Gateways;

/// <summary>Handles callbacks that were left: the gateway could not be asked, or the server died between keeping and asking.</summary>
internal static class RetryCallbacks
{
    private const int MostTries = 12;
    private const int AtOnce = 50;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Life = TimeSpan.FromDays(2);

    internal static readonly RecurringJob Job = new("gateways.retry_callbacks", "20 * * * * ?", RunAsync);

    private static async Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        await using var scope = services.CreateAsyncScope();
        var ids = await scope
            .ServiceProvider.GetRequiredService<FlorinDb>()
            .Callbacks.Where(callback => callback.Outcome == CallbackOutcomes.Received || callback.Outcome == CallbackOutcomes.Failed)
            .Where(callback => callback.ReceivedAt < now - Rest && callback.ReceivedAt > now - Life && callback.Tries < MostTries)
            .OrderBy(callback => callback.Tries)
            .ThenBy(callback => callback.ReceivedAt)
            .Select(callback => callback.Id)
            .Take(AtOnce)
            .ToListAsync(cancel);
        var handling = services.GetRequiredService<CallbackHandling>();
        foreach (var id in ids)
        {
            await handling.HandleAsync(id, cancel);
        }
    }
}
