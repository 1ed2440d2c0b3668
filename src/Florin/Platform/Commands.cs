namespace Florin.Platform;

/// <summary>A command of the program besides serving, such as <c>./florin verify</c>. A module registers its own.</summary>
/// <param name="Name">The word on the command line.</param>
/// <param name="Help">One line for the list of commands.</param>
/// <param name="RunAsync">Does it; the result is the exit code.</param>
public sealed record Command(string Name, string Help, Func<IServiceProvider, CancellationToken, Task<int>> RunAsync)
{
    /// <summary>A command that reads what stands behind its name on the command line.</summary>
    /// <param name="name">The word on the command line.</param>
    /// <param name="help">One line for the list of commands.</param>
    /// <param name="run">Does it with the words behind the name; the result is the exit code.</param>
    public static Command Reading(string name, string help, Func<IServiceProvider, IReadOnlyList<string>, CancellationToken, Task<int>> run) =>
        new(name, help, (services, cancel) => run(services, [], cancel)) { WithWordsAsync = run };

    /// <summary>Takes the words behind the name; null for a command that has none.</summary>
    public Func<IServiceProvider, IReadOnlyList<string>, CancellationToken, Task<int>>? WithWordsAsync { get; private init; }
}

/// <summary>Picks and runs the command that the program was started with.</summary>
public static class Commands
{
    /// <summary>Runs it.</summary>
    /// <returns>The exit code, or null where the program is to serve.</returns>
    public static async Task<int?> RunAsync(WebApplication app, string[] args)
    {
        var name = args.FirstOrDefault(arg => !arg.StartsWith('-')) ?? "serve";
        if (string.Equals(name, "serve", StringComparison.Ordinal))
        {
            return null;
        }

        var commands = app.Services.GetServices<Command>().ToList();
        if (commands.Find(command => string.Equals(command.Name, name, StringComparison.Ordinal)) is { } chosen)
        {
            var words = args.SkipWhile(arg => !string.Equals(arg, name, StringComparison.Ordinal)).Skip(1).ToList();
            return chosen.WithWordsAsync is { } withWords
                ? await withWords(app.Services, words, app.Lifetime.ApplicationStopping)
                : await chosen.RunAsync(app.Services, app.Lifetime.ApplicationStopping);
        }

        Console.Error.WriteLine($"There is no command '{name}'. Commands:");
        Console.Error.WriteLine("  serve     serve the product (the default)");
        foreach (var command in commands)
        {
            Console.Error.WriteLine($"  {command.Name, -9} {command.Help}");
        }

        return 2;
    }
}
