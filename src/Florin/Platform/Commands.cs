namespace Florin.Platform;

/// <summary>A command of the program besides serving, such as <c>./florin verify</c>. A module registers its own.</summary>
/// <param name="Name">The word on the command line.</param>
/// <param name="Help">One line for the list of commands.</param>
/// <param name="RunAsync">Does it; the result is the exit code.</param>
public sealed record Command(string Name, string Help, Func<IServiceProvider, CancellationToken, Task<int>> RunAsync);

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
            return await chosen.RunAsync(app.Services, app.Lifetime.ApplicationStopping);
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
