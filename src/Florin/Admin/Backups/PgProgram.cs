using System.Diagnostics;
using System.Globalization;
using Florin.Platform;
using Npgsql;

namespace Florin.Admin.Backups;

/// <summary>Runs PostgreSQL's own programs, the newest that this machine has. Passwords go by the environment, never by an argument.</summary>
internal static class PgProgram
{
    /// <summary>Runs one to its end.</summary>
    /// <param name="name">Such as <c>pg_dump</c>.</param>
    /// <param name="arguments">Nothing secret.</param>
    /// <param name="connection">The database; null where the program needs none.</param>
    /// <param name="write">Writes to its standard input, and is told what stands there; null for nothing.</param>
    /// <param name="read">Reads its standard output; null where it is of no interest.</param>
    /// <param name="cancel">Ends the program.</param>
    /// <exception cref="CommandFailure">It is not here, or ended badly; the message is its own.</exception>
    public static async Task RunAsync(
        string name,
        IEnumerable<string> arguments,
        string? connection,
        Func<Stream, Task>? write,
        Func<Stream, Task>? read,
        CancellationToken cancel
    )
    {
        var start = new ProcessStartInfo(PathOf(name), arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Connect(start, connection);
        using var process = Process.Start(start)!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancel);
            var reading = read is null ? process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, cancel) : read(process.StandardOutput.BaseStream);
            var writing = WriteAsync(process, write);
            if (ReferenceEquals(await Task.WhenAny(reading, writing), reading) && reading.IsFaulted)
            {
                process.Kill(); // nobody takes what it says: it would wait for ever
            }

            var pipeBroke = await writing;
            await reading;
            await process.WaitForExitAsync(cancel);
            var said = (await errors).Trim();
            if (process.ExitCode != 0 || pipeBroke)
            {
                throw new CommandFailure($"{name} failed: {(said.Length == 0 ? $"exit code {process.ExitCode}" : said)}");
            }
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    // A program that gives up closes its input; what it says on stderr is the reason then, not the broken pipe.
    private static async Task<bool> WriteAsync(Process process, Func<Stream, Task>? write)
    {
        try
        {
            if (write is not null)
            {
                await write(process.StandardInput.BaseStream);
            }

            process.StandardInput.Close();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static void Connect(ProcessStartInfo start, string? connection)
    {
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name); // of the caller, about some other server
        }

        if (connection is null)
        {
            return;
        }

        var to = new NpgsqlConnectionStringBuilder(connection);
        start.Environment["PGHOST"] = to.Host;
        start.Environment["PGPORT"] = to.Port.ToString(CultureInfo.InvariantCulture);
        start.Environment["PGUSER"] = to.Username;
        start.Environment["PGPASSWORD"] = to.Password;
        start.Environment["PGDATABASE"] = to.Database;
        start.Environment["PGSSLMODE"] = to.SslMode switch
        {
            SslMode.VerifyCA => "verify-ca",
            SslMode.VerifyFull => "verify-full",
            var mode => mode.ToString().ToLowerInvariant(),
        };
        if (to.RootCertificate is { Length: > 0 } root)
        {
            start.Environment["PGSSLROOTCERT"] = root;
        }

        start.Environment["PGAPPNAME"] = "florin-backup";
    }

    private static string PathOf(string name)
    {
        IEnumerable<string> debian = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        IEnumerable<string> redHat = Directory.Exists("/usr") ? Directory.GetDirectories("/usr", "pgsql-*") : [];
        var newest = debian.Concat(redHat).OrderByDescending(MajorOf).Select(folder => Path.Combine(folder, "bin"));
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return newest.Concat(onPath).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw new CommandFailure($"{name} is not here: install PostgreSQL's client programs", Commands.Misused);
    }

    private static int MajorOf(string folder) =>
        int.TryParse(Path.GetFileName(folder).Replace("pgsql-", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            ? major
            : 0;
}
