using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Florin.Platform;

/// <summary>Where logs go: the console, and files where asked.</summary>
internal static class Logs
{
    private const string ConsoleFormat = "florin";

    internal static void AddLogs(this ILoggingBuilder logging, Settings settings)
    {
        var ofOthers = settings.LogLevel > LogLevel.Warning ? settings.LogLevel : LogLevel.Warning;
        logging.ClearProviders();
        logging.SetMinimumLevel(settings.LogLevel);
        foreach (var noisy in new[] { "Microsoft", "System", "Npgsql", "Quartz" })
        {
            logging.AddFilter(noisy, ofOthers);
        }

        logging.AddFilter("Microsoft.Hosting.Lifetime", settings.LogLevel);
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None); // RequestEdge has the line and the scope
        logging.AddFilter("Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware", LogLevel.None); // RefusalResponses logs faults
        logging.AddConsole(console => console.FormatterName = ConsoleFormat);
        logging.AddConsoleFormatter<ConsoleLines, ConsoleFormatterOptions>();
        if (settings.LogFiles)
        {
            logging.Services.AddSingleton<ILoggerProvider, LogFiles>();
        }
    }

    private sealed class ConsoleLines(Settings settings, TimeProvider clock) : ConsoleFormatter(ConsoleFormat)
    {
        private readonly bool json = settings.LogFormat is "json";

        public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter) =>
            textWriter.WriteLine(LogLine.Of(logEntry, scopeProvider, clock.GetUtcNow(), json));
    }
}

/// <summary>
/// Log files <c>Data/logs/florin-YYYYMMDD.log</c>, then <c>florin-YYYYMMDD-1.log</c> … where a day's file is full or another process has it.
/// A thread of its own writes them; callers never wait: where the disk is too slow lines are dropped, and counted in the log.
/// </summary>
internal sealed class LogFiles : ILoggerProvider, ISupportExternalScope
{
    private readonly BlockingCollection<string> lines = new(8192);
    private readonly string folder;
    private readonly long mostBytes;
    private readonly int mostFiles;
    private readonly bool json;
    private readonly TimeProvider clock;
    private readonly Thread writer;
    private IExternalScopeProvider? scopes;
    private long dropped;
    private FileStream? file;
    private string day = "";

    public LogFiles(Settings settings, TimeProvider clock)
    {
        folder = Path.Combine(settings.Data, "logs");
        mostBytes = settings.LogFileMegabytes * 1024L * 1024L;
        mostFiles = settings.LogFileCount;
        json = settings.LogFormat is "json";
        this.clock = clock;
        writer = new Thread(WriteAll) { IsBackground = true, Name = "log files" };
        writer.Start();
    }

    public ILogger CreateLogger(string categoryName) => new FileLogger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => scopes = scopeProvider;

    public void Dispose()
    {
        lines.CompleteAdding();
        if (writer.Join(TimeSpan.FromSeconds(5)))
        {
            lines.Dispose();
            file?.Dispose();
        }
    }

    private void WriteAll()
    {
        foreach (var line in lines.GetConsumingEnumerable())
        {
            try
            {
                WriteLine(line);
                if (Interlocked.Exchange(ref dropped, 0) is > 0 and var count)
                {
                    WriteLine($"{count.ToString(CultureInfo.InvariantCulture)} log lines were dropped: the disk is slower than the log");
                }

                if (lines.Count == 0)
                {
                    file!.Flush();
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Interlocked.Increment(ref dropped); // a full disk stops the log and not the program
                file?.Dispose();
                file = null;
            }
        }
    }

    private void WriteLine(string line)
    {
        var today = clock.GetUtcNow().ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        if (file is null || file.Length >= mostBytes || !string.Equals(today, day, StringComparison.Ordinal))
        {
            Open(today);
        }

        file!.Write(Encoding.UTF8.GetBytes(line + "\n"));
    }

    private void Open(string today)
    {
        file?.Dispose();
        file = null;
        day = today;
        Directory.CreateDirectory(folder);
        for (var number = 0; file is null; number++)
        {
            var path = Path.Combine(folder, number == 0 ? $"florin-{today}.log" : string.Create(CultureInfo.InvariantCulture, $"florin-{today}-{number}.log"));
            try
            {
                if (!File.Exists(path) || new FileInfo(path).Length < mostBytes)
                {
                    // Alone: on Linux only FileShare.None is an exclusive lock, and two appending streams write over each other.
                    file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.None, 16 * 1024);
                }
            }
            catch (IOException) when (number < 1000 && File.Exists(path))
            {
                // Another process writes this one.
            }
        }

        var kept = new DirectoryInfo(folder).GetFiles("florin-*.log").OrderByDescending(one => one.LastWriteTimeUtc).Skip(mostFiles);
        foreach (var old in kept.Where(old => !string.Equals(old.FullName, file.Name, StringComparison.Ordinal)))
        {
            old.Delete();
        }
    }

    private sealed class FileLogger(LogFiles files, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => files.scopes?.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var entry = new LogEntry<TState>(logLevel, category, eventId, state, exception, formatter);
            var line = LogLine.Of(entry, files.scopes, files.clock.GetUtcNow(), files.json);
            if (files.lines.IsAddingCompleted || !files.lines.TryAdd(line))
            {
                Interlocked.Increment(ref files.dropped);
            }
        }
    }
}
