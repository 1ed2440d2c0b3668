using System.Runtime.InteropServices;
using Npgsql;

namespace Florin.Platform;

/// <summary>A command of the program besides serving, such as <c>./florin verify</c>. A module registers its own.</summary>
/// <param name="Name">The word on the command line.</param>
/// <param name="Help">One line for the list of commands.</param>
/// <param name="RunAsync">Does it; the result is the exit code.</param>
public sealed record Command(string Name, string Help, Func<CommandCall, CancellationToken, Task<int>> RunAsync)
{
    /// <summary>A command that takes nothing.</summary>
    public Command(string name, string help, Func<IServiceProvider, CancellationToken, Task<int>> runAsync)
        : this(name, help, (call, cancel) => runAsync(call.Services, cancel)) { }

    /// <summary>The words that it takes, such as <c>FILE</c>; all of them are needed, but for those in square brackets.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>The options that it takes.</summary>
    public IReadOnlyList<CommandOption> Options { get; init; } = [];

    /// <summary>Further sentences for its <c>--help</c>.</summary>
    public string More { get; init; } = "";
}

/// <summary>An option of a command.</summary>
/// <param name="Name">With its dashes, such as <c>--prove</c>.</param>
/// <param name="Help">One line.</param>
/// <param name="Value">What stands for its value in the help; null for an option that is there or not.</param>
public sealed record CommandOption(string Name, string Help, string? Value = null);

/// <summary>Picks and runs the command that the program was started with.</summary>
public static class Commands
{
    /// <summary>It was done.</summary>
    public const int Done = 0;

    /// <summary>It failed, or what it checked is not in order.</summary>
    public const int Failed = 1;

    /// <summary>The call or the settings are wrong; nothing was done.</summary>
    public const int Misused = 2;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;

    /// <summary>Runs it.</summary>
    /// <returns>The exit code, or null where the program is to serve.</returns>
    public static async Task<int?> RunAsync(WebApplication app, string[] args)
    {
        var commands = app.Services.GetServices<Command>().OrderBy(command => command.Name, StringComparer.Ordinal).ToList();
        var at = Array.FindIndex(args, arg => !arg.StartsWith('-'));
        if (at < 0)
        {
            return args.Contains("--help", StringComparer.Ordinal) ? List(commands, Console.Out, Done) : null;
        }

        if (args[at] is "serve")
        {
            return null;
        }

        if (args[at] is "help")
        {
            return List(commands, Console.Out, Done);
        }

        if (commands.Find(command => string.Equals(command.Name, args[at], StringComparison.Ordinal)) is { } chosen)
        {
            return await RunAsync(new CommandCall(app.Services), chosen, args[(at + 1)..]);
        }

        await Console.Error.WriteLineAsync($"There is no command '{args[at]}'. Commands:");
        return List(commands, Console.Error, Misused);
    }

    /// <summary>Runs one command with what was typed after its name, and says in a sentence what hinders it.</summary>
    internal static async Task<int> RunAsync(CommandCall call, Command command, IReadOnlyList<string> typed)
    {
        if (typed.Contains("--help", StringComparer.Ordinal) || typed.Contains("-h", StringComparer.Ordinal))
        {
            call.Print(CommandHelp.Of(command));
            return Done;
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, stop));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, stop));
        try
        {
            return await command.RunAsync(CommandCall.Read(call, command, typed), stop.Token);
        }
        catch (CommandFailure failure)
        {
            return Say(call, command, failure.Message, failure.ExitCode);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Say(call, command, "interrupted", Interrupted);
        }
        catch (Refusal refusal)
        {
            var fields = refusal.Errors?.SelectMany(field => field.Value.Select(text => $"{field.Key} {text}"));
            return Say(call, command, fields is null ? refusal.Message : string.Join("; ", fields), Failed);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            return Say(call, command, "the database lacks tables: run ./florin migrate", Failed);
        }
        catch (Exception e) when (e is NpgsqlException or IOException or UnauthorizedAccessException)
        {
            return Say(call, command, e.Message, Failed);
        }
    }

    private static void Stop(PosixSignalContext signal, CancellationTokenSource stop)
    {
        signal.Cancel = true; // the command ends itself, and leaves nothing half done
        stop.Cancel();
    }

    private static int Say(CommandCall call, Command command, string text, int exitCode)
    {
        call.Say($"florin {command.Name}: {text}");
        return exitCode;
    }

    private static int List(IReadOnlyList<Command> commands, TextWriter to, int exitCode)
    {
        var width = commands.Max(command => command.Name.Length);
        to.WriteLine($"  {"serve".PadRight(width)}  serve the product (the default)");
        foreach (var command in commands)
        {
            to.WriteLine($"  {command.Name.PadRight(width)}  {command.Help}");
        }

        to.WriteLine("./florin COMMAND --help says more. Exit codes: 0 done, 1 failed, 2 wrong call or settings, 130 interrupted.");
        return exitCode;
    }
}
