using Florin.Platform;
using Florin.Vouchers;

namespace Florin.Demo;

/// <summary>People to try Florin with, in sandbox mode only. It stands on everything, and nothing stands on it.</summary>
public static class DemoModule
{
    /// <summary>Its services. They come last, so that at the start everything that demo data needs runs already.</summary>
    public static void AddDemo(this IServiceCollection services, Settings settings)
    {
        services.AddSingleton(new Command("seed", "make the demo people, their wallets and the sample vouchers (sandbox)", SeedAsync));
        services.AddSingleton<DemoPeople>();
        if (settings.Demo)
        {
            services.AddHostedService<DemoStart>();
            foreach (var person in DemoPeople.ToTry)
            {
                services.AddSingleton(person);
            }
        }
    }

    // A command runs without the server: what a commit needs is started for it, and nothing listens.
    private static async Task<int> SeedAsync(IServiceProvider services, CancellationToken cancel)
    {
        if (!services.GetRequiredService<Settings>().Sandbox)
        {
            await Console.Error.WriteLineAsync("There are no demo people in live mode.");
            return 2;
        }

        var ours = services
            .GetServices<IHostedService>()
            .Where(hosted => hosted is not DemoStart && hosted.GetType().Assembly == typeof(DemoModule).Assembly)
            .ToList();
        foreach (var hosted in ours)
        {
            await hosted.StartAsync(cancel);
        }

        var made = await services.GetRequiredService<DemoPeople>().SeedAsync(cancel);
        await services.GetRequiredService<VoucherSamples>().SeedAsync(cancel);
        foreach (var hosted in Enumerable.Reverse(ours))
        {
            await hosted.StopAsync(CancellationToken.None);
        }

        Console.WriteLine(made == 0 ? "The demo people are there." : $"{made} demo people made.");
        return 0;
    }
}

/// <summary>Makes the demo people and what there is to buy before the server answers.</summary>
internal sealed class DemoStart(DemoPeople people, VoucherSamples vouchers) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await people.SeedAsync(cancellationToken);
        await vouchers.SeedAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
