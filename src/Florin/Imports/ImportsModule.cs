using Florin.Platform;

namespace Florin.Imports;

/// <summary>Takes over what the old systems held: <c>./florin import</c>.</summary>
public static class ImportsModule
{
    private const int MostProblemsShown = 50;

    /// <summary>Its services.</summary>
    public static void AddImports(this IServiceCollection services)
    {
        services.AddSingleton<Taken>();
        services.AddScoped<Import>();
        services.AddSingleton(Command.Reading("import", "take over an old system's database; without more it says how", RunAsync));
    }

    // A command runs without the server: what a commit needs is started for it, and nothing listens.
    private static async Task<int> RunAsync(IServiceProvider services, IReadOnlyList<string> words, CancellationToken cancel)
    {
        if (ImportOptions.Read(words, out var why) is not { } options)
        {
            await Console.Error.WriteLineAsync(words.Count == 0 ? ImportOptions.Usage : $"{why}\n{ImportOptions.Usage}");
            return 2;
        }

        var needed = services.GetServices<IHostedService>().Where(hosted => hosted.GetType().Namespace is "Florin.Platform" or "Florin.Ledger").ToList();
        foreach (var hosted in needed)
        {
            await hosted.StartAsync(cancel);
        }

        try
        {
            await using var scope = services.CreateAsyncScope();
            return await TellAsync(await scope.ServiceProvider.GetRequiredService<Import>().RunAsync(options, cancel), options);
        }
        catch (Refusal refusal)
        {
            await Console.Error.WriteLineAsync($"Nothing was imported: {refusal.Reason.Code}: {ImportsRefusals.Say(refusal)}");
            return 1;
        }
        finally
        {
            foreach (var hosted in Enumerable.Reverse(needed))
            {
                await hosted.StopAsync(CancellationToken.None);
            }
        }
    }

    private static async Task<int> TellAsync(ImportReport report, ImportOptions options)
    {
        foreach (var line in report.Lines)
        {
            Console.WriteLine(line);
        }

        foreach (var problem in report.Problems.Take(MostProblemsShown))
        {
            await Console.Error.WriteLineAsync("PROBLEM " + problem);
        }

        Console.WriteLine(
            report.Problems.Count > 0 ? $"Nothing was imported: {report.Problems.Count} problems."
            : report.Done ? "Imported."
            : options.DryRun ? "A dry run: nothing was changed."
            : "Nothing was changed."
        );
        return report.Problems.Count > 0 ? 1 : 0;
    }
}
