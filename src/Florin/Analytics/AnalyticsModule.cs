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
        services.AddSingleton(new RecurringJob("analytics.fold_rollups", "53 * * * * ?", FoldAsync));
        services.AddSingleton(new Command("rebuild-rollups", "count all figures of payments, vouchers and files anew, while the server goes on", RebuildAsync));
    }

    /// <summary>Its routes.</summary>
    public static void MapAnalytics(this RouteGroupBuilder v1)
    {
        var analytics = v1.MapGroup("/analytics").WithTags("analytics");
        ShowDashboard.Map(analytics);
        ShowRevenue.Map(analytics);
        ShowMyFigures.Map(analytics);
    }

    // What changes of vouchers and files wrote is added to their sums. Figures are right without it; reading them stays as quick as it is.
    private static async Task FoldAsync(IServiceProvider services, CancellationToken cancel)
    {
        await services.GetRequiredService<VoucherFigures>().FoldAsync(cancel);
        await services.GetRequiredService<FileFigures>().FoldAsync(cancel);
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
        wrong += await services.GetRequiredService<VoucherFigures>().RecountAsync(cancel);
        wrong += await services.GetRequiredService<FileFigures>().RecountAsync(cancel);
        Console.WriteLine($"Counted {payments} payments, {refunds} refunds, all vouchers and all files anew; {wrong} sums had been wrong.");
        return 0;
    }
}
