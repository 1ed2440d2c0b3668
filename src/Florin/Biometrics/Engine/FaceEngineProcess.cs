using System.Diagnostics;

namespace Florin.Biometrics;

/// <summary>
/// Keeps an engine running: starts it, waits until it is ready, and replaces it when it ends, hangs, fails or has worked enough.
/// Without Node.js or without the engine's packages there is none, which one line in the log says; everything else works.
/// </summary>
internal sealed partial class FaceEngineProcess(FaceEngineSettings settings, FaceEngineQueue queue, TimeProvider clock, ILogger<FaceEngineProcess> log)
    : BackgroundService
{
    /// <summary>The reason of an end that is no failure.</summary>
    public const string Recycled = "recycled";

    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    // No core dump with a picture in it, none of our open files, and where the kernel allows it a network of its own without any address.
    private const string Confined = "ulimit -c 0; exec 7>&- 8>&- >&2; if unshare -rn true 2>/dev/null; then set -- unshare -rn \"$@\"; fi; exec \"$@\"";

    private readonly FaceEngineBreaker breaker = new(clock);
    private volatile FaceEngineInstance? current;

    /// <summary>The engine that serves now; null for none.</summary>
    public FaceEngineInstance? Current => current is { Serves: true } instance ? instance : null;

    /// <summary>The model of the engine that served last; null until one did.</summary>
    public string? ModelId { get; private set; }

    /// <summary>Waits until an engine serves.</summary>
    public async Task AvailableAsync(CancellationToken cancel)
    {
        while (Current is null)
        {
            await Task.Delay(Poll, clock, cancel);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // starting a process takes a while, and the server need not wait for it
        if (WhyNone() is { } reason)
        {
            LogNone(log, reason);
            return;
        }

        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await KeepAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
        finally
        {
            await ReplaceAsync(null);
        }
    }

    private string? WhyNone() =>
        OperatingSystem.IsWindows() ? "it needs Linux or macOS"
        : settings.External is not null ? null
        : settings.Folder is null ? "it is switched off or not beside the program"
        : !Directory.Exists(Path.Combine(settings.Folder, "node_modules")) ? $"its packages are not installed: run npm ci --ignore-scripts in {settings.Folder}"
        : !IsOnPath(settings.Node) ? "Node.js is not installed"
        : null;

    private static bool IsOnPath(string program) =>
        Path.IsPathRooted(program)
            ? File.Exists(program)
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    // One engine from its start to its end. While a recycled one is replaced it goes on serving.
    private async Task KeepAsync(CancellationToken stopping)
    {
        await Task.Delay(breaker.Pause, clock, stopping);
        var fresh = await StartAsync(clock.GetTimestamp(), stopping);
        if (fresh is null)
        {
            breaker.Fail(served: false);
            FaceEngineMetrics.Ends.Add(1, new KeyValuePair<string, object?>("reason", "start"));
            return;
        }

        breaker.Begin();
        await ReplaceAsync(fresh);
        _ = fresh.WatchAsync();
        var reason = await fresh.Ended.WaitAsync(stopping);
        FaceEngineMetrics.Ends.Add(1, new KeyValuePair<string, object?>("reason", reason));
        if (!string.Equals(reason, Recycled, StringComparison.Ordinal))
        {
            LogEnd(log, reason);
            breaker.Fail(served: true);
            await ReplaceAsync(null);
        }
    }

    private async Task ReplaceAsync(FaceEngineInstance? fresh)
    {
        var old = current;
        current = fresh;
        if (fresh is not null)
        {
            ModelId = fresh.Version.ModelId;
        }

        if (old is not null)
        {
            if (fresh is not null)
            {
                await queue.IdleAsync(); // the picture that the old one looks at now is not lost
            }

            await old.DisposeAsync();
        }
    }

    private async Task<FaceEngineInstance?> StartAsync(long begun, CancellationToken stopping)
    {
        Process? process = null;
        FaceEngineClient? client = null;
        string? folder = null;
        try
        {
            var path = settings.External;
            if (path is null)
            {
                folder = SocketFolder();
                path = Path.Combine(folder, "s");
                process = Start(path);
            }

            client = new FaceEngineClient(path);
            var version = await WhenReadyAsync(client, process, stopping);
            if (version is not null)
            {
                LogReady(log, version.Engine, clock.GetElapsedTime(begun).TotalSeconds);
                return new FaceEngineInstance(client, version, process, folder);
            }

            LogNotStarted(log, null);
        }
        catch (Exception fault) when (fault is FaceEngineFaultException or IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            LogNotStarted(log, fault);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Cleaned up below; the loop sees it too.
        }

        client?.Dispose();
        await FaceEngineInstance.EndProcessAsync(process, folder);
        return null;
    }

    private async Task<FaceEngineVersion?> WhenReadyAsync(FaceEngineClient client, Process? process, CancellationToken stopping)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(StartTime);
        try
        {
            while (process?.HasExited is not true)
            {
                if (await client.ReadyVersionAsync(patience.Token) is { } version)
                {
                    return version;
                }

                await Task.Delay(process is null ? 10 * Poll : Poll, clock, patience.Token);
            }
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // Not within the time.
        }

        return null;
    }

    // Each process has a folder of its own, so that a late one never takes away its successor's socket.
    private string SocketFolder()
    {
        if (settings.SocketFolder is null || OperatingSystem.IsWindows())
        {
            return Directory.CreateTempSubdirectory("florin-face-").FullName;
        }

        var folder = Path.Combine(settings.SocketFolder, Guid.NewGuid().ToString("N")[..12]);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return folder;
    }

    private Process Start(string socket)
    {
        var start = new ProcessStartInfo(
            "/bin/sh",
            ["-c", Confined, "sh", settings.Node, "--max-old-space-size=256", "server.mjs", "--socket", socket, "--until-stdin-ends"]
        )
        {
            WorkingDirectory = settings.Folder!,
            UseShellExecute = false,
            RedirectStandardInput = true, // when we die, however, it sees its end
            RedirectStandardError = true,
        };
        start.Environment.Clear(); // our secrets are none of its business
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        start.Environment["NODE_ENV"] = "production";
        start.Environment["UV_THREADPOOL_SIZE"] = "2";
        start.Environment["MALLOC_ARENA_MAX"] = "2"; // pictures come and go: fewer arenas keep less
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { Length: > 0 and < 500 } text)
            {
                LogLine(log, text);
            }
        };
        process.BeginErrorReadLine();
        return process;
    }

    [LoggerMessage(LogLevel.Information, "No face engine, so nobody pays by face: {Reason}")]
    private static partial void LogNone(ILogger log, string reason);

    [LoggerMessage(LogLevel.Information, "The face engine {Engine} serves after {Seconds:0.00} s")]
    private static partial void LogReady(ILogger log, string engine, double seconds);

    [LoggerMessage(LogLevel.Warning, "The face engine did not start; trying again")]
    private static partial void LogNotStarted(ILogger log, Exception? fault);

    [LoggerMessage(LogLevel.Warning, "The face engine ended ({Reason}); starting another")]
    private static partial void LogEnd(ILogger log, string reason);

    [LoggerMessage(LogLevel.Debug, "The face engine says: {Line}")]
    private static partial void LogLine(ILogger log, string line);
}
