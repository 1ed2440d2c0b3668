namespace Florin.Platform;

/// <summary>Work in the background that goes on for as long as the process lives.</summary>
public static partial class Rounds
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Repeats a round until stopped. A fault is logged and the next round begins after a second: the database may be away for a while.</summary>
    /// <param name="name">What it is, for the log.</param>
    /// <param name="round">One round; it waits by itself for something to do.</param>
    /// <param name="clock">Measures the pause.</param>
    /// <param name="log">Where faults are told.</param>
    /// <param name="stopping">Ends it.</param>
    public static async Task RunAsync(string name, Func<CancellationToken, Task> round, TimeProvider clock, ILogger log, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await round(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                LogFault(log, fault, name);
                await Task.Delay(Pause, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Name} failed; trying again in a second")]
    private static partial void LogFault(ILogger log, Exception fault, string name);
}
