using System.Diagnostics;

namespace Florin.Biometrics;

/// <summary>One engine that serves or did: its socket, and its process where it is ours. It ends once, for one reason.</summary>
internal sealed class FaceEngineInstance(FaceEngineClient client, FaceEngineVersion version, Process? process, string? folder) : IAsyncDisposable
{
    private const int MostFaults = 3;
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);
    private readonly TaskCompletionSource<string> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool failed;
    private int pictures;
    private int faults;

    /// <summary>Its socket's client.</summary>
    public FaceEngineClient Client => client;

    /// <summary>What it says of itself.</summary>
    public FaceEngineVersion Version => version;

    /// <summary>Its process's id; null where it is not ours.</summary>
    public int? ProcessId { get; } = process?.Id;

    /// <summary>Whether it may be asked: a tired one goes on until its successor is ready.</summary>
    public bool Serves => !failed;

    /// <summary>Completed with the reason when it must be replaced.</summary>
    public Task<string> Ended => ended.Task;

    /// <summary>After a picture that it described or declined: a good one, but it may be time for a fresh process.</summary>
    public void Count(FaceEngineSettings settings)
    {
        Volatile.Write(ref faults, 0);
        if (process is not null && (Interlocked.Increment(ref pictures) >= settings.PicturesPerProcess || Memory() > settings.MemoryPerProcess))
        {
            ended.TrySetResult(FaceEngineProcess.Recycled);
        }
    }

    /// <summary>After a fault: the third in a row ends it.</summary>
    public void CountFault()
    {
        if (Interlocked.Increment(ref faults) >= MostFaults)
        {
            End("faults");
        }
    }

    /// <summary>Ends it at once: a process of ours is killed, in the middle of whatever it does.</summary>
    public void End(string reason)
    {
        Fail(reason);
        Kill();
    }

    /// <summary>Ends it when the process ends.</summary>
    public async Task WatchAsync()
    {
        if (process is not null)
        {
            await process.WaitForExitAsync();
            Fail("exited");
        }
    }

    /// <summary>Asks the process to end, and kills it where it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await EndProcessAsync(process, folder);
    }

    /// <summary>Ends a process of ours and removes the folder of its socket.</summary>
    public static async Task EndProcessAsync(Process? process, string? folder)
    {
        if (process is null)
        {
            return;
        }

        try
        {
            process.StandardInput.Close(); // it takes that for a farewell
            using var patience = new CancellationTokenSource(Farewell);
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync();
            }
        }
        catch (Exception gone) when (gone is InvalidOperationException or IOException or System.ComponentModel.Win32Exception)
        {
            // It ended by itself.
        }

        process.Dispose();
        if (folder is not null && Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Fail(string reason)
    {
        failed = true;
        ended.TrySetResult(reason);
    }

    private void Kill()
    {
        try
        {
            process?.Kill(entireProcessTree: true);
        }
        catch (Exception gone) when (gone is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It ended by itself.
        }
    }

    private long Memory()
    {
        try
        {
            process!.Refresh();
            return process.WorkingSet64;
        }
        catch (InvalidOperationException)
        {
            return 0; // it ended meanwhile, which WatchAsync tells
        }
    }
}
