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
        services.AddSingleton(Command);
    }

    /// <summary>The command.</summary>
    internal static Command Command { get; } =
        new("import", "take over an old system's database", RunAsync)
        {
            Words = ["SYSTEM"],
            Options =
            [
                new CommandOption("--from", "its SQLite database; it is only read", "FILE"),
                new CommandOption("--dry-run", "say what would happen, and do nothing"),
                new CommandOption("--source", "how this database is called, where there are several of one system (default: SYSTEM)", "NAME"),
                new CommandOption(
                    "--merge-by",
                    "email,phone,username: who is here already by one of them is the same person, and keeps password and names",
                    "LIST"
                ),
                new CommandOption(
                    "--without",
                    "email,username: where one is taken or malformed, the person comes without it, if another login is left",
                    "LIST"
                ),
                new CommandOption("--currency", "of amounts that have none (default: the default currency)", "CODE"),
                new CommandOption("--trust-addresses", "the old system proved that e-mail addresses and phone numbers are theirs"),
            ],
            More =
                $"SYSTEM is one of {string.Join(", ", ImportOptions.Systems)}. All or nothing; run again, it imports nothing twice. "
                + "For --merge-by, e-mail addresses and phone numbers count only where they were proven here. docs/importing.md says what is taken.",
        };

    // A command runs without the server: what a commit needs is started for it, and nothing listens.
    private static async Task<int> RunAsync(CommandCall call, CancellationToken cancel)
    {
        var options = ImportOptions.Of(call);
        var services = call.Services;
        var needed = services.GetServices<IHostedService>().Where(hosted => hosted.GetType().Namespace is "Florin.Platform" or "Florin.Ledger").ToList();
        foreach (var hosted in needed)
        {
            await hosted.StartAsync(cancel);
        }

        try
        {
            await using var scope = services.CreateAsyncScope();
            return Tell(call, await scope.ServiceProvider.GetRequiredService<Import>().RunAsync(options, cancel, call.Say), options);
        }
        catch (Refusal refusal)
        {
            throw new CommandFailure($"nothing was imported: {refusal.Reason.Code}: {ImportsRefusals.Say(refusal)}");
        }
        finally
        {
            foreach (var hosted in Enumerable.Reverse(needed))
            {
                await hosted.StopAsync(CancellationToken.None);
            }
        }
    }

    private static int Tell(CommandCall call, ImportReport report, ImportOptions options)
    {
        foreach (var line in report.Lines)
        {
            call.Print(line);
        }

        foreach (var problem in report.Problems.Take(MostProblemsShown))
        {
            call.Say("PROBLEM " + problem);
        }

        call.Print(
            report.Problems.Count > 0 ? $"Nothing was imported: {report.Problems.Count} problems."
            : report.Done ? "Imported."
            : options.DryRun ? "A dry run: nothing was changed."
            : "Nothing was changed."
        );
        return report.Problems.Count > 0 ? 1 : 0;
    }
}
