using Florin.Files;
using Florin.Identity;
using Florin.Ledger;
using Florin.Payments;
using Florin.Platform;
using Florin.Vouchers;

namespace Florin.Analytics;

/// <summary>Figures of the house: rollups of payments that the outbox feeds, and what is read of the other modules.</summary>
public static class AnalyticsModule
{
    /// <summary>Its services.</summary>
    public static void AddAnalytics(this IServiceCollection services)
    {
        services.AddSingleton<RollupFeed>();
        services.AddSingleton(RollupFeed.Consumer);
        services.AddSingleton<Rollups>();
        services.AddSingleton(provider => new HouseFigures(
            provider.GetRequiredService<Rollups>(),
            provider.GetRequiredService<PaymentFigures>(),
            provider.GetRequiredService<BookFigures>(),
            provider.GetRequiredService<PeopleFigures>(),
            provider.GetRequiredService<VoucherFigures>(),
            provider.GetRequiredService<FileFigures>()
        ));
        services.AddSingleton(new Command("rebuild-rollups", "count all figures of payments anew, while the server goes on", RebuildAsync));
    }

    /// <summary>Its routes.</summary>
    public static void MapAnalytics(this RouteGroupBuilder v1)
    {
        var analytics = v1.MapGroup("/analytics").WithTags("analytics");
        ShowDashboard.Map(analytics);
        ShowRevenue.Map(analytics);
        ShowMyFigures.Map(analytics);
    }

    private static async Task<int> RebuildAsync(IServiceProvider services, CancellationToken cancel)
    {
        const int step = 100_000;
        var next = step;
        var (payments, refunds, wrong) = await services
            .GetRequiredService<RollupFeed>()
            .RebuildAsync(
                seen =>
                {
                    if (seen >= next)
                    {
                        Console.WriteLine($"{seen} payments read …");
                        next += step;
                    }
                },
                cancel
            );
        Console.WriteLine($"Counted {payments} payments and {refunds} refunds anew; {wrong} sums had been wrong.");
        return 0;
    }
}
