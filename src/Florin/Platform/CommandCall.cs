namespace Florin.Platform;

/// <summary>Ends a command with a sentence for whoever typed it.</summary>
/// <param name="message">What hinders it, and what helps.</param>
/// <param name="exitCode">1 where it failed, 2 where the call or the settings are wrong.</param>
public sealed class CommandFailure(string message, int exitCode = Commands.Failed) : Exception(message)
{
    /// <summary>Of the process.</summary>
    public int ExitCode => exitCode;
}

/// <summary>How a command was called.</summary>
public sealed class CommandCall
{
    private readonly Dictionary<string, string> options = new(StringComparer.Ordinal);

    private readonly TextWriter output;
    private readonly TextWriter errors;

    /// <summary>A call with nothing typed after the command's name.</summary>
    /// <param name="services">The program's.</param>
    public CommandCall(IServiceProvider services)
        : this(services, Console.Out, Console.Error) { }

    internal CommandCall(IServiceProvider services, TextWriter output, TextWriter errors)
    {
        Services = services;
        this.output = output;
        this.errors = errors;
    }

    /// <summary>The program's services. The server does not run.</summary>
    public IServiceProvider Services { get; }

    /// <summary>The words that are no options, in their order.</summary>
    public IReadOnlyList<string> Words { get; private set; } = [];

    /// <summary>Whether an option without a value was given.</summary>
    public bool Has(string option) => options.ContainsKey(option);

    /// <summary>The value of an option; null where it was not given.</summary>
    public string? Value(string option) => options.GetValueOrDefault(option);

    /// <summary>A service of the program.</summary>
    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    /// <summary>A line of the result.</summary>
    public void Print(string line) => output.WriteLine(line);

    /// <summary>Tells how far the work is; on stderr, so that the output stays the result.</summary>
    public void Say(string progress) => errors.WriteLine(progress);

    /// <summary>Reads what was typed after the command's name.</summary>
    /// <exception cref="CommandFailure">An option that there is none of, a value that is missing, too few or too many words.</exception>
    internal static CommandCall Read(CommandCall call, Command command, IReadOnlyList<string> typed)
    {
        var words = new List<string>();
        for (var i = 0; i < typed.Count; i++)
        {
            if (!typed[i].StartsWith('-') || typed[i] is "-")
            {
                words.Add(typed[i]);
                continue;
            }

            if (typed[i].StartsWith("--FLORIN_", StringComparison.Ordinal) && typed[i].Contains('='))
            {
                continue; // a setting, which the configuration has read
            }

            var equals = typed[i].IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? typed[i] : typed[i][..equals];
            var option =
                command.Options.FirstOrDefault(one => string.Equals(one.Name, name, StringComparison.Ordinal))
                ?? throw Wrong(command, $"there is no option {name}");
            var value = option.Value is null
                ? equals < 0
                    ? ""
                    : throw Wrong(command, $"{name} takes no value")
                : equals >= 0
                    ? typed[i][(equals + 1)..]
                    : ++i < typed.Count
                        ? typed[i]
                        : throw Wrong(command, $"{name} needs {option.Value}");
            if (!call.options.TryAdd(name, value))
            {
                throw Wrong(command, $"{name} is given twice");
            }
        }

        var needed = command.Words.Count(word => !word.StartsWith('['));
        call.Words = words;
        return words.Count < needed ? throw Wrong(command, $"{command.Words[words.Count]} is missing")
            : words.Count > command.Words.Count ? throw Wrong(command, $"'{words[command.Words.Count]}' is one word too many")
            : call;
    }

    private static CommandFailure Wrong(Command command, string what) => new($"{what}; see ./florin {command.Name} --help", Commands.Misused);
}

/// <summary>A command's <c>--help</c>.</summary>
internal static class CommandHelp
{
    public static string Of(Command command)
    {
        var words = string.Concat(command.Words.Select(word => " " + word));
        var lines = new List<string> { $"./florin {command.Name}{(command.Options.Count > 0 ? " [options]" : "")}{words}", "  " + command.Help };
        if (command.More.Length > 0)
        {
            lines.Add(command.More);
        }

        var names = command.Options.Select(option => option.Value is null ? option.Name : $"{option.Name} {option.Value}").ToList();
        lines.AddRange(command.Options.Select((option, i) => $"  {names[i].PadRight(names.Max(name => name.Length))}  {option.Help}"));
        return string.Join(Environment.NewLine, lines);
    }
}

/// <summary>Reads a password where nobody can read along: from the terminal without showing it, or as the first line of a pipe. Never from an argument.</summary>
public static class TypedSecret
{
    /// <summary>Reads it; at a terminal twice.</summary>
    /// <exception cref="CommandFailure">Nothing was given, or the two differ.</exception>
    public static string Read(string label)
    {
        if (Console.IsInputRedirected)
        {
            return Console.In.ReadLine() is { Length: > 0 } line ? line : throw new CommandFailure($"no {label} came on stdin", Commands.Misused);
        }

        var typed = ReadKeys(label + ": ");
        return typed.Length == 0 ? throw new CommandFailure($"no {label} was typed", Commands.Misused)
            : string.Equals(typed, ReadKeys(label + " again: "), StringComparison.Ordinal) ? typed
            : throw new CommandFailure("the two differ; nothing was changed", Commands.Misused);
    }

    private static string ReadKeys(string prompt)
    {
        Console.Error.Write(prompt);
        var typed = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key is ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                typed.Append(key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        return typed.ToString();
    }
}
